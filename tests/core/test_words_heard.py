"""What recognisers write is made fit to be understood, or is nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.hints import ANNOUNCEMENT
from fairdial.core.hearing.simplified import simplified
from fairdial.core.hearing.words_heard import (
    NOTHING,
    Recognised,
    figures_closed,
    holds_speech,
    without_loops,
    words_heard,
)

TEXTS = st.text(alphabet="谢好不要对是的我打六分,。 a1２290對説", max_size=80)


def heard(text: str, *, seconds: float = 3.0, confidence: float = 0.8) -> str:
    return words_heard(Recognised(text=text, confidence=confidence), seconds=seconds).text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("谢谢谢谢谢谢谢谢谢谢谢谢", "谢谢谢"),
        ("好的,好的,好的,好的,好的,好的,", "好的,好的,好的,"),
        ("对对对", "对对对"),
        ("不要不要不要", "不要不要不要"),
        ("138 8888 8888", "13888888888"),
        ("一一一一零", "一一一一零"),
        ("對,我說過了,妳打錯電話了", "对,我说过了,你打错电话了"),
        ("<|zh|><|NEUTRAL|><|Speech|><|withitn|>我打8分。", "我打8分。"),
        ("我 打 六 分", "我打六分"),
        ("１，980元", "1，980元"),
        ("保费1,980.50元", "保费1980.50元"),
        ("iPhone 手机", "iPhone 手机"),
        ("请不吝点赞 订阅 转发", ""),
        ("。。。", ""),
        ("", ""),
    ],
)
def test_words_are_written_as_the_conversation_reads_them(written: str, words: str) -> None:
    assert heard(written, seconds=5.0) == words


def test_more_than_anybody_can_say_in_the_time_was_made_up() -> None:
    assert heard("您好我想问一下你们的保险", seconds=1.0) == "您好我想问一下你们的保险"
    assert words_heard(Recognised(text="您好我想问一下你们的保险要多少钱", confidence=0.9), seconds=1.0) == NOTHING


def test_an_english_sentence_takes_its_syllables_and_not_its_letters() -> None:
    """An English announcement was more than anybody can say: no call ever understood one."""
    said = Recognised(text="Sorry, the subscriber you dialed is power off.", confidence=0.9)
    assert words_heard(said, seconds=2.5) == said
    assert words_heard(said, seconds=0.8) == NOTHING


def test_nobody_spoke_when_the_recogniser_says_so() -> None:
    """A cough was written down as 嗯, which says yes to 请问是王女士吗."""
    assert words_heard(Recognised(text="嗯。", confidence=0.4, no_speech=0.6), seconds=1.2) == NOTHING
    assert words_heard(Recognised(text="嗯。", confidence=0.4, no_speech=0.2), seconds=1.2).text == "嗯。"


def test_what_the_recogniser_was_told_is_believed_only_when_it_is_sure() -> None:
    """A clipped sentence about the sun was written down as 提示音后留言,请稍后再拨, with a confidence of 0.36."""
    made_up = Recognised(text="提示音后留言,请稍后再拨。", confidence=0.36)
    assert words_heard(made_up, seconds=3.4, sure_from=ANNOUNCEMENT.sure_from) == NOTHING


@given(TEXTS, st.floats(0, 30), st.floats(allow_nan=False))
def test_what_is_heard_is_never_more_than_the_time_allows_and_is_heard_the_same_again(
    text: str, seconds: float, confidence: float
) -> None:
    once = words_heard(Recognised(text=text, confidence=confidence), seconds=seconds)
    assert once == words_heard(once, seconds=seconds)
    letters = sum(c.isascii() and c.isalpha() for c in once.text)
    assert sum(c.isalnum() for c in once.text) - letters * 2 / 3 <= 4 + 9 * seconds and 0 <= once.confidence <= 1


@given(TEXTS)
def test_nothing_is_added(text: str) -> None:
    assert len(without_loops(text)) <= len(text) and without_loops(without_loops(text)) == without_loops(text)
    assert figures_closed(figures_closed(text)) == figures_closed(text)
    assert len(simplified(text)) == len(text) and simplified(simplified(text)) == simplified(text)


@given(st.text(alphabet="谢好要对,", min_size=1, max_size=12), st.integers(4, 40))
def test_no_loop_stays(unit: str, times: int) -> None:
    assert len(without_loops(unit * times)) <= 3 * len(unit)


@given(st.floats(-90, 0), st.lists(st.floats(-2, 2), min_size=1, max_size=500))
def test_steady_sound_is_no_speech_however_loud(level: float, scatter: list[float]) -> None:
    assert not holds_speech([level + s for s in scatter])


@given(st.lists(st.floats(-120, -55.5), max_size=500))
def test_silence_is_no_speech(levels: list[float]) -> None:
    assert not holds_speech(levels)


def test_a_syllable_between_two_breaths_is_speech() -> None:
    assert holds_speech([-60.0] * 14 + [-25.0 - abs(3 - i) for i in range(7)] + [-60.0] * 12)
    assert not math.isnan(words_heard(Recognised(text="嗯", confidence=math.inf), seconds=1).confidence)
