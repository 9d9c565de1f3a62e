"""How long after the last word a turn counts as over, at no more than 5 % of hesitating turns cut: ours and Smart Turn v3.2.

Synthetic turns (`bench/turn_clips.py`), the part that is kept aside; nothing was asked for (`Expects.OPEN`), so that both
judge the same. Silero's windows are the same for both. Ours recognises in the first pause (Whisper base) and needs what
its text needs. Smart Turn judges 200 ms after speech and, when it says "incomplete", gives up after a time-out, as in
Pipecat. Both are swept (ours: the silence after whole words, and a factor for the others;
Smart Turn: threshold and time-out) and take their best
setting on these very clips. Computing counts with its processor time, so that other work on the machine does not.

One pass, nothing is timed against the clock. What precedes a pause is rendered by itself: to Smart Turn it may sound
finished, while it tells the unfinished clips of Easy-Turn well. The figure says how much the words help on such speech,
and less about Smart Turn on people.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import soundfile

from bench.harness import goal, report
from bench.turn_clips import PEERS, ROOT, Turn, turns
from fairdial.core.hearing.endpoint import Endpoint, Expects, Patience, silence_needed
from fairdial.core.hearing.turns import WINDOW_MS, Listening, Quiet, Speaking, TurnTaking, VoiceStarted, Window, listen
from fairdial.models import require
from fairdial.settings import read_settings
from fairdial.voice.endings import load_endings
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.vad import WINDOW, SileroVad, VadStream

MOST_CUT = 0.05
JUDGED_MS = 200
"""Silence after which Smart Turn is asked (Pipecat's default with it)."""

TAKING = replace(TurnTaking(), end_ms=10_000)
MODELS = read_settings(os.environ).models
MS = 8
"""Samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One silence of a turn: since when, when it was noticed and until when; samples; `until` None for the last one."""

    since: int
    until: int | None
    text: str = ""
    heard_after_ms: float = 0.0
    probability: float = 0.0
    judged_after_ms: float = 0.0


def stops(turn: Turn, vad: SileroVad, recogniser: WhisperRecogniser) -> list[Stop]:
    """The silences of at least the first short pause, and what is recognised in each."""
    listening: Listening = Quiet()
    stream, began = VadStream(), 0
    found: list[Stop] = []
    for end in range(WINDOW, len(turn.samples) + 1, WINDOW):
        [probability] = vad.probabilities([turn.samples[end - WINDOW : end]], [stream])
        window = Window(probability=probability, level=stream.level, noise=stream.floor)
        before = listening
        listening, heard = listen(listening, window, taking=TAKING)
        if isinstance(heard, VoiceStarted) and not began:
            began = end - heard.ago_ms * MS
        if isinstance(listening, Speaking) and listening.silent_ms - WINDOW_MS < TAKING.pause_ms <= listening.silent_ms:
            since = end - listening.silent_ms * MS
            at = time.process_time()
            text = recogniser.recognise(turn.samples[max(0, began - 2000) : end]).text
            took = (time.process_time() - at) * 1000
            found.append(Stop(since=since, until=None, text=text, heard_after_ms=TAKING.pause_ms + took))
        elif _goes_on(before, listening):
            found[-1] = replace(found[-1], until=end)
    return found


def _goes_on(before: Listening, now: Listening) -> bool:
    """Whether speech has come back after a pause."""
    if not isinstance(before, Speaking) or not isinstance(now, Speaking):
        return False
    return before.silent_ms >= TAKING.pause_ms and not now.silent_ms


def judged(heard: Sequence[tuple[Turn, list[Stop]]]) -> list[tuple[Turn, list[Stop]]]:
    """Ask Smart Turn about every silence that lasts long enough."""
    with tempfile.TemporaryDirectory() as folder:
        asked = []
        for number, (turn, found) in enumerate(heard):
            path = Path(folder) / f"{number}.wav"
            soundfile.write(path, turn.samples, 8000, subtype="PCM_16")
            asked.append({"path": str(path), "ends": [stop.since + JUDGED_MS * MS for stop in found]})
        done = subprocess.run(
            [PEERS, "-m", "bench.peers.smart_turn"],
            input="\n".join(json.dumps(one) for one in asked),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=True,
        )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (
            turn,
            [
                replace(stop, probability=p, judged_after_ms=JUDGED_MS + 1000 * s)
                for stop, (p, s) in zip(found, answer, strict=True)
            ],
        )
        for (turn, found), answer in zip(heard, answers, strict=True)
    ]


