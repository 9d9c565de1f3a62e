"""What is asked of a call that is over: one language of conditions for grades and for tags. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fairdial.core.dialogue.meaning import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What came of one call.

    `reached` are steps; `asked` and `heard` give the words by which something was first asked or meant; `asked` has the
    names of questions, `ask_price` as well as those of the script's knowledge; `answered` has values by slot.
    """

    reached: frozenset[str]
    asked: Mapping[str, str]
    heard: Mapping[Meaning, str]
    answered: Mapping[str, str]
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Bounds of a number or an amount, both within; with neither, any answer."""

    least: int | None = None
    most: int | None = None

    def holds(self, value: str) -> bool:
        if self.least is None and self.most is None:
            return True
        number = Decimal(value)
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds when everything holds that is written; of several names, one is enough."""

    reached: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    heard: frozenset[Meaning] = frozenset()
    answered: Mapping[str, frozenset[str] | Between]
    outcome: frozenset[str] = frozenset()

    def holds(self, story: Story) -> bool:
        return (
            (not self.reached or not self.reached.isdisjoint(story.reached))
            and (not self.asked or not self.asked.isdisjoint(story.asked))
            and (not self.heard or not self.heard.isdisjoint(story.heard))
            and (not self.outcome or story.outcome in self.outcome)
            and all(self._is_answered(slot, story) for slot in self.answered)
        )

    def words(self, story: Story) -> tuple[str, ...]:
        """The person's words that made it hold, each once."""
        said = (
            *(story.asked[name] for name in sorted(self.asked & story.asked.keys())),
            *(story.heard[meaning] for meaning in sorted(self.heard & story.heard.keys())),
        )
        return tuple(dict.fromkeys(words for words in said if words))

    def is_empty(self) -> bool:
        return not (self.reached or self.asked or self.heard or self.answered or self.outcome)

    def _is_answered(self, slot: str, story: Story) -> bool:
        value, wanted = story.answered.get(slot), self.answered[slot]
        if value is None:
            return False
        return wanted.holds(value) if isinstance(wanted, Between) else value in wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule:
    """The grade of a call for which `when` holds and no earlier rule's does; `why` is for people."""

    grade: str
    when: Condition
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRule:
    tag: str
    when: Condition
