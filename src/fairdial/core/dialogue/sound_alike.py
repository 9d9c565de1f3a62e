"""Sentences that sound alike: recognition on a telephone line writes the right sounds with wrong characters.

Pure. Syllables without tones, with the sounds that Mandarin speakers and the
telephone band confuse folded into one: zh/z, ch/c, sh/s, n/l/r, f/h, -ng/-n.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from pypinyin import lazy_pinyin

Syllables = tuple[str, ...]

ALIKE = 0.9
"""Share of equal syllables from which two sentences count as the same words (docs/why/understanding.md)."""

_FOLDED = (
    (re.compile("^([zcs])h"), r"\1"),
    (re.compile("^[nr](?=[aeiouv])"), "l"),
    (re.compile("^f"), "h"),
    (re.compile("(?<=[aei])ng$"), "n"),
)


def syllables(text: str) -> Syllables:
    """The folded syllables of a sentence; letters and digits stay as they are."""
    return tuple(_fold(syllable) for syllable in lazy_pinyin(text))


def alikeness(one: Syllables, other: Syllables) -> float:
    """Share of syllables two sentences have in common, in order; in [0, 1]."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=2048)
def _fold(syllable: str) -> str:
    for pattern, folded in _FOLDED:
        syllable = pattern.sub(folded, syllable)
    return syllable