def ours(complete_ms: int, factor: float) -> Callable[[Stop], float]:
    kept = Patience()
    patience = Patience(
        complete_ms=complete_ms,
        doubtful_ms=max(complete_ms, int(kept.doubtful_ms * factor)),
        unfinished_ms=max(complete_ms, int(kept.unfinished_ms * factor)),
    )
    endpoint = Endpoint(endings=load_endings(), patience=patience)

    def ends_after(stop: Stop) -> float:
        return max(stop.heard_after_ms, silence_needed(stop.text, expects=Expects.OPEN, endpoint=endpoint))

    return ends_after


def smart_turn(threshold: float, timeout_ms: float) -> Callable[[Stop], float]:
    return lambda stop: stop.judged_after_ms if stop.probability >= threshold else timeout_ms


def silence_alone(timeout_ms: float) -> Callable[[Stop], float]:
    return lambda _: timeout_ms


def outcome(heard: Sequence[tuple[Turn, list[Stop]]], ends_after: Callable[[Stop], float]) -> tuple[float, list[float]]:
    """The share of hesitating turns that were cut, and the delays in ms of all others."""
    cut, hesitating, delays = 0, 0, []
    for turn, found in heard:
        hesitating += turn.pause is not None
        for stop in found:
            at = stop.since + ends_after(stop) * MS
            if stop.until is not None and at < stop.until:
                cut += turn.pause is not None
                break
            if stop.until is None:
                delays.append((at - turn.end) / MS)
    return cut / max(1, hesitating), delays


def best(heard: Sequence[tuple[Turn, list[Stop]]], ways: dict[str, Callable[[Stop], float]]) -> dict[str, object]:
    """The way with the least mean delay among those that cut few enough."""
    rows = [(*outcome(heard, way), name) for name, way in ways.items()]
    cut, delays, name = min((row for row in rows if row[0] <= MOST_CUT), key=lambda row: statistics.mean(row[1]))
    return figures(cut, delays) | {"setting": name}


def figures(cut: float, delays: list[float]) -> dict[str, object]:
    return {
        "cut": round(cut, 3),
        "mean_ms": round(statistics.mean(delays)),
        "p50_ms": round(statistics.median(delays)),
        "p95_ms": round(float(np.quantile(delays, 0.95))),
    }


def main() -> None:
    part = sys.argv[1] if len(sys.argv) > 1 else "kept aside"
    most = int(sys.argv[2]) if len(sys.argv) > 2 else None
    drawn = turns(part, count=100, most=most)
    vad = SileroVad(require("silero-vad", MODELS))
    recogniser = WhisperRecogniser(require("whisper-base", MODELS), threads=1)
    heard = judged([(turn, stops(turn, vad, recogniser)) for turn in drawn])
    shipped = figures(*outcome(heard, ours(Patience().complete_ms, 1.0)))
    family = product(range(224, 1505, 64), (0.5, 0.75, 1.0, 1.25, 1.5, 2.0))
    swept = best(heard, {f"complete {ms} ms, others × {f}": ours(ms, f) for ms, f in family})
    timeouts = range(300, 3001, 100)
    grid = product([*(n / 20 for n in range(1, 20)), 0.98, 0.99, 1.01], timeouts)
    peer = best(heard, {f"threshold {t}, time-out {ms} ms": smart_turn(t, ms) for t, ms in grid})
    alone = best(heard, {f"{ms} ms": silence_alone(ms) for ms in timeouts})
    report(
        "endpoint",
        ours={
            **{f"as shipped, {name}": value for name, value in shipped.items()},
            **{f"at 5 % cut, {name}": value for name, value in swept.items()},
            "turns": len(drawn),
            "with a pause": sum(turn.pause is not None for turn in drawn),
            "recognition, median ms of processor": round(
                statistics.median(stop.heard_after_ms - TAKING.pause_ms for _, found in heard for stop in found)
            ),
            "synthetic": True,
        },
        peers={"Smart Turn v3.2 (pipecat-ai 1.14.0)": peer, "Silero and a fixed silence": alone},
        goals=[
            goal(f"{name} at 5 % cut, as a share of Smart Turn's", 0.6, swept[name] / peer[name], at_least=False)  # type: ignore[operator]
            for name in ("mean_ms", "p50_ms", "p95_ms")
        ],
    )


if __name__ == "__main__":
    main()
