"""`python -m fairdial.rehearsal`: the practice phone network as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairdial.errors import FairdialError
from fairdial.rehearsal.journal import Journal
from fairdial.rehearsal.network import Network, NetworkOptions
from fairdial.rehearsal.persona import Persona, wordings
from fairdial.rehearsal.persona_file import load_assignment, load_personas
from fairdial.rehearsal.sounds import Sounds, load_sounds


def main() -> int:
    """Run until SIGTERM or SIGINT.

    Returns:
        0 when it was told to end, 2 when a file is wrong, 3 when it cannot listen.
    """
    given = _arguments()
    try:
        people = load_assignment(given.assign, load_personas(given.personas))
        sounds = load_sounds(wordings(people.values()), given.clips)
        options = NetworkOptions(host=given.host, sip_port=given.sip_port, rtp_ports=given.rtp_ports)
        offset = timedelta(seconds=given.clock_offset)
        with Journal(given.log, clock=lambda: datetime.now(UTC) + offset) as journal:
            asyncio.run(_serve(options, people, sounds, journal, ends_with_parent=given.ends_with_parent))
    except FairdialError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


async def _serve(
    options: NetworkOptions,
    people: Mapping[str, Persona],
    sounds: Sounds,
    journal: Journal,
    *,
    ends_with_parent: bool,
) -> None:
    """Answer calls until told to end; `ends_with_parent` also ends when standard input is closed."""
    network = Network(options, people=people, sounds=sounds, journal=journal)
    await network.open()
    ticking = asyncio.create_task(network.run())
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ticking.cancel)
    if ends_with_parent:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ticking.cancel)
    print(f"READY {options.host}:{options.sip_port}", flush=True)
    try:
        await asyncio.wait((ticking,))
    finally:
        await network.close()
    if not ticking.cancelled():
        ticking.result()  # the clock never ends by itself; a defect in a phone must be seen


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fairdial.rehearsal", description="The practice phone network.")
    parser.add_argument("--personas", type=Path, required=True, help="YAML file of the people")
    parser.add_argument("--assign", type=Path, required=True, help="JSON object: number → persona")
    parser.add_argument("--clips", type=Path, required=True, help="folder of their rendered speech")
    parser.add_argument("--log", type=Path, required=True, help="network.jsonl, appended to")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--sip-port", type=int, default=5070)
    parser.add_argument("--rtp-ports", type=_port_range, default=(34000, 36000), metavar="FIRST-LAST")
    parser.add_argument("--clock-offset", type=float, default=0.0, metavar="SECONDS", help="added to every logged time")
    parser.add_argument("--ends-with-parent", action="store_true", help="end when standard input is closed")
    return parser.parse_args()


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not 1024 <= int(first) < int(last) <= 65535:
        raise argparse.ArgumentTypeError("give FIRST-LAST, for example 34000-36000")
    return int(first), int(last)


if __name__ == "__main__":
    sys.exit(main())
