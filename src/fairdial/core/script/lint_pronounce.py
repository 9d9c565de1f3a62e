"""Whether words are read as they are written: `pronounce` may help an engine, and may not say something else. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import readings
from fairdial.core.script.finding import Finding
from fairdial.core.script.model import Script

_A_LETTER = 4
"""Syllables in which a letter or figure may be read, at most; W is 达不溜."""


def lint_pronounce(script: Script) -> Iterator[Finding]:
    for word, read in script.pronounce.items():
        if not _sounds_like(word, read):
            yield Finding(
                rule="pronounced-otherwise",
                path=("pronounce", word),
                zh=f"“{word}”读成“{read}”,音不一样,说的就不是这个词",
                en=f"{word} would be read as {read}, which sounds otherwise and says something else",
                fix_zh="每个汉字换成同音的字,不增不减",
                fix_en="write one character of the same sound for each",
            )


def _sounds_like(word: str, read: str) -> bool:
    """Whether the characters of a word keep their sound, in order, and only letters and figures add to them."""
    written, said = normalise(word), normalise(read)
    characters = [c for c in written if readings(c)]
    letters = len(written) - len(characters)
    sounds = [readings(c) for c in said]
    if not letters:
        return len(sounds) == len(characters) and all(readings(c) & s for c, s in zip(characters, sounds, strict=True))
    rest = iter(sounds)
    keeps_all = all(any(readings(c) & s for s in rest) for c in characters)
    return keeps_all and len(sounds) <= len(characters) + _A_LETTER * letters
