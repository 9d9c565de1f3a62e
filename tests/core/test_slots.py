"""What people answer when they are asked for something, and how it is confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import Action, RecordRefusal, RecordSlot, Resume, Say
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.numbers import numbers_in
from fairdial.core.dialogue.slot_value import is_answer, slot_value
from fairdial.core.dialogue.state import Ended, State, Talking
from fairdial.core.script.model import Slot, SlotType
from fairdial.core.script.numerals import spoken_number
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import all_wordings
from tests.core.scripts import content, opened, renewal

NOW = datetime(2026, 11, 25, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Wednesday
CHOICES = {"good": ("满意", "挺好"), "bad": ("不满意", "太差"), "fair": ("一般",)}


def heard_as(text: str, meaning: Meaning) -> SentenceHeard:
    return SentenceHeard(text=text, understood=Understood(meaning=meaning, confidence=1.0, evidence="model"), at=NOW)


def read(
    type_: SlotType, words: str, meaning: Meaning = Meaning.UNCLEAR, least: int | None = None, most: int | None = None
) -> str | None:
    slot = Slot(name="x", type=type_, then="y", least=least, most=most, choices=CHOICES)
    return slot_value(slot, words, meaning, now=NOW)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("两千八", ["2800"]),
        ("一百二", ["120"]),
        ("三万五千", ["35000"]),
        ("一百零五", ["105"]),
        ("一千万", ["10000000"]),
        ("三点五", ["3.5"]),
        ("一点五万", ["15000"]),
        ("8", ["8"]),
        ("12.5万", ["125000"]),
        ("七八分吧", []),
        ("八分,就八分", ["8", "8"]),
        ("一般般,说不好", []),
        ("十分满意", []),
        ("十分", ["10"]),
        ("万一下雨呢", []),
    ],
)
def test_numbers_are_read_as_people_say_them(words: str, values: list[str]) -> None:
    assert numbers_in(words) == [Decimal(v) for v in values]


@given(st.integers(0, 99_999_999))
def test_law_what_we_say_of_a_number_is_understood_as_that_number(number: int) -> None:
    assert numbers_in(spoken_number(number)) == [number]


@given(st.text("零一二两三四五六七八九十百千万亿点0123456789.元块毛月日号", max_size=12))
def test_law_no_numeral_nobody_says_is_a_defect(words: str) -> None:
    for type_ in SlotType:
        read(type_, words)


@pytest.mark.parametrize(
    ("type_", "words", "value"),
    [
        (SlotType.NUMBER, "我给八分吧", "8"),
        (SlotType.NUMBER, "八分或者九分", None),
        (SlotType.NUMBER, "二十分", None),
        (SlotType.AMOUNT, "三千五左右", "3500.00"),
        (SlotType.AMOUNT, "十二块五", "12.50"),
        (SlotType.DATE, "下周三吧", "2026-12-02"),
        (SlotType.DATE, "周三", "2026-12-02"),
        (SlotType.DATE, "礼拜五", "2026-11-27"),
        (SlotType.DATE, "大后天", "2026-11-28"),
        (SlotType.DATE, "十二月十五号", "2026-12-15"),
        (SlotType.DATE, "5号", "2026-12-05"),
        (SlotType.DATE, "一月三号", "2027-01-03"),
        (SlotType.DATE, "二月三十号", None),
        (SlotType.TIME, "下午三点半以后", "15:30"),
        (SlotType.TIME, "十点一刻", "10:15"),
        (SlotType.TIME, "晚上八点二十", "20:20"),
        (SlotType.NAME, "我姓欧阳", "欧阳"),
        (SlotType.NAME, "王芳", "王芳"),
        (SlotType.NAME, "你说什么", None),
        (SlotType.CHOICE, "不满意", "bad"),
        (SlotType.CHOICE, "步满意", "bad"),
        (SlotType.CHOICE, "还挺满意的", "good"),
        (SlotType.CHOICE, "一般,不,满意", None),
    ],
)
def test_answer_is_read_in_its_kind(type_: SlotType, words: str, value: str | None) -> None:
    is_score = type_ is SlotType.NUMBER
    assert read(type_, words, least=1 if is_score else None, most=10 if is_score else None) == value


def test_yes_and_no_are_what_was_meant_not_what_was_said() -> None:
    assert read(SlotType.YES_NO, "嗯对", Meaning.ACCEPT) == "yes"
    assert read(SlotType.YES_NO, "没有啊", Meaning.DENY) == "no"
    assert read(SlotType.YES_NO, "没错", Meaning.ACCEPT) == "yes"


def test_a_no_that_was_taken_for_a_yes_is_asked_again() -> None:
    """In a rehearsal, 没有修好还在漏水 was understood as a yes, and recorded as one."""
    assert read(SlotType.YES_NO, "没有纠好还在漏水。", Meaning.ACCEPT) is None


def test_a_greeting_while_an_answer_waits_forgets_it() -> None:
    """After 喂 the question was asked anew, and the next word of any kind confirmed the old answer."""
    _, asked_again = talk(EIGHT, ("喂", Meaning.GREETING))
    assert asked_again == [Say(lines=("score",))]
    assert not any(
        isinstance(a, RecordSlot) for a in talk(EIGHT, ("喂", Meaning.GREETING), ("你好", Meaning.ACCEPT))[1]
    )


def survey() -> dict[str, object]:
    """The example, asking for a score where it made its offer."""
    changed = content()
    changed["lines"] |= {"score": "请打分,一到十分。", "right": "您打的是{score}分,对吗?"}
    changed["steps"]["remind"] = {
        "say": "score",
        "again": "score",
        "slot": {"name": "score", "type": "number", "least": 1, "most": 10, "confirm": "right", "then": "promised"},
    }
    return changed


def talk(*said: tuple[str, Meaning]) -> tuple[State, list[Action]]:
    script = parse_script(survey(), name="x")
    state: State
    state, actions = opened(script)
    for text, meaning in (("对", Meaning.ACCEPT), *said):
        understood = Understood(meaning=meaning, confidence=1.0, evidence="")
        event = SentenceHeard(text=text, understood=understood, over_speech=False, at=NOW)
        state, actions = advance(script, state, event)
    return state, list(actions)


EIGHT = ("八分", Meaning.UNCLEAR)


def test_answer_is_read_back_and_recorded_when_the_person_says_yes() -> None:
    _, asked = talk(EIGHT)
    assert asked == [Say(lines=("right",), values=(("score", "八"),))]
    state, actions = talk(EIGHT, ("对", Meaning.ACCEPT))
    assert actions[0] == RecordSlot(name="score", value="8") and isinstance(state, Ended)


def test_saying_the_same_once_more_or_humming_confirms() -> None:
    for yes in (EIGHT, ("嗯", Meaning.BACKCHANNEL)):
        assert talk(EIGHT, yes)[1][0] == RecordSlot(name="score", value="8")


def test_answer_that_was_understood_wrong_is_corrected_in_one_sentence() -> None:
    _, actions = talk(EIGHT, ("不是,是九分", Meaning.DENY))
    assert actions == [Say(lines=("right",), values=(("score", "九"),))]


def test_answer_that_is_denied_is_asked_for_again_and_not_without_end() -> None:
    no = ("不对", Meaning.DENY)
    assert talk(EIGHT, no)[1] == [Say(lines=("not_understood", "score"))]
    state, _ = talk(EIGHT, no, EIGHT, no, EIGHT, no)
    assert isinstance(state, Ended) and state.outcome == "not_understood"


def test_refusal_with_a_number_in_it_is_a_refusal() -> None:
    _, actions = talk(("八百遍了别再打了", Meaning.REFUSE_HARD))
    assert isinstance(actions[0], RecordRefusal)


def test_a_bare_score_is_an_answer_whatever_it_resembles() -> None:
    """In a rehearsal, 9分 was understood as a soft refusal, and the survey ended."""
    assert talk(("9分。", Meaning.REFUSE_SOFT))[1] == [Say(lines=("right",), values=(("score", "九"),))]
    assert talk(("不用了,九分", Meaning.REFUSE_SOFT))[1] == [Say(lines=("still_covered",))]


def test_every_answer_that_may_be_read_back_has_its_clip() -> None:
    texts = {w.text for w in all_wordings(parse_script(survey(), name="x"), [_values()])}
    assert {"您打的是一分,", "您打的是十分,"} <= texts and not any("{" in text for text in texts)


def _values() -> dict[str, str]:
    return {"person": "王女士", "product": "车险", "expiry": "十二月十五日", "premium": "两千元"}


def test_words_that_may_not_be_interrupted_go_on_unless_somebody_refuses() -> None:
    changed = content()
    changed["steps"]["remind"]["interrupt"] = "never"
    script = parse_script(changed, name="x")
    state, _ = opened(script)
    for meaning, expected in (
        (Meaning.ACCEPT, None),
        (Meaning.ASK_PRICE, Resume),
        (Meaning.REFUSE_HARD, RecordRefusal),
    ):
        understood = Understood(meaning=meaning, confidence=1.0, evidence="")
        event = SentenceHeard(text="…", understood=understood, over_speech=expected is not None)
        moved, actions = advance(script, state, event)
        assert expected is None or isinstance(actions[0], expected)
        state = moved if isinstance(moved, Talking) else state


def test_one_contact_always_hears_the_same_wording_and_all_are_heard() -> None:
    changed = content()
    changed["lines"]["robot"] = ["是的,我是人工智能。", "对,我不是真人。"]
    script = parse_script(changed, name="x")
    heard = [script.wording("robot", key=str(person)) for person in range(200)]
    assert heard == [script.wording("robot", key=str(person)) for person in range(200)]
    assert 60 < heard.count("对,我不是真人。") < 140
    assert script.hash != renewal().hash, "another wording is another script"


def test_answering_a_question_with_no_is_no_refusal() -> None:
    """In a survey, two answers of no recorded a refusal nobody had made."""
    changed = content()
    steps = changed["steps"]
    steps["confirm"]["next"]["deny"] = "remind"
    steps["remind"] |= {"question": "fact", "next": {"accept": "promised", "deny": "persuade"}}
    script = parse_script(changed, name="x")
    state: State
    state, _ = opened(script)
    for _ in range(2):
        no = SentenceHeard(
            text="没有", understood=Understood(meaning=Meaning.DENY, confidence=1, evidence=""), over_speech=False
        )
        state, actions = advance(script, state, no)
    assert not any(isinstance(a, RecordRefusal) for a in actions)


def test_a_value_that_was_misheard_is_asked_for_again_and_declines_nothing() -> None:
    """我打六分 was heard as 我打右粉, taken for a polite no, and the survey was over."""
    changed = content()
    changed["steps"]["remind"]["slot"] = {"name": "score", "type": "number", "least": 1, "most": 10, "then": "promised"}
    script = parse_script(changed, name="x")
    understood = Understood(meaning=Meaning.REFUSE_SOFT, confidence=0.43, evidence="model")
    state, _ = advance(
        script, opened(script)[0], SentenceHeard(text="是我", understood=replace(understood, meaning=Meaning.ACCEPT))
    )
    for text, line in (("我打右粉。", script.unclear.line), ("不想说", "still_covered")):
        _, actions = advance(script, state, SentenceHeard(text=text, understood=understood))
        assert isinstance(actions[0], Say) and actions[0].lines[0] == line


def test_a_wish_to_hear_it_again_is_no_number_and_a_choice_in_its_own_words_is_no_refusal() -> None:
    """再说一遍 filled a score of 1; 还是不行, the script's own word for no, ended the survey."""
    score = Slot(name="score", type=SlotType.NUMBER, then="y", least=1, most=10, choices={})
    fixed = Slot(name="fixed", type=SlotType.YES_NO, then="y", choices={"no": ("还是不行", "没修好")})
    assert not is_answer(score, Meaning.ASK_REPEAT, "再说一遍")
    assert is_answer(fixed, Meaning.REFUSE_SOFT, "还是不行。") and not is_answer(fixed, Meaning.REFUSE_SOFT, "不想说")


