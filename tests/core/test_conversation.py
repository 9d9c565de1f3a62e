"""Conversations as the script conducts them: what is heard on the left, what is done on the right."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import Action, HangUp, Pause, RecordRefusal, Resume, Say, ScheduleCallBack
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
    TimeUp,
    VoiceSustained,
)
from fairdial.core.dialogue.log import Entry, Log, read_log, replay, written_log
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.dialogue.state import Ended, Facts, State, Talking, Waiting
from fairdial.core.script.model import Go, Interruption, Stops
from fairdial.errors import InputError
from tests.core.scripts import opened, renewal

SCRIPT = renewal()


def heard(meaning: Meaning, *, over_speech: bool = False, text: str = "…", unsaid_ms: int = 0) -> SentenceHeard:
    return SentenceHeard(
        text=text,
        understood=Understood(meaning=meaning, confidence=1.0, evidence=""),
        over_speech=over_speech,
        unsaid_ms=unsaid_ms,
    )


def talk(*events: Event | Meaning) -> tuple[Talking | Ended, list[Action]]:
    """Play events from the opening on; returns the state and the actions of the last event."""
    state: State
    state, actions = opened(SCRIPT)
    for event in events:
        state, actions = advance(SCRIPT, state, heard(event) if isinstance(event, Meaning) else event)
    assert not isinstance(state, Waiting)
    return state, list(actions)


def test_opening_says_who_calls_and_that_the_voice_is_artificial() -> None:
    _, actions = talk()
    assert actions == [Say(lines=("opening",))]
    (text,) = SCRIPT.lines["opening"]
    assert "人工智能" in text and SCRIPT.company in text


def test_person_who_wants_a_call_back_gets_grade_a() -> None:
    state, actions = talk(Meaning.ACCEPT, Meaning.ACCEPT)
    assert state == Ended(step="promised", grade="A", outcome="callback_by_consultant")
    assert actions == [Say(lines=("call_promised",))]


@pytest.mark.parametrize("before", [(), (Meaning.ACCEPT,), (Meaning.ACCEPT, Meaning.REFUSE_SOFT), (Meaning.BUSY,)])
def test_hard_refusal_is_recorded_before_the_goodbye_wherever_it_falls(before: tuple[Meaning, ...]) -> None:
    state, actions = talk(*before, Meaning.REFUSE_HARD)
    assert actions == [RecordRefusal(kind="hard", words="…"), Say(lines=("refusal_noted",))]
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


@pytest.mark.parametrize("words", ["对", "对对对。", "嗯,好的", "是的", "好啊"])
def test_a_nod_into_the_middle_of_our_words_lets_them_go_on(words: str) -> None:
    """对 to who calls was taken for an answer to the question that had not been asked yet."""
    early, late = (heard(Meaning.ACCEPT, text=words, over_speech=True, unsaid_ms=ms) for ms in (3000, 700))
    state, actions = talk(early)
    assert (state.step, actions) == ("confirm", [Resume()])
    assert talk(late)[0].step == "remind", "a question is answered before its end"


@pytest.mark.parametrize(("meaning", "words"), [(Meaning.ACCEPT, "好的,你让顾问打给我"), (Meaning.REFUSE_HARD, "对")])
def test_more_than_a_nod_is_answered_wherever_it_falls(meaning: Meaning, words: str) -> None:
    _, actions = talk(Meaning.ACCEPT, heard(meaning, text=words, over_speech=True, unsaid_ms=3000))
    assert Resume() not in actions


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
    assert actions == [Say(lines=("cannot_hear",))] and isinstance(state, Ended) and state.grade == "D"


def test_what_is_not_understood_is_asked_again_twice_at_most() -> None:
    state, _ = talk(Meaning.UNCLEAR, Meaning.UNCLEAR, Meaning.UNCLEAR)
    assert state == Ended(step="not_followed", grade="D", outcome="not_understood")


def test_operator_who_stops_lets_the_call_say_goodbye() -> None:
    _, actions = talk(Meaning.ACCEPT, OperatorStopped())
    assert actions == [Say(lines=("not_disturbing",))]


def test_goodbye_is_said_to_its_end_and_a_refusal_within_it_is_recorded_once() -> None:
    ended, _ = talk(Meaning.ACCEPT, Meaning.ACCEPT)
    state, refused = advance(SCRIPT, ended, heard(Meaning.REFUSE_HARD, over_speech=True))
    assert refused == (RecordRefusal(kind="hard", words="…"),)
    assert advance(SCRIPT, state, heard(Meaning.REFUSE_HARD)) == (state, ())
    assert advance(SCRIPT, state, VoiceSustained(speech_ms=2000)) == (state, ())
    for over in (FinishedSaying(), TimeUp()):
        assert advance(SCRIPT, state, over) == (state, (HangUp(),))


def test_refusal_before_our_first_word_is_the_whole_conversation() -> None:
    """It was recorded, and then the opening was spoken all the same."""
    state, actions = advance(SCRIPT, Waiting(), heard(Meaning.REFUSE_HARD))
    assert actions == (RecordRefusal(kind="hard", words="…"), Say(lines=("refusal_noted",)))
    assert isinstance(state, Ended) and state.outcome == "refused"
    assert advance(SCRIPT, Waiting(), heard(Meaning.GREETING))[1] == (Say(lines=("opening",)),)


@pytest.mark.parametrize(
    ("meaning", "kind"), [(Meaning.WRONG_NUMBER, "wrong_number"), (Meaning.VULNERABLE, "vulnerable")]
)
def test_refusal_for_good_is_recorded_after_a_lesser_one(meaning: Meaning, kind: str) -> None:
    """打错了, then 以后别再打了 into our goodbye: the second was dropped."""
    _, actions = talk(Meaning.ACCEPT, meaning)
    assert actions[0] == RecordRefusal(kind=kind, words="…")
    _, late = talk(Meaning.ACCEPT, meaning, Meaning.REFUSE_HARD)
    assert late == [RecordRefusal(kind="hard", words="…")]
    assert talk(Meaning.ACCEPT, meaning, Meaning.REFUSE_HARD, Meaning.REFUSE_HARD)[1] == []
    assert talk(OperatorStopped(), meaning)[1] == [RecordRefusal(kind=kind, words="…")]


def test_first_word_counts() -> None:
    """Everything but a refusal for good was taken for a greeting."""
    for meaning, kind in ((Meaning.WRONG_NUMBER, "wrong_number"), (Meaning.VULNERABLE, "vulnerable")):
        state, actions = advance(SCRIPT, Waiting(), heard(meaning))
        assert actions[0] == RecordRefusal(kind=kind, words="…") and isinstance(state, Ended)
    state, _ = advance(SCRIPT, Waiting(), heard(Meaning.REFUSE_SOFT))
    _, actions = advance(SCRIPT, state, heard(Meaning.REFUSE_SOFT))
    assert actions[0] == RecordRefusal(kind="hard", words="…"), "the second no is final"


def test_no_to_an_offer_is_heard_over_words_that_may_not_be_interrupted() -> None:
    remind = replace(
        SCRIPT.steps["remind"], interrupt=Interruption(by=Stops.NEVER), next={Meaning.DENY: Go(step="refused")}
    )
    script = replace(SCRIPT, steps={**SCRIPT.steps, "remind": remind})
    offered, _ = advance(script, opened(script)[0], heard(Meaning.ACCEPT))
    _, actions = advance(script, offered, heard(Meaning.DENY, over_speech=True))
    assert isinstance(actions[0], RecordRefusal)
    assert advance(script, offered, heard(Meaning.ASK_PRICE, over_speech=True))[1] == (Resume(),)


def test_refusal_is_recorded_whatever_the_script_says() -> None:
    bent = replace(SCRIPT, anywhere={**SCRIPT.anywhere, Meaning.VULNERABLE: Go(step="remind")})
    bent = replace(
        bent,
        steps={**bent.steps, "remind": replace(bent.steps["remind"], next={Meaning.REFUSE_HARD: Go(step="persuade")})},
    )
    for meaning, kind in ((Meaning.REFUSE_HARD, "hard"), (Meaning.VULNERABLE, "vulnerable")):
        offered, _ = advance(bent, opened(bent)[0], heard(Meaning.ACCEPT))
        state, actions = advance(bent, offered, heard(meaning))
        assert actions[0] == RecordRefusal(kind=kind, words="…") and isinstance(state, Ended)


def test_voice_stops_our_words_once_it_has_lasted_as_long_as_the_step_says() -> None:
    assert [talk(VoiceSustained(speech_ms=ms))[1] for ms in (256, 384)] == [[], [Pause()]]


def test_person_who_leaves_is_graded_by_the_interest_shown() -> None:
    assert talk(HungUp())[0] == Ended(step="confirm", grade="D", outcome="hung_up")
    state, actions = talk(Meaning.ACCEPT, Meaning.ASK_PRICE, HungUp())
    assert isinstance(state, Ended) and (state.grade, state.outcome, actions) == ("B", "hung_up", [])


def test_call_that_takes_too_long_ends_with_a_goodbye() -> None:
    state, actions = talk(Meaning.ACCEPT, TimeUp())
    assert isinstance(state, Ended) and state.outcome == "time_up" and actions == [Say(lines=("not_disturbing",))]


def test_key_says_what_the_script_lets_it_say() -> None:
    script = replace(SCRIPT, keys={"9": Meaning.REFUSE_HARD})
    state, _ = opened(script)
    assert advance(script, state, KeyPressed(key="9"))[1][0] == RecordRefusal(kind="hard", words="9")
    assert advance(script, state, KeyPressed(key="1")) == (state, ())
    ended, _ = advance(script, state, OperatorStopped())
    assert advance(script, ended, KeyPressed(key="9"))[1] == (RecordRefusal(kind="hard", words="9"),)


_events = st.one_of(
    st.builds(heard, st.sampled_from(Meaning), over_speech=st.booleans(), unsaid_ms=st.integers(0, 4000)),
    st.sampled_from([SilenceElapsed(), GreetingOver(), FinishedSaying(), OperatorStopped(), TimeUp(), HungUp()]),
    st.builds(KeyPressed, key=st.sampled_from("059*")),
    st.builds(VoiceSustained, speech_ms=st.integers(0, 3000)),
)


@given(st.lists(_events, max_size=30))
def test_law_every_conversation_keeps_its_promises(events: list[Event]) -> None:
    """A refusal is recorded before anything is said and ends the call, nobody is persuaded twice, the end is the end."""
    persuasions, is_over = 0, False
    for moment in retrace(SCRIPT, Facts(), events):
        asked_to_repeat = (
            isinstance(moment.event, SentenceHeard) and moment.event.understood.meaning is Meaning.ASK_REPEAT
        )
        persuasions += 0 if asked_to_repeat else sum(Say(lines=("still_covered",)) == a for a in moment.actions)
        kinds = [type(action) for action in moment.actions]
        if RecordRefusal in kinds:
            assert kinds == ([RecordRefusal] if is_over else [RecordRefusal, Say])
        is_refusal = isinstance(moment.event, SentenceHeard) and moment.event.understood.meaning is Meaning.REFUSE_HARD
        if is_refusal and not is_over:
            assert RecordRefusal in kinds and isinstance(moment.after, Ended)
        if is_over:
            assert Say not in kinds and isinstance(moment.after, Ended)
        is_over = isinstance(moment.after, Ended)
    assert persuasions <= 1


@given(st.lists(_events, max_size=30))
def test_law_a_log_survives_json_and_the_same_events_get_the_same_actions(events: list[Event]) -> None:
    facts = Facts(values={"person": "陈女士"}, key="7")
    entries = tuple(
        Entry(at_ms=number * 400, event=moment.event, actions=moment.actions)
        for number, moment in enumerate(retrace(SCRIPT, facts, events))
    )
    log = Log(script=SCRIPT.hash, facts=facts, entries=entries)
    assert read_log(json.loads(json.dumps(written_log(log)))) == log
    assert replay(SCRIPT, log) is None


def test_replay_names_the_first_event_that_would_be_answered_otherwise() -> None:
    entries = (
        Entry(at_ms=600, event=GreetingOver(), actions=(Say(lines=("opening",)),)),
        Entry(at_ms=9000, event=heard(Meaning.REFUSE_HARD), actions=(Say(lines=("still_covered",)),)),
    )
    found = replay(SCRIPT, Log(script=SCRIPT.hash, facts=Facts(), entries=entries))
    assert found is not None and found.entry == 2 and isinstance(found.today[0], RecordRefusal)


@pytest.mark.parametrize(
    "damage", [{"format": 2}, {"entries": [{}]}, {"entries": [{"at_ms": 1, "event": {"is": "X"}, "actions": []}]}]
)
def test_damaged_log_is_refused(damage: dict[str, object]) -> None:
    whole = written_log(Log(script=SCRIPT.hash, facts=Facts(), entries=()))
    with pytest.raises(InputError):
        read_log(whole | damage)


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
    assert not isinstance(of_fact, Waiting) and not isinstance(of_offer, Waiting)
    assert (of_fact.step, of_offer.step) == ("wrong_person", "persuade")
