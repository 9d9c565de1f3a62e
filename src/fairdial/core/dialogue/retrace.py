"""Go through a conversation again: the same script, person and events give the same actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairdial.core.dialogue.actions import Action
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import Event
from fairdial.core.dialogue.state import Facts, State, Waiting
from fairdial.core.script.model import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One event of a conversation: the state it met, the state it left, and what was done."""

    before: State
    event: Event
    after: State
    actions: tuple[Action, ...]


def retrace(script: Script, facts: Facts, events: Iterable[Event]) -> Iterator[Moment]:
    """Answer the events of one call from its beginning, one moment an event."""
    state: State = Waiting(facts=facts)
    for event in events:
        after, actions = advance(script, state, event)
        yield Moment(before=state, event=event, after=after, actions=actions)
        state = after
