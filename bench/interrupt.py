"""What stops our words and what does not, beside Silero alone at the same recall; an echo of our own words apart.

Every sound falls into a clip of ours that is being said by a real `CallVoice`, tick by tick, through A-law; a stop is
`after_ms` (384, a script's default) of the person's voice. Silero alone, with no gate before it, stops after so much voice
above a threshold; both are swept, and the setting with the fewest false stops that has our recall is taken. Speech is read
Mandarin (AISHELL-1), by itself and over a speakerphone's echo; hums are rendered, coughs, noises and speakerphones simulated.
The speaker, words, voices and seeds are not those of development; `python -m bench.interrupt development` takes the latter.
What stopped us and is read as a hum, a nod or nothing lets our words go on. How long the wire takes after the decision is
not in it. One pass; nothing is timed against the clock.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.harness import goal, report
from bench.sounds import a_law, cough, line_noise, speakerphone
from bench.turn_clips import DATA, VOICES, spoken
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.reply import is_nod
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.hearing.hints import NO_HINTS
from fairdial.core.hearing.turns import WINDOW_MS, TurnTaking
from fairdial.models import require
from fairdial.settings import read_settings
from fairdial.voice.call_voice import CallVoice, Sustained, VoiceEvent
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples, read_sound
from fairdial.voice.vad import SileroVad, VadStream
from tests.line.fake_line import FakeCall

HUMS = {
    "development": ("嗯嗯", "对", "哦", "嗯", "好好", "是是", "啊", "喔喔", "对对对"),
    "kept aside": ("对对", "哦哦", "嗯哼", "是", "好"),
}
SPEAKER = {"development": "BAC009S0150", "kept aside": "BAC009S0252"}
SEED = {"development": 0, "kept aside": 1000}
SENTENCES, COUGHS, NOISES, ECHOES = 40, 20, 20, 30
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What came of one sound: when how much unbroken speech was told, in ms, and what Silero alone says of each window."""

    sound: Samples
    told: list[tuple[int, int]]
    alone: list[float]

    @property
    def stop(self) -> float | None:
        """Milliseconds after the sound began at which it stopped our words; None when it did not."""
        return next((at - 1000 * BEGINS_S for at, unbroken in self.told if unbroken >= AFTER_MS), None)


class NoGate(VadStream):
    """Silero is asked about every window."""

    @property
    def open_for(self) -> int:
        return 9

    @open_for.setter
    def open_for(self, value: int) -> None: ...


