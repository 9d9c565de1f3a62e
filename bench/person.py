"""The far end of `bench/turns.py`, a process of its own: people who answer, speak, and measure how soon they are answered.

The practice network carries the calls; gaps are counted on its side of the wire, in its ticks of 20 ms, from the last
loud sample that was sent to the first loud one that came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fairdial.core.script.clip import Wording
from fairdial.rehearsal import phone
from fairdial.rehearsal.journal import Journal
from fairdial.rehearsal.network import Network, NetworkOptions
from fairdial.rehearsal.persona import (
    Behaviour,
    Event,
    FrameHeard,
    HangUp,
    Persona,
    Say,
    SpeechEnded,
    State,
    Turn,
    When,
    wordings,
)
from fairdial.rehearsal.persona_file import load_personas
from fairdial.rehearsal.sounds import Sounds, load_sounds
from fairdial.voice.sound import TELEPHONE_RATE, Samples

EXAMPLES = Path(__file__).parents[1] / "examples"
LONGEST_S = 3.0


def sentences() -> dict[Wording, Samples]:
    """What the example's people say in one breath, cut to what is loud."""
    people = load_personas(EXAMPLES / "insurance-renewal" / "personas.yaml")
    persons = [p for p in people.values() if p.behaviour is Behaviour.ANSWER and "voicemail" not in p.name]
    clips = load_sounds(wordings(persons), EXAMPLES / "insurance-renewal" / "persona-clips").clips
    cut = {wording: _cut(samples) for wording, samples in clips.items()}
    return {wording: samples for wording, samples in cut.items() if len(samples) < LONGEST_S * TELEPHONE_RATE}


def _cut(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 0.05 * np.abs(samples.astype(np.int32)).max())
    return samples[loud[0] : loud[-1] + 1]


def person(number: str, said: list[Wording], *, turns: int, first: int) -> Persona:
    """Says something whenever the system has finished, `turns` times; everybody begins with another sentence."""
    acts = [
        Turn(when=When.SYSTEM_FINISHED, after_ms=300, act=Say(wording=said[(first + n) % len(said)]))
        for n in range(turns)
    ]
    return Persona(
        name=number,
        behaviour=Behaviour.ANSWER,
        turns=(*acts, Turn(when=When.SYSTEM_FINISHED, act=HangUp())),
        quiet_ms=300,
        patience_ms=20_000,
    )


class Gaps:
    """How long each person waited for the first sound after their own last one, in milliseconds."""

    def __init__(self) -> None:
        self.ms: dict[str, list[int]] = defaultdict(list)
        self._ended: dict[str, int] = {}

    def advance(self, who: Persona, state: State, event: Event) -> tuple[State, tuple[object, ...]]:
        match event:
            case SpeechEnded(at_ms=at):
                self._ended[who.name] = at
            case FrameHeard(at_ms=at, is_speech=True) if who.name in self._ended:
                self.ms[who.name].append(at - self._ended.pop(who.name))
        return _advance(who, state, event)


_advance = phone.advance


async def serve(port: int, rtp: tuple[int, int], people: dict[str, Persona], clips: Sounds, log: Path) -> None:
    with Journal(log, clock=lambda: datetime.now(UTC)) as journal:
        network = Network(NetworkOptions(sip_port=port, rtp_ports=rtp), people=people, sounds=clips, journal=journal)
        await network.open()
        ticking = asyncio.create_task(network.run())
        print("READY", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        ticking.cancel()
        await network.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "calls", "turns"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    given = parser.parse_args()
    said = sentences()
    numbers = [number_of(n) for n in range(given.calls)]
    people = {number: person(number, list(said), turns=given.turns, first=3 * n) for n, number in enumerate(numbers)}
    gaps = Gaps()
    phone.advance = gaps.advance  # type: ignore[assignment]
    rtp = (40_000 + given.port % 1000 * 20, 40_000 + given.port % 1000 * 20 + 4 * given.calls + 20)
    asyncio.run(serve(given.port, rtp, people, Sounds(clips=said), given.log))
    print(json.dumps(gaps.ms), flush=True)


def number_of(index: int) -> str:
    """A practice number, which belongs to nobody."""
    return f"+861540009{index:04d}"


if __name__ == "__main__":
    main()
