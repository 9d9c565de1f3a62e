"""What a conversation leaves owed: messages and hand-overs, once each, and nothing to somebody who refuses."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import HandOver, RecordRefusal, Say, SendMessage
from fairdial.core.dialogue.events import (
    Event,
    FinishedSaying,
    GreetingOver,
    HungUp,
    SentenceHeard,
    SilenceElapsed,
    TimeUp,
)
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import Moment, retrace
from fairdial.core.dialogue.state import Ended, Facts, Talking
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from tests.core.scripts import content


def sending(*steps: str, hand_over: str | None = "promised") -> dict[str, Any]:
    """The renewal script, in which these steps send `note`, and an ending hands over."""
    whole = content()
    whole["messages"] = {"note": {"text": "{person}您好"}}
    for step in steps:
        whole["steps"][step]["send"] = "note"
    if hand_over:
        whole["steps"][hand_over]["end"]["hand_over"] = {"to": "保险顾问"}
    return whole


def heard(meaning: Meaning) -> SentenceHeard:
    return SentenceHeard(text="…", understood=Understood(meaning=meaning, confidence=1.0, evidence=""))


def talked(script: Script, *events: Event | Meaning, facts: Facts | None = None) -> list[Moment]:
    given = [heard(e) if isinstance(e, Meaning) else e for e in events]
    return list(retrace(script, facts or Facts(), [GreetingOver(), *given]))


def test_what_is_owed_is_noted_before_the_goodbye() -> None:
    script = parse_script(sending("promised"), name="x")
    last = talked(script, Meaning.ACCEPT, Meaning.ACCEPT)[-1]
    assert last.actions[:2] == (SendMessage(name="note"), HandOver(to="保险顾问"))
    assert isinstance(last.actions[2], Say) and len(last.actions) == 3


def test_a_message_is_owed_once_however_often_it_is_asked_for() -> None:
    whole = sending("promised")
    whole["anywhere"]["ask_price"] = {"answer": "source", "send": "note"}
    script = parse_script(whole, name="x")
    moments = talked(script, Meaning.ACCEPT, Meaning.ASK_PRICE, Meaning.ASK_PRICE, Meaning.ACCEPT)
    sent = [action for moment in moments for action in moment.actions if isinstance(action, SendMessage)]
    assert sent == [SendMessage(name="note")] and isinstance(moments[-1].after, Ended)


def test_a_refusal_is_owed_nothing_whatever_the_script_says() -> None:
    """The check finds such scripts; one that was never checked does no harm either."""
    script = parse_script(sending("refused", "persuade", hand_over="refused"), name="x")
    for said in ((Meaning.REFUSE_HARD,), (Meaning.ACCEPT, Meaning.REFUSE_SOFT), (Meaning.ACCEPT, Meaning.VULNERABLE)):
        assert not [a for m in talked(script, *said) for a in m.actions if isinstance(a, SendMessage | HandOver)]


def test_a_conversation_goes_where_the_branch_leads_this_person() -> None:
    whole = content()
    whole["branches"] = {"parts": {"of": "policy", "cases": {"车险": "remind"}, "otherwise": "persuade"}}
    whole["steps"]["confirm"]["next"]["accept"] = "parts"
    script = parse_script(whole, name="x")
    for value, step in (("车险", "remind"), ("寿险", "persuade")):
        moments = talked(script, Meaning.ACCEPT, facts=Facts(values={"policy": value}, key="7"))
        state = moments[-1].after
        assert isinstance(state, Talking) and state.step == step


def test_a_script_may_begin_with_a_branch_and_end_in_one() -> None:
    whole = content()
    whole["branches"] = {
        "begin": {"split": {"a": "confirm", "b": "remind"}},
        "no": {"split": {"a": "refused", "b": "refused2"}},
    }
    whole["steps"]["refused2"] = whole["steps"]["refused"]
    whole |= {"start": "begin", "anywhere": whole["anywhere"] | {"refuse_hard": "no"}}
    script = parse_script(whole, name="x")
    first = {talked(script, facts=Facts(key=str(key)))[-1].after.step for key in range(30)}  # type: ignore[union-attr]
    assert first == {"confirm", "remind"}
    last = talked(script, Meaning.REFUSE_HARD, facts=Facts(key="3"))[-1]
    assert isinstance(last.actions[0], RecordRefusal) and isinstance(last.after, Ended)


_MEANINGS = st.sampled_from(list(Meaning))
_EVENTS = st.one_of(_MEANINGS.map(heard), st.sampled_from([SilenceElapsed(), FinishedSaying(), TimeUp(), HungUp()]))


@given(st.lists(_EVENTS, max_size=12))
def test_law_nothing_is_owed_after_a_refusal_and_nothing_twice(events: list[Event]) -> None:
    script = parse_script(sending("promised", "persuade", "refused", "later"), name="x")
    actions = [action for moment in talked(script, *events) for action in moment.actions]
    owed = [n for n, action in enumerate(actions) if isinstance(action, SendMessage | HandOver)]
    refused = [n for n, action in enumerate(actions) if isinstance(action, RecordRefusal)]
    assert not refused or all(n < refused[0] for n in owed)
    assert len([a for a in actions if isinstance(a, SendMessage)]) <= 1
