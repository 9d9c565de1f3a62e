"""Tones and keys of one call, frame by frame: the country's plan from `tones.tsv`, decided in `core/hearing`."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from fairdial.core.hearing.dtmf import KeyState, hear_key
from fairdial.core.hearing.spectrum import spectrum
from fairdial.core.hearing.tones import BeepState, Segment, Tone, ToneState, hear_beep, hear_tone
from fairdial.voice.sound import Samples

BEEP = "beep"


class ToneWatch:
    """Listens for the tones of one country; `country` is ISO 3166, unknown ones have the international tones alone."""

    def __init__(self, country: str) -> None:
        self._plan = tone_plan(country)
        self._state, self._beep = ToneState(), BeepState()

    @property
    def is_tonal(self) -> bool:
        """Whether what is heard now is a tone and no speech."""
        return self._state.is_tonal

    def take(self, frame: Samples) -> str | None:
        """Take in 20 ms; the name of a tone in the frame in which it becomes certain, `beep` for a mailbox's."""
        heard = spectrum(frame)
        self._state, tone = hear_tone(self._state, heard, plan=self._plan)
        self._beep, is_beep = hear_beep(self._beep, heard)
        return tone.name if tone is not None else BEEP if is_beep else None


class KeyWatch:
    """Listens for keys in the sound of one call (`core/hearing/dtmf.py`)."""

    def __init__(self) -> None:
        self._state = KeyState()

    @property
    def is_tonal(self) -> bool:
        """Whether what is heard now is a key and no speech."""
        return self._state.is_sounding

    def take(self, frame: Samples) -> str | None:
        """Take in 20 ms; the key in the frame in which it becomes certain."""
        self._state, key = hear_key(self._state, spectrum(frame))
        return key


@cache
def tone_plan(country: str) -> tuple[Tone, ...]:
    """The tones of a country and the international ones."""
    lines = resources.files("fairdial.voice").joinpath("tones.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return tuple(_tone(row) for row in rows if row["country"] in ("*", country))


def _tone(row: dict[str, str]) -> Tone:
    """One row: frequencies joined by + sound together, those parted by commas follow one another without a pause."""
    sounds = [tuple(int(hz) for hz in together.split("+")) for together in row["hz"].split(",")]
    lengths = row["cadence"].split("/")
    if len(sounds) > 1:
        period = tuple(Segment(hz=hz, ms=int(ms)) for hz, ms in zip(sounds, lengths, strict=True))
        return Tone(name=row["tone"], period=period, periods=1)
    period = tuple(
        Segment(hz=sounds[0] if place % 2 == 0 else (), ms=int(ms.rstrip("+")), is_open=ms.endswith("+"))
        for place, ms in enumerate(lengths)
    )
    return Tone(name=row["tone"], period=period)
