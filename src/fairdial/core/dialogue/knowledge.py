"""Which of a script's own questions was asked: the one whose examples sound most like the sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import Syllables, alikeness, syllables
from fairdial.core.script.model import Known

ALIKE_ENOUGH = 0.75
"""Least share of equal syllables; 有停车的地方吗 and 有没有停车的地方 have 0.80, 地铁能到吗 and 孩子能听懂吗 0.36."""


_ASKS = re.compile(r"[吗呢么哪谁几怎]|多少|多久|多大|为啥|有没有|(?P<verb>.)不(?P=verb)")


def is_question(words: str) -> bool:
    """Whether a sentence asks by its words: 要不要带文具, 在哪里, 几点."""
    return _ASKS.search(normalise(words)) is not None


def asked(knowledge: Mapping[str, Known], words: str, *, at_least: float = ALIKE_ENOUGH) -> Known | None:
    """The entry whose example is nearest by sound; None when none is near, or two are equally near."""
    heard = _sounds(words)
    best = sorted(
        (
            (max(_likeness(heard, _sounds(example)) for example in known.examples), name)
            for name, known in knowledge.items()
        ),
        reverse=True,
    )
    if not best or best[0][0] < at_least or (len(best) > 1 and best[1][0] == best[0][0]):
        return None
    return knowledge[best[0][1]]


def _likeness(heard: Syllables, example: Syllables) -> float:
    """Share of equal syllables; 0 where even out of order there are too few, which is quickly seen."""
    shared = sum(syllable in example for syllable in heard)
    is_possible = 2 * shared >= ALIKE_ENOUGH * (len(heard) + len(example))
    return alikeness(heard, example) if is_possible else 0.0


@lru_cache(maxsize=4096)
def _sounds(words: str) -> Syllables:
    return syllables(normalise(words))
