"""Which of many sentences sound like one that was heard, found by the syllables they share. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fairdial.core.dialogue.refusal import LONGEST, normalise
from fairdial.core.dialogue.sound_alike import Syllables, alikeness, syllables


class SoundIndex:
    """Sentences by their syllables: looking one up takes time with those that share some, not with all.

    Args:
        texts: The sentences; a place below is one's place in them.
        at_least: Share of equal syllables, in (0, 1], below which a sentence is not near.
    """

    def __init__(self, texts: Sequence[str], *, at_least: float) -> None:
        self._at_least = at_least
        self._sounds = [syllables(normalise(text)) for text in texts]
        self._places: dict[str, list[int]] = {}
        self._same: dict[Syllables, list[int]] = {}
        for place, sounds in enumerate(self._sounds):
            self._same.setdefault(sounds, []).append(place)
            for syllable in set(sounds):
                self._places.setdefault(syllable, []).append(place)

    def same(self, words: str) -> Sequence[int]:
        """The places of the sentences that sound the very same: found at once, where `near` compares."""
        heard = syllables(normalise(words)[:LONGEST])
        return self._same.get(heard, ()) if heard else ()

    def near(self, words: str) -> Iterator[tuple[float, int]]:
        """The share of equal syllables, in [at_least, 1], and the place of every sentence that is near."""
        heard = syllables(normalise(words)[:LONGEST])
        shared = [0] * len(self._sounds)
        for syllable, times in Counter(heard).items():
            for place in self._places.get(syllable, ()):
                shared[place] += times
        fewest = max(1.0, len(heard) * self._at_least / (2 - self._at_least))
        for place, count in enumerate(shared):
            if count < fewest:
                continue
            sounds = self._sounds[place]
            # even out of order no more syllables can be equal than these
            is_possible = 2 * min(count, len(sounds)) >= self._at_least * (len(heard) + len(sounds))
            if is_possible and (share := alikeness(heard, sounds)) >= self._at_least:
                yield share, place
