"""A sentence without numbers and without what is known of the person, for whoever may not read those. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import syllables

LONGEST = 200
"""Characters kept; nobody says more in one breath."""

_NUMBER = re.compile(r"\d+|[零〇一二两俩三四五六七八九幺十百千万亿\d]{2,}")
"""Numbers of any length in digits and of two characters and more in words: 一下 and 十分 are no numbers."""


def masked(text: str, values: Mapping[str, str]) -> str:
    """Write `#` for every number and `{name}` for every value.

    Values are found by sound, because recognition writes names with other characters; marks and spaces are dropped
    first, so that a number read out in groups is one number.

    Args:
        values: What is known of the person, by the name of the variable.
    """
    words = normalise(text)[:LONGEST]
    cells = list(words)
    for found in _NUMBER.finditer(words):
        _cover(cells, found.start(), found.end(), "#")
    heard = _sounds(words)
    for name, value in sorted(values.items(), key=lambda pair: len(pair[1])):
        sounds = _sounds(normalise(value))
        for start in _places(heard, sounds):
            _cover(cells, start, start + len(sounds), f"{{{name}}}")
    return "".join(cells)


def _cover(cells: list[str], start: int, end: int, mark: str) -> None:
    cells[start:end] = [mark] + [""] * (end - start - 1)


def _sounds(words: str) -> list[str]:
    """One sound for each character."""
    return ["".join(syllables(character)) for character in words]


def _places(heard: list[str], sounds: list[str]) -> Iterator[int]:
    if sounds:
        yield from (at for at in range(len(heard) - len(sounds) + 1) if heard[at : at + len(sounds)] == sounds)