@pytest.mark.parametrize(
    ("type_", "words", "value"),
    [
        (SlotType.CHOICE, "不要满意", None),
        (SlotType.CHOICE, "不太满意", None),
        (SlotType.CHOICE, "不满意", "bad"),
        (SlotType.CHOICE, "不是满意是一般", "fair"),
        (SlotType.CHOICE, "一般吧,没什么不好", "fair"),
        (SlotType.NUMBER, "不是八分", None),
        (SlotType.NUMBER, "不是八分,是九分", "9"),
        (SlotType.NUMBER, "不错,八分", "8"),
        (SlotType.NUMBER, "十几分", None),
        (SlotType.NUMBER, "负三", None),
        (SlotType.NUMBER, "九" * 10_000, None),
        (SlotType.NUMBER, "我要打" + "九" * 4_400 + "分", None),
        (SlotType.DATE, "明天不行", None),
        (SlotType.DATE, "明天不行后天吧", "2026-11-27"),
        (SlotType.DATE, "明天或者后天", None),
        (SlotType.DATE, "上周三", None),
        (SlotType.DATE, "2020年1月1日", None),
        (SlotType.DATE, "二零二六年十二月一号", "2026-12-01"),
        (SlotType.TIME, "二十五点", None),
        (SlotType.TIME, "半夜十二点", "00:00"),
        (SlotType.TIME, "凌晨三点", "03:00"),
        (SlotType.TIME, "下午三点半", "15:30"),
        (SlotType.NAME, "我姓王不需要", None),
    ],
)
def test_what_is_denied_is_no_value_and_two_readings_are_none(type_: SlotType, words: str, value: str | None) -> None:
    assert read(type_, words) == value


