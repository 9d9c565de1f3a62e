"""How many calls one core listens to: 99 % of 20 ms ticks on time, everybody listening, people speaking 40 % of the time.

Sound is synthetic: sentences rendered for the examples' personas, with pauses, over line noise; some lines are noisy.
Recognition is stubbed on both sides (an utterance is handed over, and nothing is done with it), and neither side has a
telephone: what the embedded SIP stack costs is a figure of its own, by `bench.soak`. What is counted is CPU time of the process, so that
neighbours on the machine matter less: each tick's cost is put after the one before, and a tick is on time when it has
ended before the next is due. The peer is Pipecat (PyPI `pipecat-ai`) in a venv of its own, named by FAIRDIAL_PEERS_VENV.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.harness import RUNS, goal, median, report
from fairdial.core.hearing.turns import TurnTaking
from fairdial.models import require
from fairdial.voice.call_voice import CallVoice
from fairdial.voice.clock import VoiceClock
from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples, read_sound
from fairdial.voice.vad import SileroVad

ROOT = Path(__file__).parents[1]
PEERS = Path(os.environ.get("FAIRDIAL_PEERS_VENV", ROOT / ".venv-peers")) / "bin" / "python"
TICK_S, ON_TIME, TICKS, WARM_UP = 0.02, 0.99, 200, 50
TRACKS, SECONDS, SPEECH = 40, 40, 0.4

Costs = Callable[[int], list[float]]
"""CPU seconds of each tick with so many calls."""


def main() -> None:
    models = Path(os.environ.get("FAIRDIAL_MODELS", "~/.cache/fairdial/models")).expanduser()
    vad = SileroVad(require("silero-vad", models))
    sound = tracks(np.random.default_rng(20))

    def ours(calls: int) -> list[float]:
        return our_costs(vad, sound, calls)

    our_calls, their_calls = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.npy"
        np.save(path, sound)

        def theirs(calls: int) -> list[float]:
            command = [
                str(PEERS),
                str(ROOT / "bench" / "peers" / "pipecat_density.py"),
                str(path),
                str(calls),
                str(TICKS),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            return [float(cost) for cost in json.loads(done.stdout.splitlines()[-1])]

        for _ in range(RUNS):
            our_calls.append(most_calls(ours, first=100))
            their_calls.append(most_calls(theirs, first=10) if PEERS.exists() else 0)
    mine, peer = median([float(n) for n in our_calls]), median([float(n) for n in their_calls])
    goals = [goal("calls a core, 99 % of ticks on time, no telephone", 100, mine)]
    if peer:
        goals.append(goal("calls a core, ours to Pipecat's", 5, mine / peer))
    report(
        "density",
        ours={
            "calls a core, listening, recognition stubbed": mine,
            "runs": our_calls,
            "sound": "synthetic, 40 % speech",
        },
        peers={"pipecat 1.14, its Silero": {"calls a core, listening, recognition stubbed": peer, "runs": their_calls}}
        if peer
        else {},
        goals=goals,
    )


def most_calls(costs: Costs, *, first: int) -> int:
    """The most calls, in steps of 10 %, at which enough ticks are on time; begins at what the mean cost of `first` calls allows."""
    mean = sum(costs(first)) / TICKS
    calls = max(1, int(first * TICK_S / mean * 0.9))
    is_enough = on_time(costs(calls)) >= ON_TIME
    while True:
        step = max(1, calls // 10)
        if not is_enough:
            calls -= step
            if calls < 1 or on_time(costs(calls)) >= ON_TIME:
                return calls
        elif on_time(costs(calls + step)) < ON_TIME:
            return calls
        else:
            calls += step


def on_time(costs: list[float]) -> float:
    """Share of ticks that end before the next is due, when they wait for one another on one core."""
    ends_s, count = 0.0, 0
    for tick, cost in enumerate(costs):
        ends_s = max(ends_s, tick * TICK_S) + cost
        count += ends_s <= (tick + 1) * TICK_S
    return count / len(costs)


def our_costs(vad: SileroVad, sound: Samples, calls: int) -> list[float]:
    clock, utterances = VoiceClock(vad), []
    for call in range(calls):
        track = np.roll(sound[call % len(sound)], -call * 7 * FRAME_SAMPLES).tobytes()
        clock.add(CallVoice(_FarEnd(track), taking=TurnTaking(), report=utterances.append))
    costs = []
    for _ in range(WARM_UP + TICKS):
        began = time.process_time()
        clock.tick()
        costs.append(time.process_time() - began)
    return costs[WARM_UP:]


class _FarEnd:
    """A call whose sound is there already; the methods of `fairdial.ports.LineCall` that a clock uses."""

    def __init__(self, track: bytes) -> None:
        self._track, self._at = track, 0

    def read(self) -> bytes:
        frame = self._track[self._at : self._at + 2 * FRAME_SAMPLES]
        self._at = (self._at + 2 * FRAME_SAMPLES) % len(self._track)
        return frame

    def write(self, pcm: bytes) -> None:
        pass

    def flush(self) -> None:
        pass


def tracks(rng: np.random.Generator) -> Samples:
    """(TRACKS, samples) of people who speak 40 % of the time; noise at −56 dBFS, on every fourth line at −42."""
    sentences = [read_sound(path) for path in sorted(ROOT.glob("examples/*/persona-clips/*.ogg"))]
    length = SECONDS * TELEPHONE_RATE // FRAME_SAMPLES * FRAME_SAMPLES
    out = np.zeros((TRACKS, length), dtype=np.int16)
    for row in range(TRACKS):
        track = rng.normal(size=length) * (260 if row % 4 == 0 else 52)
        at = int(rng.uniform(0, TELEPHONE_RATE))
        while True:
            said = sentences[rng.integers(len(sentences))]
            if at + len(said) > length:
                break
            track[at : at + len(said)] += said
            at += len(said) + int(len(said) * (1 / SPEECH - 1) * rng.uniform(0.5, 1.5))
        out[row] = np.clip(track, -32768, 32767)
    return out


if __name__ == "__main__":
    main()
