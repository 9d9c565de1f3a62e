"""How surely phrases were said, in log-odds added up over their syllables.

Pure. A telephone and a recogniser wear syllables down and put neighbours in their
place: 停机 is written 停击, 关机 关键. A syllable that is as it should be speaks for its
phrase, one that may be worn from it less, another one against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fairdial.core.dialogue.sound_alike import Syllables, syllables

SAME, NEAR, HALF, OTHER = 4.0, 2.0, -2.0, -4.0
"""Log-odds of a heard syllable where a phrase has its own: the very same, worn, half of it left, another."""

_ANY = "…"
"""Stands in a phrase for up to `_MOST_BETWEEN` syllables of any kind, and for the one that is still to come."""

_MOST_BETWEEN = 4

_NEAR_INITIALS = ("bp", "dt", "gkh", "zcs", "jqx", "hw", "lm")
_NEAR_FINALS = (
    frozenset({"in", "en"}),
    frozenset({"un", "ong"}),
    frozenset({"e", "o", "uo"}),
    frozenset({"ei", "ie", "i", "ui"}),
    frozenset({"ou", "u", "ao"}),
)


class Found(NamedTuple):
    """The likeliest phrase of a group: its log-odds, and their share of those it has when every syllable is the same."""

    odds: float
    share: float


NOT_FOUND = Found(OTHER, 0.0)


class PhraseBook:
    """Groups of phrases, looked for by how they sound.

    Args:
        groups: Phrases parted by |; … in one leaves up to four syllables open.
    """

    def __init__(self, groups: Sequence[str]) -> None:
        spelt = sorted(
            {
                (way, group)
                for group, phrases in enumerate(groups)
                for each in phrases.split("|")
                for way in _spelt(each)
            },
            key=lambda one: len(one[0]),
        )
        self._count = len(groups)
        self._vocabulary = tuple(sorted({sound for way, _ in spelt for sound in way} - {_ANY}))
        number = {sound: place for place, sound in enumerate((*self._vocabulary, _ANY))}
        self._by_length = [
            (np.array([[number[sound] for sound in way] for way, _ in ways]), [group for _, group in ways])
            for ways in (list(same) for _, same in groupby(spelt, key=lambda one: len(one[0])))
        ]
        self._column = lru_cache(maxsize=4096)(self._likenesses)

    def likeliest(self, heard: Syllables, *, at_least: float, is_cut: bool = False) -> tuple[Found, ...]:
        """Of each group the phrase that fits best, if it fits with a share of `at_least`; `NOT_FOUND` otherwise.

        Args:
            is_cut: Whether more is going to be said: the last syllable of a phrase may be still to come.
        """
        found = [NOT_FOUND] * self._count
        if not heard:
            return tuple(found)
        odds = np.stack([self._column(sound) for sound in (*heard, *[_ANY] * is_cut)], axis=1)
        for ways, groups in self._by_length:
            size, places = ways.shape[1], odds.shape[1] - ways.shape[1] + 1
            if places < 1:
                break
            best = np.max(sum(odds[ways[:, k], k : k + places] for k in range(size)), axis=1)
            most = SAME * (ways < len(self._vocabulary)).sum(axis=1)
            for place in np.flatnonzero(best >= at_least * most):
                one = Found(float(best[place]), float(best[place] / most[place]))
                found[groups[place]] = max(found[groups[place]], one, key=lambda each: (each.share, each.odds))
        return tuple(found)

    def _likenesses(self, heard: str) -> npt.NDArray[np.float32]:
        """What a heard syllable says of each syllable of the phrases."""
        return np.array([*(likeness(one, heard) for one in self._vocabulary), 0.0], np.float32)


def _spelt(phrase: str) -> Iterable[Syllables]:
    before, is_open, after = phrase.partition(_ANY)
    if not is_open:
        return [syllables(phrase)]
    return [(*syllables(before), *[_ANY] * count, *syllables(after)) for count in range(_MOST_BETWEEN + 1)]


@lru_cache(maxsize=1 << 15)
def likeness(one: str, other: str) -> float:
    """Log-odds of hearing `other` where `one` was said; both are folded syllables."""
    if other == _ANY:
        return 0.0
    if one == other:
        return SAME
    (initial, final), (other_initial, other_final) = _parted(one), _parted(other)
    is_near_initial = any(initial in group and other_initial in group for group in _NEAR_INITIALS)
    is_near_final = (
        final.startswith(other_final)
        or other_final.startswith(final)
        or any(final in group and other_final in group for group in _NEAR_FINALS)
    )
    if initial == other_initial:
        return NEAR if is_near_final else HALF
    if final == other_final:
        return NEAR if is_near_initial else HALF
    return HALF if is_near_initial and is_near_final else OTHER


def _parted(syllable: str) -> tuple[str, str]:
    """Initial and final; y and w count as initials, what begins with a vowel has none."""
    return (syllable[:1], syllable[1:]) if syllable[:1] not in "aeiouv" else ("", syllable)
