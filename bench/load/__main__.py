"""Calls a second through gate, permit, SIP and record, and calls at once, with SIPp as the carrier, everything on this machine.

Real: the command line, PostgreSQL (embedded), gate, permits, SIP, records, evidence, workers as processes. Synthetic: the
people and the carrier, SIPp on loopback, which lets calls ring and refuses them as busy. *Without listening* means that: calls
that end before anybody answers. The product has no mode in which it talks and does not listen, and people who hang up within
seconds, as a carrier's program would have to, pull the brake on its caller number; how many calls it listens to at once is
what `bench.density` and `bench.soak` say. Beside it stands SIPp calling SIPp in the same run: what two cores carry with nothing
behind the signalling. A call's processor time is told, because it means something on a busy machine, too.

    python -m bench.load                         two minutes each, as in docs/benchmarks.md (needs sipp: apt install sip-tester)
    python -m bench.load --seconds 20 --lists    quickly, without the lists of many sizes
    python -m bench.load --lists 10000 1000000   cost of a call by the size of its list
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.harness import goal, report
from bench.load.carrier import Ending, answering, calling, is_here, sipp
from bench.load.installation import Installation, installation
from bench.load.measure import Span, measured

SHORT, LONG = Ending(ring_s=0.2), Ending(ring_s=20)
FASTEST = 150
"""Calls a second for which lists are long enough."""


def asked() -> argparse.Namespace:
    read = argparse.ArgumentParser(
        prog="python -m bench.load", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    read.add_argument("--seconds", type=float, default=120.0, help="of each measurement (120)")
    read.add_argument("--processes", type=int, default=2, help="workers for calls a second (2)")
    read.add_argument("--places", type=int, default=100, help="calls at once for each of them (100)")
    read.add_argument("--at-once", type=int, default=360, help="places for calls at once, over three workers (360)")
    read.add_argument(
        "--lists", type=int, nargs="*", default=[10_000, 1_000_000], help="sizes of lists (10000 1000000)"
    )
    return read.parse_args()


def main() -> None:
    if not is_here():
        raise SystemExit("sipp is missing; apt install sip-tester 缺少 sipp")
    read = asked()
    workers, places = read.processes, read.processes * read.places
    with installation() as there:
        there.prepares()
        enough = int(read.seconds + 20) * FASTEST
        busy = _told(there, "busy", SHORT, enough, read.seconds, workers, places)
        at_once = _told(
            there, "ringing", LONG, read.at_once * int(4 + read.seconds / 20), read.seconds, 3, read.at_once
        )
        alone = _sipp_alone(there.folder, SHORT)
        by_size = [_by_size(there, size, min(read.seconds, 30.0), workers, places) for size in read.lists]
    spans = {f"{SHORT.name}, {workers} workers": busy}
    spans |= {f"{LONG.name}, 3 workers with {read.at_once} places": at_once}
    sizes = {f"list of {size:,}: processor, ms a call": cost for size, cost, _ in by_size}
    sizes |= {f"list of {size:,}: imported, s": took for size, _, took in by_size}
    goals = [
        goal(f"calls a second, {workers} workers", 60, busy.per_second),
        goal("calls at once without listening", 300, at_once.most_at_once),
        goal("failed calls", 0, busy.failed + at_once.failed, at_least=False),
    ]
    if len(by_size) > 1:
        goals.append(
            goal("cost of a call, longest list to shortest", 1.2, by_size[-1][1] / by_size[0][1], at_least=False)
        )
    report(
        "load",
        ours={f"{name}: {what}": value for name, span in spans.items() for what, value in span.told().items()}
        | sizes
        | {"seconds each": read.seconds, "load average now": round(os.getloadavg()[0], 1)},
        peers={"SIPp calling SIPp": {f"{SHORT.name}: calls a second": alone}},
        goals=goals,
        runs=1,
    )


def _told(
    there: Installation, name: str, ending: Ending, contacts: int, seconds: float, processes: int, capacity: int
) -> Span:
    there.takes_list(name, contacts)
    span = measured(there, name, ending, processes=processes, capacity=capacity, seconds=seconds)
    print(name, span.told(), file=sys.stderr, flush=True)
    return span


def _by_size(there: Installation, size: int, seconds: float, processes: int, capacity: int) -> tuple[int, float, float]:
    """Size, milliseconds of processor a call, seconds of the import."""
    name = f"list{size}"
    took = there.takes_list(name, size)
    span = measured(there, name, SHORT, processes=processes, capacity=capacity, seconds=seconds)
    print(name, f"imported in {took:.0f} s", span.told(), file=sys.stderr, flush=True)
    cost: dict[str, Any] = span.cpu_ms
    return size, round(sum(cost[who] for who in ("workers", "supervisor", "PostgreSQL")), 1), round(took, 1)


def _sipp_alone(folder: Path, ending: Ending, *, seconds: int = 8) -> int:
    """The highest of rising rates at which no call failed and nothing was sent twice."""
    best = 0
    for rate in (100, 200, 400, 600, 800, 1000, 1300, 1600, 2000, 2500, 3000, 4000):
        limits = ["-r", str(rate), "-m", str(rate * seconds), "-l", str(int(rate * (ending.ring_s + 2)))]
        with (
            sipp(folder, "callee", answering(ending)) as callee,
            sipp(folder, "caller", calling(), f"127.0.0.1:{callee.port}", *limits) as caller,
        ):
            try:
                caller.process.wait(1.25 * seconds + ending.ring_s + 4)
            except subprocess.TimeoutExpired:
                break
            counted = caller.counted()
            if (
                counted.failed
                or counted.successful < rate * seconds
                or counted.retransmissions > rate * seconds // 1000
            ):
                break
            best = rate
    return best


if __name__ == "__main__":
    main()