@pytest.mark.parametrize(
    "words", ["不要周六", "不是周六", "不对,不是周六", "周六不行", "周六我没空", "星期六也不需要,谢谢"]
)
@pytest.mark.parametrize("meaning", [Meaning.REFUSE_SOFT, Meaning.DENY])
def test_a_no_is_never_a_confirmation(words: str, meaning: Meaning) -> None:
    """不要周六 to 您选的是周六上午,对吗 booked the person, with a message and a hand-over."""
    changed = content()
    changed["lines"] |= {"day_right": "您选的是{day},对吗?"}
    choices = {"saturday": ["周六", "星期六"], "sunday": ["周日"]}
    changed["steps"]["remind"]["slot"] = {
        "name": "day", "type": "choice", "choices": choices, "confirm": "day_right", "then": "promised",
    }  # fmt: skip
    script = parse_script(changed, name="x")
    state, _ = advance(script, opened(script)[0], heard_as("是我", Meaning.ACCEPT))
    state, _ = advance(script, state, heard_as("周六", Meaning.UNCLEAR))
    assert isinstance(state, Talking) and state.pending == "saturday"
    for before in (state, replace(state, pending=None)):
        after, actions = advance(script, before, heard_as(words, meaning))
        assert not any(isinstance(action, RecordSlot) for action in actions)
        assert not isinstance(after, Talking) or after.pending is None
