"""What stops our words and what does not, beside Silero alone at the same recall; an echo of our own words apart.

Every sound falls into a clip of ours that is being said by a real `CallVoice`, tick by tick, through A-law; a stop is
`after_ms` (384, a script's default) of the person's voice. Silero alone stops after so much voice above a threshold; both are swept,
and the setting with the fewest false stops that has our recall is taken. Speech is read Mandarin (AISHELL-1, the speaker
who was not used in development); hums are rendered and coughs, noises and speakerphones simulated, with words, voices
and seeds that were not. How long the wire takes after the decision is not in it.
One pass; nothing is timed against the clock.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.harness import goal, report
from bench.sounds import a_law, cough, line_noise, speakerphone
from bench.turn_clips import DATA, VOICES, spoken
from fairdial.core.hearing.turns import WINDOW_MS, TurnTaking
from fairdial.models import require
from fairdial.settings import read_settings
from fairdial.voice.call_voice import CallVoice, Sustained, VoiceEvent
from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples, read_sound
from fairdial.voice.vad import SileroVad
from tests.line.fake_line import FakeCall

HUMS = ("对对", "哦哦", "嗯哼", "是", "好")
AFTER_MS = 384
BEGINS_S, LASTS_S = 0.6, 2.2
RECALLED_MS = 800
"""An interruption counts as heard when it stops us within this."""


class Wire(FakeCall):
    """Gives one sound back, frame by frame."""

    def __init__(self, sound: Samples) -> None:
        super().__init__("", "")
        self._frames = iter(sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES))

    def read(self) -> bytes:
        return bytes(next(self._frames).tobytes())


def follow(sound: Samples, ours: Samples, vad: SileroVad) -> tuple[list[tuple[int, int]], list[float]]:
    """When how much speech had been counted, in ms, and Silero's probability of every window."""
    told: list[VoiceEvent] = []
    voice = CallVoice(Wire(sound), taking=TurnTaking(), report=told.append)
    voice.say(ours)
    counted, probabilities = [], []
    for tick in range(len(sound) // FRAME_SAMPLES):
        window = voice.tick()
        if window is not None:
            [probability] = vad.probabilities([window], [voice.vad])
            probabilities.append(probability)
            voice.hear(probability)
        counted += [(tick * 20 + 20, e.unbroken_ms) for e in told if isinstance(e, Sustained)]
        told.clear()
    return counted, probabilities


def heard(sound: npt.NDArray[np.floating] | Samples, *, seed: int) -> Samples:
    """A sound as the line brings it, after a while of the line's own noise."""
    line = np.random.default_rng(seed).normal(0, 12, int((BEGINS_S + LASTS_S) * TELEPHONE_RATE))
    begin = int(BEGINS_S * TELEPHONE_RATE)
    line[begin : begin + len(sound)] += sound[: len(line) - begin]
    return a_law(line)


def stop_ours(counted: list[tuple[int, int]]) -> float | None:
    """Milliseconds after the sound began; None when it stopped nothing."""
    return next((at - 1000 * BEGINS_S for at, speech in counted if speech >= AFTER_MS), None)


def stop_silero(probabilities: list[float], *, threshold: float, voice_ms: int) -> float | None:
    """The same for so much voice in a row, gaps of up to 96 ms forgiven."""
    voice = gap = 0
    for number, probability in enumerate(probabilities):
        gap = 0 if probability >= threshold else gap + 1
        voice = 0 if gap > 3 else voice + (gap == 0)
        if voice * WINDOW_MS >= voice_ms:
            return (number + 1) * WINDOW_MS - 1000 * BEGINS_S
    return None


def recall(stops: list[float | None]) -> float:
    return sum(stop is not None and stop <= RECALLED_MS for stop in stops) / len(stops)


def false(stops: list[float | None]) -> int:
    return sum(stop is not None for stop in stops)


def main() -> None:
    vad = SileroVad(require("silero-vad", read_settings(os.environ).models))
    clips = sorted((Path(__file__).parents[1] / "examples" / "insurance-renewal" / "clips").glob("*.ogg"))
    ours = max((read_sound(path) for path in clips), key=len)
    hums = spoken([(text, voice) for text, voice in product(HUMS, VOICES["kept aside"])])
    hums += [read_sound(path) for path in sorted((DATA / "audio" / "turns").glob("backchannel*.wav"))]
    nothing = [*hums, *(cough(1000 + n) for n in range(20)), *(line_noise(1000 + n) for n in range(20))]
    people = [read_sound(path) for path in sorted((DATA / "audio" / "aishell-8k").glob("*.wav"))[50:90]]
    talking = [follow(heard(_from_its_first_sound(s), seed=n), ours, vad) for n, s in enumerate(people)]
    quiet = [follow(heard(s, seed=n), ours, vad) for n, s in enumerate(nothing)]
    chance = np.random.default_rng(1000)
    echoes = [
        follow(
            speakerphone(
                ours[: int(LASTS_S * TELEPHONE_RATE)],
                delay_ms=60 + int(chance.integers(0, 320)),
                loss_db=float(chance.uniform(6, 24)),
                seed=1000 + n,
            ),
            ours,
            vad,
        )
        for n in range(30)
    ]
    stopped = [stop_ours(counted) for counted, _ in talking]
    rows = []
    for threshold, voice_ms in product((0.5, 0.6, 0.7, 0.8, 0.9, 0.95), range(64, 705, 32)):
        way = {"threshold": threshold, "voice_ms": voice_ms}
        by = [stop_silero(p, **way) for _, p in talking]  # type: ignore[arg-type]
        if recall(by) >= recall(stopped):
            wrong = [stop_silero(p, **way) for _, p in quiet]  # type: ignore[arg-type]
            given_back = [stop_silero(p, **way) for _, p in echoes]  # type: ignore[arg-type]
            rows.append((false(wrong), false(given_back), way, by))
    plain_false, plain_echo, way, plain = min(rows, key=lambda row: row[0])
    ours_false, ours_echo = (false([stop_ours(c) for c, _ in some]) for some in (quiet, echoes))
    report(
        "interrupt",
        ours={
            **_delays(stopped),
            "false stops": ours_false,
            "of hums, coughs and noises": len(nothing),
            "stops by an echo": ours_echo,
            "of echoes": len(echoes),
            "synthetic": True,
        },
        peers={"Silero alone": {**_delays(plain), **way, "false stops": plain_false, "stops by an echo": plain_echo}},
        goals=[
            goal(
                "false stops, as a share of Silero's at equal recall",
                0.5,
                ours_false / max(1, plain_false),
                at_least=False,
            ),
            goal("stops by an echo, as a share of Silero's", 0.5, ours_echo / max(1, plain_echo), at_least=False),
            goal(
                f"stop after the {AFTER_MS} ms the script asks for, p95, ms",
                120,
                float(np.quantile([s for s in stopped if s is not None], 0.95)) - AFTER_MS,
                at_least=False,
            ),
        ],
    )


def _from_its_first_sound(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 0.05 * np.abs(samples.astype(np.int32)).max())
    return samples[loud[0] :]


def _delays(stops: list[float | None]) -> dict[str, float]:
    made = [stop for stop in stops if stop is not None]
    return {
        f"recall within {RECALLED_MS} ms": round(recall(stops), 3),
        "stop after the first sound, p50_ms": round(float(np.quantile(made, 0.5))),
        "stop after the first sound, p95_ms": round(float(np.quantile(made, 0.95))),
    }


if __name__ == "__main__":
    main()
