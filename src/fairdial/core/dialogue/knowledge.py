"""Which of a script's own questions was asked: the one whose examples sound most like the sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_index import SoundIndex
from fairdial.core.script.model import Known

ALIKE_ENOUGH = 0.75
"""Least share of equal syllables; 有停车的地方吗 and 有没有停车的地方 have 0.80, 地铁能到吗 and 孩子能听懂吗 0.36."""


_ASKS = re.compile(r"[吗呢么哪谁几怎]|多少|多久|多大|为啥|有没有|(?P<verb>.)不(?P=verb)")


def is_question(words: str) -> bool:
    """Whether a sentence asks by its words: 要不要带文具, 在哪里, 几点."""
    return _ASKS.search(normalise(words)) is not None


def asked(knowledge: Mapping[str, Known], words: str, *, at_least: float = ALIKE_ENOUGH) -> Known | None:
    """The entry whose example is nearest by sound; None when none is near, or two are equally near."""
    entries = tuple(knowledge.values())
    index, entry_of = _indexed(entries)
    if same := {entry_of[place] for place in index.same(words)}:
        return entries[same.pop()] if len(same) == 1 else None
    best: dict[int, float] = {}
    for share, place in index.near(words):
        entry = entry_of[place]
        best[entry] = max(share, best.get(entry, 0.0))
    nearest = max(best.values(), default=0.0)
    found = [entry for entry, share in best.items() if share == nearest]
    return entries[found[0]] if len(found) == 1 and nearest >= at_least else None


@lru_cache(maxsize=16)
def _indexed(entries: tuple[Known, ...]) -> tuple[SoundIndex, tuple[int, ...]]:
    """The examples of all entries, and by an example's place the place of its entry."""
    examples = [(example, entry) for entry, known in enumerate(entries) for example in known.examples]
    index = SoundIndex([example for example, _ in examples], at_least=ALIKE_ENOUGH)
    return index, tuple(entry for _, entry in examples)
