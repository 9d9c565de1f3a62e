"""The example scripts as conversations: every one keeps the promises, and each is walked to its good end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import Action, HangUp, RecordRefusal, RecordSlot, Say
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import Event, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.state import Ended, State
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from tests.core.scripts import opened

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 11, 25, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))


def example(name: str) -> Script:
    return parse_script(yaml.safe_load((EXAMPLES / name / "script.yaml").read_text(encoding="utf-8")), name=name)


SCRIPTS = [example(path.parent.name) for path in sorted(EXAMPLES.glob("*/script.yaml"))]


def heard(text: str, meaning: Meaning, *, over_speech: bool = False) -> SentenceHeard:
    understood = Understood(meaning=meaning, confidence=1.0, evidence="")
    return SentenceHeard(text=text, understood=understood, over_speech=over_speech, at=NOW)


_words = st.sampled_from(["…", "八分", "满意", "不满意", "周六", "下周三", "修好了", "王芳", "两千块", "下午三点"])
_events = st.one_of(
    st.builds(heard, _words, st.sampled_from(Meaning), over_speech=st.booleans()), st.just(SilenceElapsed())
)


@given(st.sampled_from(SCRIPTS), st.lists(_events, max_size=40))
def test_law_every_example_keeps_its_promises(script: Script, events: list[Event]) -> None:
    """A hard refusal ends the call at once, refusals precede speech, and the end is a goodbye."""
    state: State
    state, _ = opened(script)
    for event in events:
        state, actions = advance(script, state, event)
        kinds = [type(action) for action in actions]
        if RecordRefusal in kinds:
            assert kinds == [RecordRefusal, Say]
        if isinstance(event, SentenceHeard) and event.understood.meaning is Meaning.REFUSE_HARD:
            assert RecordRefusal in kinds and isinstance(state, Ended)
        if isinstance(state, Ended):
            assert kinds[-1] in (Say, HangUp)
            return


def walk(script: Script, *said: tuple[str, Meaning]) -> tuple[State, list[Action]]:
    state: State
    state, _ = opened(script)
    done: list[Action] = []
    for text, meaning in said:
        state, actions = advance(script, state, heard(text, meaning))
        done += actions
    return state, done


def test_survey_keeps_every_answer_and_its_corrections() -> None:
    state, done = walk(
        example("satisfaction-survey"),
        ("是我", Meaning.ACCEPT),
        ("可以", Meaning.ACCEPT),
        ("没修好", Meaning.UNCLEAR),
        ("六分", Meaning.UNCLEAR),
        ("不是,是七分", Meaning.DENY),
        ("对", Meaning.ACCEPT),
        ("不太满意", Meaning.REFUSE_SOFT),
        ("下周三", Meaning.BUSY),
        ("下周三", Meaning.BUSY),
    )
    assert [(a.name, a.value) for a in done if isinstance(a, RecordSlot)] == [
        ("fixed", "no"),
        ("score", "7"),
        ("manner", "poor"),
        ("visit", "2026-12-02"),
    ]
    assert isinstance(state, Ended) and state.outcome == "visit_asked_for"


def test_survey_does_not_persuade() -> None:
    state, done = walk(example("satisfaction-survey"), ("是我", Meaning.ACCEPT), ("不需要", Meaning.REFUSE_SOFT))
    assert isinstance(state, Ended) and state.outcome == "declined"
    assert not any(isinstance(a, RecordRefusal) for a in done), "declining to answer is no wish never to be called"


def test_trial_is_booked_for_the_day_that_was_chosen() -> None:
    state, done = walk(
        example("course-trial"),
        ("对,我是", Meaning.ACCEPT),
        ("上小学", Meaning.ACCEPT),
        ("多少钱啊", Meaning.ASK_PRICE),
        ("好的可以", Meaning.ACCEPT),
        ("星期天吧", Meaning.UNCLEAR),
        ("嗯", Meaning.BACKCHANNEL),
    )
    assert RecordSlot(name="day", value="sunday") in done
    assert isinstance(state, Ended) and (state.grade, state.outcome) == ("A", "booked")


@pytest.mark.parametrize("grade", "ABCDEF")
def test_the_marketing_example_uses_every_grade(grade: str) -> None:
    assert grade in {step.ending.grade for step in example("course-trial").steps.values() if step.ending}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("请问在哪里上课啊", "place"),
        ("你们上课的地方在哪", "place"),
        ("孩子要带什么吗", "bring"),
        ("今天天气不错", "not_understood"),
    ],
)
def test_question_of_the_scripts_own_is_answered_and_ours_asked_again(text: str, line: str) -> None:
    script = example("course-trial")
    state, _ = opened(script)
    said: State
    said, _ = advance(script, state, heard("是我", Meaning.ACCEPT))
    _, actions = advance(script, said, heard(text, Meaning.OTHER))
    assert actions == (Say(lines=(line, "school_again")),)


def test_a_refusal_is_never_taken_for_a_question() -> None:
    script = example("course-trial")
    state, _ = opened(script)
    _, actions = advance(script, state, heard("在哪里上课", Meaning.REFUSE_HARD))
    assert isinstance(actions[0], RecordRefusal)


def test_no_script_persuades_twice_even_one_that_would_answer_every_no() -> None:
    """An `answer` to a soft refusal was not counted, and could be given without end."""
    written = yaml.safe_load((EXAMPLES / "course-trial" / "script.yaml").read_text(encoding="utf-8"))
    written["anywhere"]["refuse_soft"] = {"answer": "detail"}
    script = parse_script(written, name="x")
    state, done = walk(script, ("是我", Meaning.ACCEPT), ("不用", Meaning.REFUSE_SOFT), ("不用", Meaning.REFUSE_SOFT))
    assert isinstance(state, Ended) and state.outcome == "refused"
    assert any(isinstance(action, RecordRefusal) for action in done)


def test_a_question_the_script_knows_is_no_refusal_for_its_negation() -> None:
    """要不要带文具 was taken for a polite no and talked round; a real no next to it still is one."""
    script = example("course-trial")
    for text, line in (("要不要带文具", "bring"), ("不要带文具了", "persuade")):
        _, done = walk(script, ("是我", Meaning.ACCEPT), ("对", Meaning.ACCEPT), (text, Meaning.REFUSE_SOFT))
        assert isinstance(done[-1], Say) and done[-1].lines[0] == line
