"""What a script offers: the steps that do, and the words they do it with. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.script.model import Script, Step

_TELLING = 6
"""Characters from which words are somebody's offer and no turn of phrase."""


class Offers:
    """The offers of one script; their words are collected once."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._pitches = frozenset(_pitches(script))

    def made_at(self, step: Step) -> bool:
        """Whether a step asks for a yes to an offer, or says the words of a step that does."""
        return step.ending is None and (step.question == "offer" or self.said_by(step.line))

    def may_follow(self, target: str) -> bool:
        """Whether a name leads to an offer for some contact."""
        return any(self.made_at(step) for step in self._script.may_enter(target))

    def said_by(self, line: str | None) -> bool:
        """Whether a line, by whatever name, holds the words of an offer."""
        texts = [normalise(text) for text in self._script.lines.get(line or "", ())]
        return any(pitch in text for text in texts for pitch in self._pitches)


def _pitches(script: Script) -> Iterator[str]:
    for step in script.talking():
        if step.question == "offer":
            for line in (step.line, step.again):
                words = (normalise(text) for text in script.lines.get(line or "", ()))
                yield from (text for text in words if len(text) >= _TELLING)
