"""How soon a person is answered without a telephone between, beside Pipecat: their last sound to our first.

The same people (`bench/peers/talker.py`) hand the same sentences to both in frames of 20 ms, in real time; both recognise
in 0.25 s on no processor, hear 好的 and answer at once with 0.8 s of sound. Ours is a whole call but for the line:
clock, Silero, early recognition, the end of the turn, conversation. Pipecat is a pipeline a call in one process
(`bench/peers/pipecat_turns.py`), run by the Python of a venv that FAIRDIAL_PEERS_VENV names. Overhead is what a gap
exceeds the side's own silence (ours 160 ms; Pipecat's stop time) and the recognition by.

`python -m bench.replies sound` counts in virtual time, in which no computation takes any: what the sound itself and
the ticks cost, the same on any machine. FAIRDIAL_BENCH_CALLS, _TURNS and _RUNS make a run smaller.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.density import PEERS
from bench.harness import RUNS, goal, median, report
from bench.peers.talker import FRAME_S, Talker, told
from bench.person import number_of, sentences
from bench.turns import MODELS, STUB_S, ShortClips, Stub
from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.core.hearing.endpoint import Endpoint
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.permit import SpentPermit
from fairdial.core.script.parse import parse_script
from fairdial.models import require
from fairdial.ports import Answered, Closed, Ringing, Signal
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.endings import load_endings
from fairdial.voice.sound import Samples
from fairdial.voice.vad import SileroVad
from tests.call.stories import VALUES, Book
from tests.core.scripts import content
from tests.line.contract import spent
from tests.virtual_time import run_virtually

ROOT = Path(__file__).parents[1]
CALLS, TURNS = int(os.environ.get("FAIRDIAL_BENCH_CALLS", "100")), int(os.environ.get("FAIRDIAL_BENCH_TURNS", "6"))
TIMES = int(os.environ.get("FAIRDIAL_BENCH_RUNS", str(RUNS)))
FEWER = 20
"""What a core carries of Pipecat (`bench/density.py`: 22)."""

STOPS_S = (0.2, 0.16)
"""Pipecat's stop times: the one its documentation recommends, and our own first pause."""

Run = dict[str, Any]


class Wire:
    """A call without a telephone: the methods of `fairdial.ports.LineCall`; frames come as they are spoken."""

    def __init__(self, person: Talker, phase_s: float) -> None:
        self.call_id: str | None = None
        self._person, self._phase_s = person, phase_s
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._is_open = False
        for signal in (Ringing(), Answered()):
            self._signals.put_nowait(signal)

    async def next_signal(self) -> Signal:
        return await self._signals.get()

    def read(self) -> bytes:
        now_s = asyncio.get_running_loop().time()
        if not self._is_open:  # the person's frames and our ticks are not in step
            self._is_open = True
            self._person.begin(now_s - self._phase_s)
        if self._person.is_done(now_s):
            self._close("BYE")
        return b"".join(self._person.frames_due(now_s))

    def write(self, pcm: bytes) -> None:
        self._person.hear(pcm, asyncio.get_running_loop().time())

    def flush(self) -> None:
        pass

    async def hang_up(self) -> None:
        self._close("hung up")

    def _close(self, reason: str) -> None:
        if not any(isinstance(signal, Closed) for signal in self._signals._queue):  # type: ignore[attr-defined]
            self._signals.put_nowait(Closed(status=None, reason=reason))


class Wires:
    """A line of such calls."""

    name = "practice"

    def __init__(self, wires: dict[str, Wire]) -> None:
        self._wires, self.capacity = wires, len(wires)

    async def dial(self, spent: SpentPermit) -> Wire:
        return self._wires[spent.permit.number]


@dataclass(frozen=True)
class Noting(Stub):
    """Tells the person, who keeps the times, when recognition was begun and done."""

    person: Talker

    async def words(self, samples: npt.NDArray[np.int16], hints: Hints = NO_HINTS) -> str:
        loop = asyncio.get_running_loop()
        self.person.recognition_began(loop.time())
        text = await super().words(samples, hints)
        self.person.recognised(loop.time())
        return text


async def hold(said: list[Samples], *, calls: int, turns: int, run: int, folder: Path) -> Run:
    """Hold our calls, with their line in memory."""
    script = parse_script(content() | {"longest_s": 600}, name="bench")
    phases = np.random.default_rng(run).uniform(0, FRAME_S, calls)
    people = {number_of(index): Talker(said, first=3 * index + run, turns=turns) for index in range(calls)}
    wires = {number: Wire(people[number], float(phase)) for number, phase in zip(people, phases, strict=True)}
    async with running(VoiceClock(SileroVad(require("silero-vad", MODELS)))) as clock:
        tools = CallTools(
            line=Wires(wires),
            clock=clock,
            clips=ShortClips(folder),
            ears=Stub(),
            book=Book(),
            recordings=folder,
            taking=TurnTaking(),
            limits=CallLimits(),
            endpoint=Endpoint(endings=load_endings()),
        )

        async def one(index: int, number: str) -> None:
            await asyncio.sleep(0.131 * index)
            plan = CallPlan(permit=spent(number).permit, script=script, values=VALUES, zone="Asia/Shanghai")
            await Conduct(plan, replace(tools, ears=Noting(people[number]))).run()

        began_cpu_s, began_s = time.process_time(), time.monotonic()
        await asyncio.gather(*(one(index, number) for index, number in enumerate(people)))
        spent_cpu_s, spent_s = time.process_time() - began_cpu_s, time.monotonic() - began_s
    return told(list(people.values()), cpu_s=spent_cpu_s, wall_s=spent_s)


