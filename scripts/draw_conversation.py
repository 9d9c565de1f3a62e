"""Draw the conversation as it is: every state the examples' scripts can reach is given every event, and what came of it is
written down. `make docs` puts it into docs/conversation.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from fairdial.core.dialogue.actions import Action
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import (
    Event,
    FinishedSaying,
    GreetingOver,
    HungUp,
    KeyPressed,
    OperatorStopped,
    SentenceHeard,
    SilenceElapsed,
    SoundLost,
    TimeUp,
    VoiceSustained,
)
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.state import Ended, State, Waiting
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script

ROOT = Path(__file__).parents[1]
EXAMPLES = ("insurance-renewal", "satisfaction-survey", "course-trial")
NOW = datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
WORDS = ("…", "八分", "满意", "下周三", "周六")
"""One sentence that answers nothing, and answers to what the examples ask for."""

Edge = tuple[str, str, tuple[str, ...]]
"""State before, state after, kinds of actions in their order."""


def events() -> Iterator[Event]:
    """Every kind of event, sentences with every meaning."""
    for text, meaning, over in product(WORDS, Meaning, (False, True)):
        understood = Understood(meaning=meaning, confidence=1.0, evidence="")
        yield SentenceHeard(text=text, understood=understood, over_speech=over, at=NOW)
    yield from (GreetingOver(), SilenceElapsed(), FinishedSaying(), TimeUp(), OperatorStopped(), SoundLost(), HungUp())
    yield from (VoiceSustained(speech_ms=1000), VoiceSustained(speech_ms=100), KeyPressed(key="9"))


def edges(script: Script) -> dict[Edge, set[str]]:
    """What leads from state to state, and by which events."""
    found: dict[Edge, set[str]] = {}
    every = list(events())
    seen: set[str] = set()
    ahead: list[State] = [Waiting()]
    while ahead:
        state = ahead.pop()
        for event in every:
            after, actions = advance(script, state, event)
            edge = (type(state).__name__, type(after).__name__, tuple(_kind(action) for action in actions))
            found.setdefault(edge, set()).add(type(event).__name__)
            small = _without_counts(after)
            if repr(small) not in seen:
                seen.add(repr(small))
                ahead.append(small)
    return found


def _kind(action: Action) -> str:
    return type(action).__name__


def _without_counts(state: State) -> State:
    """Ended states behave alike but for a refusal."""
    return Ended(step="", grade="D", outcome="", refusal=state.refusal) if isinstance(state, Ended) else state


def page() -> str:
    """docs/conversation.md."""
    found: dict[Edge, set[str]] = {}
    for name in EXAMPLES:
        content = yaml.safe_load((ROOT / "examples" / name / "script.yaml").read_text(encoding="utf-8"))
        content["keys"] = {"9": "refuse_hard"}
        for edge, kinds in edges(parse_script(content, name=name)).items():
            found.setdefault(edge, set()).update(kinds)
    lines = [
        "# The conversation's states",
        "",
        "Made by `make docs` from the code: every state the example scripts can reach was given every event. An edge says what is",
        "done, then which events do it. ([Why it is so](why/conversation.md).)",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> Waiting",
        *(
            f"    {before} --> {after}: {', '.join(actions) or 'nothing'} ← {', '.join(sorted(kinds))}"
            for (before, after, actions), kinds in sorted(found.items(), key=_order)
        ),
        "    Ended --> [*]",
        "```",
        "",
    ]
    return "\n".join(lines)


_STATES = ("Waiting", "Talking", "Ended")


def _order(item: tuple[Edge, set[str]]) -> tuple[int, int, tuple[str, ...]]:
    (before, after, actions), _ = item
    return _STATES.index(before), _STATES.index(after), actions


if __name__ == "__main__":
    sys.stdout.write(page())
