"""What a finished call means: its grade and why, tags, needs, objections, what follows; and what no script bends."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import RecordRefusal
from fairdial.core.dialogue.after_call import AfterCall, CallBack, Mentioned, after_call
from fairdial.core.dialogue.events import Event, FinishedSaying, GreetingOver, HungUp, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.dialogue.state import Facts
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from tests.core.scripts import content
from tests.core.test_examples import example

NOW = datetime(2026, 11, 25, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
TRIAL = example("course-trial")
OPENING = (GreetingOver(), ("是我", Meaning.ACCEPT), ("在上小学", Meaning.ACCEPT))


def said(text: str, meaning: Meaning) -> SentenceHeard:
    return SentenceHeard(text=text, understood=Understood(meaning=meaning, confidence=1.0, evidence=""), at=NOW)


def ended(script: Script, *events: Event | tuple[str, Meaning]) -> AfterCall:
    given = [said(*event) if isinstance(event, tuple) else event for event in events]
    return after_call(script, retrace(script, Facts(key="7"), [*given, HungUp()]))


def test_a_booked_trial_is_told_with_what_was_asked_and_what_is_owed() -> None:
    found = ended(
        TRIAL, *OPENING, ("多少钱啊", Meaning.ASK_PRICE), ("请问在哪里上课", Meaning.OTHER), ("不用吧,太贵了", Meaning.REFUSE_SOFT),
        ("那好吧", Meaning.ACCEPT), ("周天", Meaning.UNCLEAR), ("对", Meaning.ACCEPT),
    )  # fmt: skip
    assert (found.grade, found.outcome, found.why.by) == ("A", "booked", "ending")
    assert found.needs == (
        Mentioned(what="ask_price", words="多少钱啊"),
        Mentioned(what="where", words="请问在哪里上课"),
    )
    assert found.objections == (Mentioned(what="price", words="不用吧,太贵了"),)
    assert set(found.tags) == {"price_sensitive", "hesitated", "sunday"}
    assert found.tags["price_sensitive"].words == ("多少钱啊",)
    assert (found.messages, found.hand_over, found.answers) == (("booking",), "课程顾问", {"day": "sunday"})
    assert found.summary == (
        "A 级:结果是 booked。问到价格(“多少钱啊”)、where(“请问在哪里上课”)。嫌价格(“不用吧,太贵了”)。"
        "回答:day 是 周日。接下来:交给课程顾问、发短信 booking。"
    )
    assert json.loads(json.dumps(found.as_json(), ensure_ascii=False))["grade"] == "A"


def test_the_first_rule_that_holds_gives_the_grade_and_its_words() -> None:
    found = ended(
        TRIAL, *OPENING, ("多少钱啊", Meaning.ASK_PRICE), ("在开会", Meaning.BUSY), ("明天下午三点", Meaning.ACCEPT)
    )
    assert (found.grade, found.why.by, found.why.words) == ("B", "rule", ("多少钱啊",))
    assert found.call_back == CallBack(words="在开会明天下午三点", at=datetime(2026, 11, 26, 15, tzinfo=NOW.tzinfo))
    assert "约定 11月26日 15:00 再打" in found.summary and found.objections == (Mentioned(what="time", words="在开会"),)


def test_an_answer_to_what_was_asked_is_no_objection() -> None:
    """星期天吧 and 明天下午三点, which sound like people who are busy, were told as objections."""
    booked = ended(TRIAL, *OPENING, ("可以", Meaning.ACCEPT), ("星期天吧", Meaning.BUSY), ("嗯", Meaning.BACKCHANNEL))
    assert (booked.outcome, booked.objections) == ("booked", ())
    later = ended(TRIAL, *OPENING, ("在开会", Meaning.BUSY), ("明天下午三点", Meaning.BUSY))
    assert later.objections == (Mentioned(what="time", words="在开会"),)


def test_without_a_rule_the_ending_or_the_interest_shown_stands() -> None:
    assert ended(TRIAL, *OPENING).why.by == "interest"
    later = ended(TRIAL, *OPENING, ("在开会", Meaning.BUSY), ("明天", Meaning.ACCEPT))
    assert (later.grade, later.why.by) == ("C", "ending")


def generous() -> dict[str, Any]:
    """A script that would give everybody an A."""
    whole = content()
    every = list(whole["steps"])
    whole["grading"] = [{"grade": "A", "when": {"reached": every}, "why": "都是好客户"}]
    return whole


@pytest.mark.parametrize(
    ("events", "grade"),
    [
        ([("别再打了", Meaning.REFUSE_HARD)], "F"),
        ([("打错了", Meaning.WRONG_NUMBER)], "F"),
        ([("请留言", Meaning.ASSISTANT)], "D"),
        ([("我是聋哑人", Meaning.VULNERABLE)], "D"),
        ([("对", Meaning.ACCEPT), ("好", Meaning.ACCEPT), ("算了别再打了", Meaning.REFUSE_HARD)], "F"),
        ([("对", Meaning.ACCEPT), ("好", Meaning.ACCEPT)], "A"),
    ],
)
def test_no_script_bends_what_a_refusal_a_wrong_number_or_a_machine_is(events: list[Any], grade: str) -> None:
    found = ended(parse_script(generous(), name="x"), GreetingOver(), *events)
    assert found.grade == grade and found.why.by == ("rule" if grade == "A" else "law")


@pytest.mark.parametrize("before", [("打错了", Meaning.WRONG_NUMBER), ("我是聋哑人", Meaning.VULNERABLE)])
def test_a_refusal_for_good_weighs_more_than_a_lesser_one_before_it(before: tuple[str, Meaning]) -> None:
    """以后别再打了 in the goodbye to somebody who was spared was recorded, and the grade stayed D."""
    found = ended(TRIAL, GreetingOver(), before, ("以后别再打了", Meaning.REFUSE_HARD))
    assert (found.grade, found.why.words) == ("F", ("以后别再打了",))


def test_a_no_in_the_goodbye_takes_back_what_was_owed() -> None:
    booked = (*OPENING, ("可以", Meaning.ACCEPT), ("周六", Meaning.UNCLEAR), ("对", Meaning.ACCEPT))
    found = ended(TRIAL, *booked, ("算了,别再打了", Meaning.REFUSE_HARD))
    assert (found.grade, found.messages, found.hand_over) == ("F", (), None)
    assert "不再联系" in found.summary and found.why.words == ("算了,别再打了",)


_heard = st.builds(said, st.sampled_from(["…", "太贵了", "周六", "在哪里上课", "明天三点"]), st.sampled_from(Meaning))
_events = st.lists(st.one_of(_heard, st.sampled_from([SilenceElapsed(), FinishedSaying()])), max_size=14)


@given(_events)
def test_law_every_call_has_a_grade_a_reason_and_a_sentence(events: list[Event]) -> None:
    moments = list(retrace(TRIAL, Facts(), [GreetingOver(), *events, HungUp()]))
    found = after_call(TRIAL, moments)
    refused = any(isinstance(action, RecordRefusal) for moment in moments for action in moment.actions)
    assert found.grade in "ABCDEF" and found.why.zh and found.summary.endswith("。")
    assert not (refused and (found.messages or found.hand_over or found.call_back or found.grade in "ABC"))
    assert json.dumps(found.as_json(), ensure_ascii=False)
