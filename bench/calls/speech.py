"""Wordings spoken once and kept outside the repository: synthetic speech of Kokoro, other voices for other parts."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from fairdial.core.script.clip import Wording
from fairdial.models import require
from fairdial.voice.sound import TELEPHONE_RATE, Samples, resample

KEPT = Path("~/.cache/fairdial/bench-calls").expanduser()
MODELS = Path("~/.cache/fairdial/models").expanduser()

VOICES = {
    "dev": ("zf_xiaobei", "zm_yunjian", "zf_xiaoxiao"),
    "test": ("zf_xiaoyi", "zm_yunyang", "zm_yunxi"),
    "last": ("zf_xiaoni", "zm_yunxia", "zf_xiaoyi"),
}
"""Voices of the part rules were written with, and of the parts kept aside."""

ENGLISH = {
    "does_not_exist": "sˈɔɹi, ðə nˈʌmbəɹ ju dˈIəld dˈʌz nˌɑt ɪɡzˈɪst, plˈiz ʧˈɛk ɪt ænd dˈIəl lˈATəɹ.",
    "out_of_service": "sˈɔɹi, ðə nˈʌmbəɹ ju dˈIəld ɪz ˈWt ʌv sˈɜɹvəs.",
    "power_off": "sˈɔɹi, ðə səbskɹˈIbəɹ ju dˈIəld ɪz pˈWəɹ ˈɔf.",
    "busy_now": "sˈɔɹi, ðə səbskɹˈIbəɹ ju dˈIəld ɪz bˈɪzi nˈW, plˈiz ɹidˈIəl lˈATəɹ.",
    "cannot_be_connected": "sˈɔɹi, ðə səbskɹˈIbəɹ ju dˈIəld kˈænˌɑt bi kənˈɛktəd fɔɹ ðə mˈOmənt, plˈiz ɹidˈIəl lˈATəɹ.",
    "not_answered": "sˈɔɹi, ðə nˈʌmbəɹ ju dˈIəld ɪz nˌɑt ˈænsəɹd fɔɹ ðə mˈOmənt.",
    "not_in_service": "ðə nˈʌmbəɹ ju hæv kˈɔld ɪz nˌɑt ɪn sˈɜɹvəs.",
    "temporarily_suspended": "ðə sˈɜɹvəs ʌv ðɪs nˈʌmbəɹ hæz bˌɪn səspˈɛndəd.",
    "switched_off": "ðə fˈOn ju ɑɹ kˈɔlɪŋ ɪz swˈɪʧt ˈɔf.",
    "engaged": "ðə lˈIn ɪz ɪnɡˈAʤd, plˈiz tɹˈI əɡˈɛn lˈATəɹ.",
    "invalid": "sˈɔɹi, ðə nˈʌmbəɹ ju dˈIəld ɪz ɪnvˈælɪd.",
    "turned_off": "ðə mˈObəl fˈOn ju dˈIəld ɪz tˈɜɹnd ˈɔf, plˈiz tɹˈI lˈATəɹ.",
    "not_available": "ðə səbskɹˈIbəɹ ju ɑɹ kˈɔlɪŋ ɪz nˌɑt əvˈAləbəl, plˈiz tɹˈI əɡˈɛn lˈATəɹ.",
    "restricted": "sˈɔɹi, jʊɹ kˈɔl hæz bˌɪn ɹɪstɹˈɪktəd.",
    "being_forwarded": "jʊɹ kˈɔl ɪz bˈiɪŋ fˈɔɹwəɹdəd, plˈiz wˈAt.",
    "insufficient": "jʊɹ əkˈWnt bˈæləns ɪz ˌɪnsəfˈɪʃənt.",
    "after_the_tone": "plˈiz lˈiv ə mˈɛsəʤ ˈæftəɹ ðə tˈOn.",
    "out_of_reach": "ðə pˈɜɹsən ju ɑɹ kˈɔlɪŋ ɪz ˈWt ʌv ɹˈiʧ.",
}
"""English halves as Kokoro's phonemes: a Mandarin voice says them with its accent, as carriers' recordings do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One wording in one voice; 8000 Hz."""

    part: str
    kind: str
    text: str
    voice: str
    english: str | None
    sound: Samples


def sayings(part: str, *, kinds: frozenset[str] | None = None, bilingual: bool = True) -> list[Saying]:
    """Everything one part says, each wording in two of its voices.

    Args:
        kinds: Only these.
        bilingual: Whether the English half follows where there is one.

    Raises:
        ModelError, ModuleNotFoundError: Something is still to be rendered and `fairdial[render]` or Kokoro is missing.
    """
    said = []
    table = Path(__file__).with_name("wordings.tsv").read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(csv.DictReader((li for li in table if not li.startswith("#")), delimiter="\t")):
        if row["part"] != part or (kinds is not None and row["kind"] not in kinds):
            continue
        voices = VOICES[part]
        for voice in (voices[number % 3], voices[(number + 1) % 3]):
            sound = _spoken(row["text"], voice)
            if bilingual and row["english"]:
                sound = np.concatenate([sound, np.zeros(2400, np.int16), _spoken(ENGLISH[row["english"]], voice)])
            english = row["english"] or None
            said.append(
                Saying(part=part, kind=row["kind"], text=row["text"], voice=voice, english=english, sound=sound)
            )
    return said


def can_speak() -> bool:
    """Whether every wording is kept, or can be rendered."""
    return find_spec("misaki") is not None or (KEPT.is_dir() and len(list(KEPT.glob("*.wav"))) >= 190)


def english(part: str) -> list[Saying]:
    """The English halves alone, as when the call is taken late."""
    return [
        Saying(
            part=part,
            kind=s.kind,
            text="",
            voice=s.voice,
            english=s.english,
            sound=_spoken(ENGLISH[s.english], s.voice),
        )
        for s in sayings(part)
        if s.english
    ]


def _spoken(text: str, voice: str) -> Samples:
    path = KEPT / f"{sha256(f'{voice} {text}'.encode()).hexdigest()[:16]}.wav"
    if not path.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, _render(text, voice), TELEPHONE_RATE, subtype="PCM_16")
    return np.asarray(soundfile.read(path, dtype="int16")[0])


def _render(text: str, voice: str) -> Samples:
    from fairdial.voice.kokoro import RATE, Kokoro  # only what is not kept yet needs the package that renders

    global _kokoro
    if _kokoro is None:
        _kokoro = Kokoro(require("kokoro-82m", MODELS), threads=1)
    speaker = _kokoro
    mandarin = speaker._phonemes
    if text in ENGLISH.values():
        speaker._phonemes = lambda phonemes: (phonemes, None)
    try:
        speech = speaker.speak(Wording(text=text, voice=voice))
    finally:
        speaker._phonemes = mandarin
    loud = speech.samples / max(float(np.max(np.abs(speech.samples))), 1e-6) * 0.5
    return resample((loud * 32767).astype(np.int16), source_hz=RATE, target_hz=TELEPHONE_RATE)


_kokoro = None

if __name__ == "__main__":
    for each in ("dev", "test"):
        print(each, len(sayings(each)), flush=True)
