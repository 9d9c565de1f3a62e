"""How soon a person is answered: their last sound to our first, on their side of the wire, over real SIP and G.711.

Everything a call does runs: line, clock, Silero, early recognition, the end of the turn, understanding, conversation. Two
things are short or fixed, so that a call has many turns: our answers last 0.8 s, and whatever is said counts as a
question about the price (it is understood first, in full). Whole sentences of the example's people (rendered speech).
With `stub` recognition takes a scripted time on no processor, and what exceeds it and the silence is overhead.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.harness import RUNS, goal, median, report
from bench.person import number_of
from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.hearing.endpoint import Endpoint
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.policy.case import LineKind
from fairdial.core.script.parse import parse_script
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.models import require
from fairdial.ports import Ears
from fairdial.settings import read_settings
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.ears import LocalEars
from fairdial.voice.endings import load_endings
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.sound import TELEPHONE_RATE, Samples
from fairdial.voice.vad import SileroVad
from tests.call.stories import VALUES, Book
from tests.core.scripts import content
from tests.line.contract import spent
from tests.rehearsal.practice import free_port

STUB_S = 0.25
CRITICAL_MS = 160 + 1000 * STUB_S
"""The first short pause and the scripted recognition: what no implementation of this shape can be faster than."""

MODELS = read_settings(os.environ).models


class ShortClips(ClipShelf):
    """Whatever is said lasts 0.8 s; synthetic."""

    def sound(self, wordings: object) -> Samples:
        noise = np.random.default_rng(1).normal(0, 3000, TELEPHONE_RATE * 8 // 10)
        return np.asarray(noise, dtype=np.int16)


class AsksThePrice:
    """Ears that understand every sentence, and then take it for a question about the price."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears

    async def words(self, samples: npt.NDArray[np.int16], hints: Hints = NO_HINTS) -> str:
        return await self._ears.words(samples, hints)

    async def meaning(self, text: str) -> Understood:
        await self._ears.meaning(text)
        return Understood(meaning=Meaning.ASK_PRICE, confidence=1.0, evidence="bench")


class Stub:
    """Hears 好的 after a scripted time."""

    async def words(self, samples: npt.NDArray[np.int16], hints: Hints = NO_HINTS) -> str:
        await asyncio.sleep(STUB_S)
        return "好的"

    async def meaning(self, text: str) -> Understood:
        return Understood(meaning=Meaning.ASK_PRICE, confidence=1.0, evidence="bench")


async def place(calls: int, port: int, ears: Ears, folder: Path) -> int:
    """Hold the calls; returns how many ticks of the clock were late."""
    written = content() | {"longest_s": 300}
    script = parse_script(written, name="bench")
    options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=f"127.0.0.1:{port}", capacity=calls)
    vad = SileroVad(require("silero-vad", MODELS))
    async with open_line(options) as line, running(VoiceClock(vad)) as clock:
        tools = CallTools(
            line=line,
            clock=clock,
            clips=ShortClips(folder),
            ears=ears,
            book=Book(),
            recordings=folder,
            taking=TurnTaking(),
            limits=CallLimits(),
            endpoint=Endpoint(endings=load_endings()),
        )

        async def one(index: int) -> None:
            await asyncio.sleep(0.13 * index)  # people are not called in step
            permit = spent(number_of(index)).permit
            await Conduct(CallPlan(permit=permit, script=script, values=VALUES, zone="Asia/Shanghai"), tools).run()

        await asyncio.gather(*(one(index) for index in range(calls)))
        return clock.punctuality.late


def gaps(ears: Ears, *, calls: int, turns: int) -> list[int]:
    """The gaps of every turn of one run, in milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        asked = ("--port", str(port), "--calls", str(calls), "--turns", str(turns), "--log", f"{name}/network.jsonl")
        person = subprocess.Popen(
            [sys.executable, "-m", "bench.person", *asked], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert person.stdout is not None
        assert person.stdout.readline() == "READY\n"
        asyncio.run(place(calls, port, ears, Path(name)))
        out, _ = person.communicate("\n", timeout=30)
    return [gap for one in json.loads(out).values() for gap in one]


def measured(ears: Ears, *, calls: int, turns: int) -> dict[str, float]:
    """p50 and p95 of each run, their medians over the runs."""
    runs = [gaps(ears, calls=calls, turns=turns) for _ in range(RUNS)]
    return {
        "p50_ms": round(median([float(np.quantile(run, 0.5)) for run in runs])),
        "p95_ms": round(median([float(np.quantile(run, 0.95)) for run in runs])),
        "turns": sum(len(run) for run in runs),
    }


def main() -> None:
    many = int(os.environ.get("FAIRDIAL_BENCH_CALLS", "100"))
    settings = read_settings(os.environ)
    recognition = asyncio.run(open_recognition(settings.recognition, settings.models))
    local = LocalEars(recognition, Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding()))
    ears = AsksThePrice(local)
    one, ten = (measured(ears, calls=calls, turns=turns) for calls, turns in ((1, 12), (10, 6)))
    asyncio.run(local.close())
    alone, crowd = (measured(Stub(), calls=calls, turns=6) for calls in (1, many))
    report(
        "turns",
        ours={
            **{f"1 call, {name}": value for name, value in one.items()},
            **{f"10 calls, {name}": value for name, value in ten.items()},
            **{f"stub, 1 call, {name}": value for name, value in alone.items()},
            **{f"stub, {many} calls, {name}": value for name, value in crowd.items()},
            "load average": round(os.getloadavg()[0], 1),
            "synthetic": True,
        },
        peers={
            "commercial services, independent measurements (not run here)": {
                "p50_ms": "1296-1740",
                "p95_ms": "1768-2259",
            }
        },
        goals=[
            goal("end of speech to first sound, 1 call, p50, ms", 650, one["p50_ms"], at_least=False),
            goal("the same, p95", 1000, one["p95_ms"], at_least=False),
            goal(
                f"overhead at {many} calls over the stub's critical path, p95, ms",
                20,
                crowd["p95_ms"] - CRITICAL_MS,
                at_least=False,
            ),
            goal(f"what {many} calls add to the p95 of one, ms", 20, crowd["p95_ms"] - alone["p95_ms"], at_least=False),
        ],
    )


if __name__ == "__main__":
    main()
