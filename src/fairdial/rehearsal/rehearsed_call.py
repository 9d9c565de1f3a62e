"""A rehearsed call: what happened, step by step, and what the person had meant by every sentence. Values.

Whoever plays the person makes one: the people of a text rehearsal, or those of the practice phone network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """What somebody meant by a sentence, and the sentence before the line and the recognition had their way with it.

    `slot` is the name and value of an answer to what was asked, `knowledge` the script's own question that was asked;
    otherwise `meaning` says it all, and None means that the sentence stands for no meaning of the set.
    """

    said: str
    meaning: Meaning | None = None
    slot: tuple[str, str] | None = None
    knowledge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedCall:
    """One call in the order in which it happened.

    Attributes:
        person: Which kind of person answered.
        moments: Every event with the states around it and what was done about it.
        intended: By place in `moments`, what was meant by the sentences of which it is known.
    """

    person: str
    facts: Facts
    moments: tuple[Moment, ...]
    intended: Mapping[int, Intended]
