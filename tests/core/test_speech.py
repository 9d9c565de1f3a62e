"""From lines to clips, numbers and dates to words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairdial.core.dialogue.when import SOONEST, call_back_time
from fairdial.core.hearing.announcements import announced
from fairdial.core.script.clip import Wording, clip_id
from fairdial.core.script.lint import lint
from fairdial.core.script.numerals import spoken_amount, spoken_date, spoken_number
from fairdial.core.script.parse import ScriptError, parse_script
from fairdial.core.script.speech import ScriptWordings, pieces, wordings
from fairdial.errors import CoreMisuse
from tests.core.scripts import content, renewal


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2860", "两千八百六十元"),
        ("1980.5", "一千九百八十元五角"),
        ("10", "十元"),
        ("205", "二百零五元"),
        ("12030", "一万两千零三十元"),
        ("20000", "两万元"),
        ("110", "一百一十元"),
        ("1002", "一千零二元"),
        ("10010", "一万零一十元"),
    ],
)
def test_amounts_are_read_as_people_say_them(amount: str, words: str) -> None:
    assert spoken_amount(Decimal(amount)) == words


def test_dates_are_read_as_people_say_them() -> None:
    assert spoken_date(date(2026, 12, 15)) == "十二月十五日"
    assert spoken_date(date(2027, 1, 20)) == "一月二十日"


@given(st.integers(0, 99_999_999))
def test_law_different_numbers_sound_different(number: int) -> None:
    assert spoken_number(number) != spoken_number((number + 1) % 100_000_000)


def test_phrase_with_a_variable_is_a_clip_of_its_own() -> None:
    assert pieces("您好,我是助手。请问是{person}吗?") == ["您好,我是助手。", "请问是{person}吗?"]
    assert pieces("您的{product}快到期了,请留意。") == ["您的{product}快到期了,", "请留意。"]


people = st.fixed_dictionaries(
    {
        "person": st.sampled_from(["王女士", "陈先生"]),
        "product": st.sampled_from(["车险", "寿险"]),
        "expiry": st.just("十二月十五日"),
        "premium": st.sampled_from(["两千元", "三千元", "四千元"]),
    }
)


@given(contacts=st.lists(people, max_size=6))
def test_law_clips_of_many_are_the_clips_of_each_in_the_same_order(contacts: list[dict[str, str]]) -> None:
    each = [ScriptWordings(renewal()).of([contact]) for contact in contacts]
    assert ScriptWordings(renewal()).of(contacts) == list(dict.fromkeys(w for one in each for w in one))


def test_line_without_the_value_it_needs_is_not_spoken() -> None:
    with pytest.raises(CoreMisuse):
        wordings(renewal(), "price", {"person": "王女士"}, key="1")


def test_clip_of_other_words_has_another_name() -> None:
    assert clip_id(Wording(text="好", voice="a")) != clip_id(Wording(text="好的", voice="a"))


def test_example_script_has_no_findings() -> None:
    assert lint(renewal()) == ()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("opening", "您好,这里是晴川保险。请问是{person}吗?"),
        ("opening", "您好,我是人工智能语音助手,声音由人工智能合成。请问是{person}吗?"),
        ("price", "您的{product}今年要{premium}。"),
        ("price", "您今年要{fee}。"),
    ],
)
def test_script_that_hides_or_mixes_something_is_found(line: str, text: str) -> None:
    changed = content()
    changed["lines"][line] = text
    assert lint(parse_script(changed, name="x"))


def test_script_that_argues_with_a_hard_refusal_is_found() -> None:
    changed = content()
    changed["anywhere"]["refuse_hard"] = "persuade"
    assert any("hard refusal" in finding.en for finding in lint(parse_script(changed, name="x")))


def test_step_that_is_named_but_not_written_is_an_error() -> None:
    changed = content()
    changed["anywhere"]["busy"] = "nowhere"
    with pytest.raises(ScriptError, match="nowhere"):
        parse_script(changed, name="x")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("明天下午三点再打吧", "2026-11-26T15:00"),
        ("后天上午", "2026-11-27T10:00"),
        ("晚上七点半以后", "2026-11-25T19:30"),
        ("下周一", "2026-11-30T10:00"),
        ("明天10点", "2026-11-26T10:00"),
        ("再说吧", "2026-11-26T10:00"),
        ("上午九点", "2026-11-26T09:00"),
    ],
)
def test_time_the_person_names_is_kept(words: str, expected: str) -> None:
    now = datetime(2026, 11, 25, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert call_back_time(words, now=now).isoformat(timespec="minutes")[:16] == expected


@given(st.text("今明后天上下午晚早一二三四五六七八九十点半0123456789周日", max_size=12))
@example("一九十点")
@example("二十五点")
def test_law_a_call_back_is_never_at_once(words: str) -> None:
    """Recognition writes numerals nobody says; one of them ended the call by a defect."""
    now = datetime(2026, 11, 25, 9, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert call_back_time(words, now=now) >= now + SOONEST


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("您好,您拨打的号码是空号,请核对后再拨", "invalid_number"),
        ("您拨打的电话已关机", "powered_off"),
        ("您好,您拨打的电话已停机", "suspended"),
        ("您拨打的电话正在通话中,请稍后再拨", "busy"),
        ("您所拨打的电话暂时无法接通", "unreachable"),
        ("喂,你好", None),
    ],
)
def test_announcement_tells_what_is_with_the_number(text: str, disposition: str | None) -> None:
    assert announced(text) == disposition
