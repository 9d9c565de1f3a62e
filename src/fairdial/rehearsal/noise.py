"""Recognition errors, imitated: characters replaced by others that sound the same, or nearly."""

from __future__ import annotations

import random
from collections import defaultdict

from pypinyin import lazy_pinyin

from fairdial.core.dialogue.sound_alike import syllables


def _common_characters() -> list[str]:
    """The 3,755 characters of GB 2312, level 1: rows 16 to 55."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return [c for cell in cells if (c := cell.decode("gb2312", "ignore"))]


class Noise:
    """Replaces characters by homophones without tone; by near ones too (n/l, zh/z, -ng/-n …) when `near`."""

    def __init__(self, *, near: bool) -> None:
        self._sound = syllables if near else lazy_pinyin
        self._of: dict[str, list[str]] = defaultdict(list)
        for character in _common_characters():
            self._of[self._sound(character)[0]].append(character)
        self._others: dict[str, list[str]] = {}

    def on(self, text: str, rate: float, chance: random.Random) -> str:
        """Replace each Chinese character with probability `rate`."""
        return "".join([self._instead(c, chance) if chance.random() < rate else c for c in text])

    def _instead(self, character: str, chance: random.Random) -> str:
        others = self._others.get(character)
        if others is None:
            others = [c for c in self._of.get(self._sound(character)[0], ()) if c != character]
            self._others[character] = others
        return chance.choice(others) if others else character