def follow(sound: Samples, ours: Samples, vad: SileroVad) -> Followed:
    events: list[VoiceEvent] = []
    voice = CallVoice(Wire(sound), taking=TurnTaking(), report=events.append)
    voice.say(ours)
    stream = NoGate()
    told, alone = [], []
    for tick in range(len(sound) // FRAME_SAMPLES):
        window = voice.tick()
        if window is not None:
            both, alike = vad.probabilities([window, window], [voice.vad, stream])
            alone.append(alike)
            voice.hear(both)
        told += [(tick * 20 + 20, e.unbroken_ms) for e in events if isinstance(e, Sustained)]
        events.clear()
    return Followed(sound=sound, told=told, alone=alone)


def heard(sound: npt.NDArray[np.floating] | Samples, *, seed: int) -> Samples:
    """A sound as the line brings it, after a while of the line's own noise."""
    line = np.random.default_rng(seed).normal(0, 12, int((BEGINS_S + LASTS_S) * TELEPHONE_RATE))
    begin = int(BEGINS_S * TELEPHONE_RATE)
    line[begin : begin + len(sound)] += sound[: len(line) - begin]
    return a_law(line)


def stop_silero(probabilities: list[float], threshold: float, voice_ms: int) -> float | None:
    """When so much voice in a row stops our words, gaps of up to 96 ms forgiven."""
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


def sounds(part: str) -> tuple[list[Samples], list[Samples]]:
    """Sentences of people from their first sound on, and what is no interruption."""
    paths = sorted((DATA / "audio" / "aishell-8k").glob(f"{SPEAKER[part]}*.wav"))[:SENTENCES]
    nothing = spoken([(text, voice) for text, voice in product(HUMS[part], VOICES[part])])
    if part == "kept aside":
        nothing += [read_sound(path) for path in sorted((DATA / "audio" / "turns").glob("backchannel*.wav"))]
    nothing += [cough(SEED[part] + n) for n in range(COUGHS)]
    nothing += [line_noise(SEED[part] + n) for n in range(NOISES)]
    return [_from_its_first_sound(read_sound(path)) for path in paths], nothing


def given_back(ours: Samples, part: str) -> list[Samples]:
    """Our words as speakerphones give them back."""
    chance = np.random.default_rng(SEED[part])
    return [
        speakerphone(
            ours[: int((BEGINS_S + LASTS_S) * TELEPHONE_RATE)],
            delay_ms=60 + int(chance.integers(0, 320)),
            loss_db=float(chance.uniform(6, 24)),
            seed=SEED[part] + n,
        )
        for n in range(ECHOES)
    ]


async def go_on_after(stopped: list[Samples]) -> int:
    """How many of these let our words go on, once they are read."""
    settings = read_settings(os.environ)
    recognition = await open_recognition(settings.recognition, settings.models)
    texts = [(await recognition.words(sound, NO_HINTS)).text for sound in stopped]
    await recognition.close()
    return sum(_goes_on(text) for text in texts)


def _goes_on(text: str) -> bool:
    understood = understand_by_rule(text) or Understood(
        meaning=Meaning.ACCEPT, confidence=1.0, evidence="a yes, if any"
    )
    nod = SentenceHeard(text=text, understood=understood, over_speech=True, unsaid_ms=3000)
    return understood.meaning in (Meaning.BACKCHANNEL, Meaning.GREETING, Meaning.UNCLEAR) or is_nod(nod)


def main() -> None:
    part = "development" if "development" in sys.argv else "kept aside"
    vad = SileroVad(require("silero-vad", read_settings(os.environ).models))
    clips = sorted((Path(__file__).parents[1] / "examples" / "insurance-renewal" / "clips").glob("*.ogg"))
    longest, second, *_ = sorted((read_sound(path) for path in clips), key=len, reverse=True)
    ours = longest if part == "kept aside" else second
    people, nothing = sounds(part)
    speakerphones = given_back(ours, part)
    lines = [heard(s, seed=n) for n, s in enumerate(people)]
    talking = [follow(line, ours, vad) for line in lines]
    quiet = [follow(heard(s, seed=n), ours, vad) for n, s in enumerate(nothing)]
    echoes = [follow(s, ours, vad) for s in speakerphones]
    over_echo = [follow(_mixed(line, speakerphones[n % ECHOES]), ours, vad) for n, line in enumerate(lines)]
    stopped = [one.stop for one in talking]
    rows = []
    for way in product((0.5, 0.6, 0.7, 0.8, 0.9, 0.95), range(64, 705, 32)):
        by = [stop_silero(one.alone, *way) for one in talking]
        if recall(by) >= recall(stopped):
            wrong, echoed = (false([stop_silero(one.alone, *way) for one in some]) for some in (quiet, echoes))
            rows.append((wrong, echoed, way, by))
    plain_false, plain_echo, way, plain = min(rows, key=lambda row: row[0])
    ours_false, ours_echo = (false([one.stop for one in some]) for some in (quiet, echoes))
    go_on = asyncio.run(go_on_after([one.sound for one in quiet if one.stop is not None]))
    report(
        "interrupt",
        ours={
            "part": part,
            **_delays(stopped),
            "recall over an echo": round(recall([one.stop for one in over_echo]), 3),
            "false stops": ours_false,
            "of hums, coughs and noises": len(nothing),
            "false stops after which our words go on, once read": go_on,
            "stops by an echo": ours_echo,
            "of echoes": len(echoes),
            "synthetic": True,
        },
        peers={
            "Silero alone": {
                **_delays(plain),
                "threshold": way[0],
                "voice_ms": way[1],
                "false stops": plain_false,
                "stops by an echo": plain_echo,
            }
        },
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


def _mixed(one: Samples, other: Samples) -> Samples:
    count = min(len(one), len(other))
    return a_law(one[:count].astype(np.float64) + other[:count])


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
