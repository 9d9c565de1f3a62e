"""Which words sound like which: recognition of speech writes the right sounds with wrong characters.

Pure. Syllables without tones, with the sounds that Mandarin speakers and the
telephone band confuse folded into one: zh/z, ch/c, sh/s, n/l/r, f/h, -ng/-n.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache, cached_property, lru_cache
from types import ModuleType

Syllables = tuple[str, ...]

ALIKE = 0.9
"""Share of equal syllables from which two sentences count as the same words (docs/why/understanding.md)."""

_FOLDED = (
    (re.compile("^([zcs])h"), r"\1"),
    (re.compile("^[nr](?=[aeiouv])"), "l"),
    (re.compile("^f"), "h"),
    (re.compile("(?<=[aei])ng$"), "n"),
)


@cache
def _pypinyin() -> ModuleType:
    """Loaded with the first sentence: its dictionary takes half a second, and most commands read none."""
    import pypinyin.constants
    import pypinyin.seg.mmseg

    return pypinyin


@cache
def _runs() -> re.Pattern[str]:
    """Runs of Chinese characters, by pypinyin's own pattern without its ends."""
    return re.compile(f"({_pypinyin().constants.RE_HANS.pattern[1:-1]})")


@lru_cache(maxsize=64)
def syllables(text: str) -> Syllables:
    """The folded syllables of a sentence; letters and digits stay as they are.

    Those of the last few sentences are kept: rules, model, slots and knowledge all ask for the same ones.
    """
    found: list[str] = []
    for place, run in enumerate(_runs().split(text)):
        if place % 2:
            for word in _words(run):
                found += _sounds(word)
        elif run:
            found += [_fold(part) for part in _pypinyin().lazy_pinyin(run)]
    return tuple(found)


def alikeness(one: Syllables, other: Syllables) -> float:
    """Share of syllables two sentences have in common, in order; in [0, 1]."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=4096)
def readings(character: str) -> frozenset[str]:
    """Every folded syllable a Chinese character may be read as; none for anything else."""
    reader = _pypinyin()
    if not reader.constants.RE_HANS.fullmatch(character):
        return frozenset()
    return frozenset(_fold(s) for s in reader.pinyin(character, style=reader.Style.NORMAL, heteronym=True)[0])


class Respelling:
    """Words to be found under other characters that sound the same, or nearly.

    Args:
        words: The words, of two characters or more, with spaces between.
        spared: Other words of the same syllables that people do say.
    """

    def __init__(self, words: str, *, spared: str) -> None:
        self._words = words.split()
        self._spared = frozenset(spared.split())

    @cached_property
    def _by_first(self) -> dict[str, list[tuple[Syllables, str]]]:
        """The words by their first syllable, the longest first."""
        found: dict[str, list[tuple[Syllables, str]]] = {}
        for word in sorted(self._words, key=len, reverse=True):
            sounds = syllables(word)
            found.setdefault(sounds[0], []).append((sounds, word))
        return found

    def of(self, text: str) -> str:
        """The sentence with these words written as they should be; the longest word at a place counts."""
        heard = tuple([_sounds(character)[0] for character in text])
        out, at = [], 0
        while at < len(text):
            word = self._at(text, heard, at) if heard[at] in self._by_first else None
            out.append(word or text[at])
            at += len(word) if word else 1
        return "".join(out)

    def _at(self, text: str, heard: Syllables, start: int) -> str | None:
        for sounds, word in self._by_first[heard[start]]:
            end = start + len(sounds)
            if heard[start:end] == sounds and text[start:end] not in self._spared:
                return word
        return None


def _words(run: str) -> Iterator[str]:
    """The words pypinyin would read together (longest first), found without its copies of every rest of the run."""
    known, phrases = _pypinyin().seg.mmseg.p_set, _pypinyin().constants.PHRASES_DICT
    at, end = 0, len(run)
    while at < end:
        longest, stop = 0, at + 1
        while stop <= end and (word := run[at:stop]) in known:
            if word in phrases:
                longest = stop
            stop += 1
        if not longest and stop > end:  # the rest begins a longer word but is none: read character by character
            yield from run[at:]
            return
        yield run[at : longest or at + 1]
        at = longest or at + 1


@lru_cache(maxsize=1 << 15)
def _sounds(word: str) -> Syllables:
    return tuple(_fold(syllable) for syllable in _pypinyin().lazy_pinyin(word))


@lru_cache(maxsize=2048)
def _fold(syllable: str) -> str:
    for pattern, folded in _FOLDED:
        syllable = pattern.sub(folded, syllable)
    return syllable
