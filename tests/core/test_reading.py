"""Figures as people read them on the telephone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.script.clip import clip_id
from fairdial.core.script.parse import parse_script
from fairdial.core.script.reading import read_aloud
from fairdial.core.script.speech import wordings
from tests.core.scripts import content


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("请拨打400-800-1234", "请拨打四零零,八零零,幺二三四"),
        ("您的手机13800138000", "您的手机幺三八,零零幺三,八零零零"),
        ("客服95519", "客服九五五幺九"),
        ("打110", "打幺幺零"),
        ("保费2860元", "保费两千八百六十元"),
        ("¥1,980.50", "一千九百八十元五角"),
        ("2026年12月15日到期", "二零二六年十二月十五日到期"),
        ("2026-12-05", "二零二六年十二月五日"),
        ("下午3:30,或者9:05、2:00", "下午三点三十分,或者九点零五分、两点"),
        ("优惠15.5%", "优惠百分之十五点五"),
        ("一共2个名额,第2节课", "一共两个名额,第二节课"),
        ("12000个人", "一万两千个人"),
        ("20,000", "两万"),
        ("0.05", "零点零五"),
        ("尾号0731", "尾号零七三幺"),
    ],
)
def test_figures_are_read_as_what_they_are(written: str, read: str) -> None:
    assert read_aloud(written, {}) == read


def test_a_word_sounds_as_the_script_says_and_the_longest_comes_first() -> None:
    assert read_aloud("重庆银行的行长", {"行": "航", "行长": "航掌", "重庆": "虫庆"}) == "虫庆银航的航掌"


def test_words_that_hold_each_other_do_not_grow_without_bound() -> None:
    chain = dict(zip("甲乙丙丁戊己庚", (word * 80 for word in "乙丙丁戊己庚辛"), strict=True))
    assert read_aloud("甲", chain) == "乙" * 80


def test_what_was_replaced_is_not_looked_at_again() -> None:
    assert read_aloud("重庆长江", {"重庆": "长庆", "长": "常"}) == "长庆常江"


@given(st.text("0123456789.,-:¥元年月日个第%百 点第您", max_size=40))
def test_law_no_figure_is_left_and_reading_again_changes_nothing(text: str) -> None:
    read = read_aloud(text, {})
    assert not re.search("[0-9]", read)
    assert read_aloud(read, {}) == read


def test_a_clip_is_named_by_how_it_is_read_and_shown_as_it_is_written() -> None:
    written = content()
    before = wordings(parse_script(written, name="x"), "robot", {}, key="1")
    written["pronounce"] = {"人工": "仁工"}
    [after] = wordings(parse_script(written, name="x"), "robot", {}, key="1")
    assert after.text == before[0].text and after.reads == after.text.replace("人工", "仁工")
    assert clip_id(after) != clip_id(before[0])
