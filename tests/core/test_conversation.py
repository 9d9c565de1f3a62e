"""Conversations as the script conducts them: what is heard on the left, what is done on the right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.conversation import (
    Action,
    Ended,
    Event,
    HangUp,
    OperatorStopped,
    RecordRefusal,
    Resume,
    Say,
    ScheduleCallBack,
    SentenceHeard,
    SilenceElapsed,
    State,
    advance,
    opened,
)
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.errors import CoreMisuse
from tests.core.scripts import renewal

SCRIPT = renewal()


def heard(meaning: Meaning, *, over_speech: bool = False, text: str = "…") -> SentenceHeard:
    return SentenceHeard(
        text=text,
        understood=Understood(meaning=meaning, confidence=1.0, evidence=""),
        over_speech=over_speech,
    )


def talk(*events: Event | Meaning) -> tuple[State, list[Action]]:
    """Play events from the opening on; returns the state and the actions of the last event."""
    state: State
    state, actions = opened(SCRIPT)
    for event in events:
        state, actions = advance(SCRIPT, state, heard(event) if isinstance(event, Meaning) else event)
    return state, list(actions)


def test_opening_says_who_calls_and_that_the_voice_is_artificial() -> None:
    _, actions = talk()
    assert actions == [Say(lines=("opening",))]
    (text,) = SCRIPT.lines["opening"]
    assert "人工智能" in text and SCRIPT.company in text


def test_person_who_wants_a_call_back_gets_grade_a() -> None:
    state, actions = talk(Meaning.ACCEPT, Meaning.ACCEPT)
    assert state == Ended(step="promised", grade="A", outcome="callback_by_consultant")
    assert actions == [Say(lines=("call_promised",)), HangUp()]


@pytest.mark.parametrize("before", [(), (Meaning.ACCEPT,), (Meaning.ACCEPT, Meaning.REFUSE_SOFT), (Meaning.BUSY,)])
def test_hard_refusal_is_recorded_before_the_goodbye_wherever_it_falls(before: tuple[Meaning, ...]) -> None:
    state, actions = talk(*before, Meaning.REFUSE_HARD)
    assert actions == [RecordRefusal(kind="hard", words="…"), Say(lines=("refusal_noted",)), HangUp()]
    assert isinstance(state, Ended) and state.outcome == "refused"


def test_soft_refusal_is_met_with_one_question_and_the_second_is_final() -> None:
    _, first = talk(Meaning.ACCEPT, Meaning.REFUSE_SOFT)
    assert first == [Say(lines=("still_covered",))]
    _, second = talk(Meaning.ACCEPT, Meaning.REFUSE_SOFT, Meaning.REFUSE_SOFT)
    assert second[0] == RecordRefusal(kind="hard", words="…")


def test_questions_between_two_soft_refusals_do_not_earn_a_second_persuasion() -> None:
    _, actions = talk(Meaning.REFUSE_SOFT, Meaning.ASK_PRICE, Meaning.REFUSE_SOFT)
    assert isinstance(actions[0], RecordRefusal)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        (Meaning.ASK_PRICE, "price"),
        (Meaning.ASK_IDENTITY, "identity"),
        (Meaning.ASK_ROBOT, "robot"),
        (Meaning.ASK_SOURCE, "source"),
    ],
)
def test_question_is_answered_and_ours_asked_again(question: Meaning, line: str) -> None:
    _, actions = talk(Meaning.ACCEPT, question)
    assert actions == [Say(lines=(line, "offer"))]


def test_question_about_us_is_answered_before_the_person_says_who_they_are() -> None:
    _, actions = talk(Meaning.ASK_IDENTITY)
    assert actions == [Say(lines=("identity", "who_am_i_speaking_to"))]


def test_filler_over_our_words_lets_them_go_on() -> None:
    _, actions = talk(Meaning.ACCEPT, heard(Meaning.BACKCHANNEL, over_speech=True))
    assert actions == [Resume()]


def test_filler_says_yes_to_a_question_of_fact_but_accepts_no_offer() -> None:
    state, _ = talk(Meaning.BACKCHANNEL)
    assert state.step == "remind"
    state, actions = talk(Meaning.ACCEPT, Meaning.BACKCHANNEL)
    assert (state.step, actions) == ("remind", [])


def test_no_denies_a_fact_here_and_declines_an_offer_there() -> None:
    _, at_name = talk(Meaning.DENY)
    assert at_name[0] == RecordRefusal(kind="wrong_number", words="…")
    _, at_offer = talk(Meaning.ACCEPT, Meaning.DENY)
    assert at_offer == [Say(lines=("still_covered",))]


def test_busy_person_names_a_time() -> None:
    _, ask = talk(Meaning.ACCEPT, Meaning.BUSY)
    assert ask == [Say(lines=("when_convenient",))]
    state, actions = talk(Meaning.ACCEPT, Meaning.BUSY, heard(Meaning.UNCLEAR, text="下午三点"))
    assert ScheduleCallBack(words="下午三点") in actions and isinstance(state, Ended) and state.grade == "C"


def test_nothing_is_said_to_a_machine() -> None:
    state, actions = talk(Meaning.ASSISTANT)
    assert actions == [HangUp()] and isinstance(state, Ended) and state.outcome == "machine"


def test_silence_is_asked_about_twice_and_then_left() -> None:
    once, twice = talk(SilenceElapsed())[1], talk(SilenceElapsed(), SilenceElapsed())[1]
    assert once == twice == [Say(lines=("can_you_hear",))]
    state, actions = talk(SilenceElapsed(), SilenceElapsed(), SilenceElapsed())
    assert actions == [Say(lines=("cannot_hear",)), HangUp()] and isinstance(state, Ended) and state.grade == "D"


def test_what_is_not_understood_is_asked_again_twice_at_most() -> None:
    state, _ = talk(Meaning.UNCLEAR, Meaning.UNCLEAR, Meaning.UNCLEAR)
    assert state == Ended(step="not_followed", grade="D", outcome="not_understood")


def test_operator_who_stops_lets_the_call_say_goodbye() -> None:
    _, actions = talk(Meaning.ACCEPT, OperatorStopped())
    assert actions == [Say(lines=("not_disturbing",)), HangUp()]


_events = st.one_of(st.builds(heard, st.sampled_from(Meaning), over_speech=st.booleans()), st.just(SilenceElapsed()))


@given(st.lists(_events, max_size=30))
def test_law_every_conversation_keeps_its_promises(events: list[Event]) -> None:
    """A hard refusal ends the call at once, refusals precede speech, nobody is persuaded twice, the end is the end."""
    state: State
    state, _ = opened(SCRIPT)
    persuasions = 0
    for event in events:
        state, actions = advance(SCRIPT, state, event)
        asked_to_repeat = isinstance(event, SentenceHeard) and event.understood.meaning is Meaning.ASK_REPEAT
        persuasions += 0 if asked_to_repeat else sum(Say(lines=("still_covered",)) == a for a in actions)
        kinds = [type(action) for action in actions]
        if RecordRefusal in kinds:
            assert kinds == [RecordRefusal, Say, HangUp]
        if isinstance(event, SentenceHeard) and event.understood.meaning is Meaning.REFUSE_HARD:
            assert RecordRefusal in kinds
        if isinstance(state, Ended):
            assert kinds[-1] is HangUp
            with pytest.raises(CoreMisuse):
                advance(SCRIPT, state, event)
            break
    assert persuasions <= 1


def test_the_same_no_denies_a_fact_and_declines_an_offer() -> None:
    """An offer whose script names no `deny` used to leave "不是" unanswered, as if it had not been understood."""
    offer = SCRIPT.steps["remind"]
    silent = replace(offer, next={meaning: go for meaning, go in offer.next.items() if meaning is not Meaning.DENY})
    script = replace(SCRIPT, steps={**SCRIPT.steps, "remind": silent})
    no = heard(Meaning.DENY, text="不是")
    asked, _ = opened(script)
    of_fact, _ = advance(script, asked, no)
    offered, _ = advance(script, asked, heard(Meaning.ACCEPT))
    of_offer, _ = advance(script, offered, no)
    assert (of_fact.step, of_offer.step) == ("wrong_person", "persuade")
