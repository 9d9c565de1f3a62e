"""Recognition errors, imitated: characters replaced by others that sound the same, or nearly."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pypinyin import lazy_pinyin

from fairdial.core.dialogue.sound_alike import syllables


def _common_characters() -> list[str]:
    """The 3,755 characters of GB 2312, level 1: rows 16 to 55."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return [c for cell in cells if (c := cell.decode("gb2312", "ignore"))]


@lru_cache
def _by_sound(near: bool) -> Mapping[str, Sequence[str]]:
    """The common characters of each sound."""
    found: dict[str, list[str]] = defaultdict(list)
    for character in _common_characters():
        found[_sound(near, character)].append(character)
    return found


@lru_cache(maxsize=1 << 15)
def _alike(near: bool, character: str) -> Sequence[str]:
    """The other characters that sound like one."""
    return [other for other in _by_sound(near).get(_sound(near, character), ()) if other != character]


def _sound(near: bool, character: str) -> str:
    return (syllables(character) if near else lazy_pinyin(character))[0]


class Noise:
    """Replaces characters by homophones without tone; by near ones too (n/l, zh/z, -ng/-n …) when `near`."""

    def __init__(self, *, near: bool) -> None:
        self._near = near

    def on(self, text: str, rate: float, chance: random.Random) -> str:
        """Replace each Chinese character with probability `rate`."""
        return "".join([self._instead(c, chance) if chance.random() < rate else c for c in text])

    def _instead(self, character: str, chance: random.Random) -> str:
        others = _alike(self._near, character)
        return chance.choice(others) if others else character