def ours(said: list[Samples], *, calls: int, run: int, is_virtual: bool) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        story = hold(said, calls=calls, turns=_turns(calls), run=run, folder=Path(folder))
        return run_virtually(story) if is_virtual else asyncio.run(story)


def pipecats(path: Path, *, calls: int, stop_s: float, is_virtual: bool) -> Run:
    script = str(ROOT / "bench" / "peers" / "pipecat_turns.py")
    command = [str(PEERS), script, str(path), str(calls), str(_turns(calls)), str(stop_s), str(STUB_S)]
    done = subprocess.run(
        command + ["virtual"] * is_virtual, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    run: Run = json.loads(done.stdout.splitlines()[-1])
    return run


def _turns(calls: int) -> int:
    return 2 * TURNS if calls == 1 else TURNS


def figures(runs: list[Run], *, silence_ms: float) -> dict[str, float]:
    """Medians over the runs: gaps, what they exceed the critical path by, and where it comes from."""
    critical_ms = silence_ms + 1000 * STUB_S
    turns = [np.array(run["turns"]).reshape(-1, 3) for run in runs]

    def middle(share: float, *parts: int) -> float:
        return median([float(np.quantile(one[:, list(parts)].sum(axis=1), share)) for one in turns])

    out = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        gap = middle(share, 0, 1, 2)
        out |= {f"gap {name}, ms": round(gap), f"overhead {name}, ms": round(gap - critical_ms)}
        out |= {
            f"of it until recognition begins {name}, ms": round(middle(share, 0) - silence_ms),
            f"of it in recognition {name}, ms": round(middle(share, 1) - 1000 * STUB_S),
            f"of it after recognition {name}, ms": round(middle(share, 2)),
        }
    counts = {name: sum(run[name] for run in runs) for name in ("unanswered", "talked over")}
    shares = {name: round(median([run[name] for run in runs]), 3) for name in ("frames late", "cores")}
    return out | {"turns": sum(len(one) for one in turns)} | counts | shares


def main() -> None:
    is_virtual = "sound" in sys.argv[1:]
    said = list(sentences().values())
    mine: dict[int, dict[str, float]] = {}
    theirs: dict[tuple[int, float], dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.npz"
        np.savez(path, *said)
        for calls in (1, CALLS):
            runs = [ours(said, calls=calls, run=run, is_virtual=is_virtual) for run in range(TIMES)]
            mine[calls] = figures(runs, silence_ms=TurnTaking().pause_ms)
        for stop_s in STOPS_S if PEERS.exists() else ():
            for calls in sorted({1, min(FEWER, CALLS), CALLS}):
                runs = [pipecats(path, calls=calls, stop_s=stop_s, is_virtual=is_virtual) for _ in range(TIMES)]
                theirs[calls, stop_s] = figures(runs, silence_ms=1000 * stop_s)
    crowd = mine[CALLS]["overhead p95, ms"]
    goals = [goal(f"overhead at {CALLS} calls over the stub's critical path, p95, ms", 20, crowd, at_least=False)]
    for calls in sorted({calls for calls, _ in theirs}):
        best = min(theirs[calls, stop_s]["overhead p95, ms"] for stop_s in STOPS_S)
        what = f"the same to Pipecat's best at {calls}" + (", which is more than it carries" if calls > FEWER else "")
        goals.append(goal(what, 0.2, crowd / best if best > 0 else float("inf"), at_least=False))
    report(
        "replies",
        ours=_named(mine)
        | {"load average": round(os.getloadavg()[0], 1), "synthetic": True, "virtual": is_virtual, "runs": TIMES},
        peers={
            f"pipecat 1.14, its Silero, stop time {round(1000 * stop_s)} ms": _named(
                {calls: one for (calls, stop), one in theirs.items() if stop == stop_s}
            )
            for stop_s in STOPS_S
            if theirs
        },
        goals=goals,
    )


def _named(by_calls: dict[int, dict[str, float]]) -> dict[str, float]:
    return {
        f"{calls} call{'s' * (calls > 1)}, {name}": value
        for calls, one in by_calls.items()
        for name, value in one.items()
    }


if __name__ == "__main__":
    main()
