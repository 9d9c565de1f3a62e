"""How much silence ends a turn, by what was said and asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.state import Talking, Waiting
from fairdial.core.hearing.endpoint import Endings, Endpoint, Expects, Patience, expected, silence_needed
from fairdial.voice.endings import load_endings
from tests.core.scripts import renewal

PATIENCE = Patience()
ENDPOINT = Endpoint(endings=load_endings())


def needed(text: str | None, expects: Expects = Expects.OPEN) -> int:
    return silence_needed(text, expects=expects, endpoint=ENDPOINT)


@pytest.mark.parametrize(
    "words",
    [
        "好的。",
        "不需要",
        "对,是我",
        "喂,你好",
        "我在开会",
        "别再打了",
        "太贵了",
        "多少钱",
        "可以,那就打一个吧",
        "这是我",
    ],
)
def test_a_whole_answer_needs_little_silence(words: str) -> None:
    assert needed(words) <= 250


@pytest.mark.parametrize(
    "words", ["我想问一下", "那个", "因为", "我本来想。", "你们能不能", "不是那个", "如果我", "这个吧"]
)
def test_a_sentence_that_breaks_off_needs_much(words: str) -> None:
    assert needed(words) >= 1000


def test_a_hum_answers_a_question_and_begins_anything_else() -> None:
    assert needed("嗯", Expects.ANSWER) == PATIENCE.doubtful_ms
    assert needed("嗯", Expects.OPEN) == PATIENCE.unfinished_ms


def test_over_our_words_a_hum_or_nothing_is_not_waited_for() -> None:
    """Our words went on 1.4 s after a 嗯 that had stopped them."""
    for words in ("嗯", "哦哦", ""):
        assert silence_needed(words, expects=Expects.OPEN, endpoint=ENDPOINT, over_ours=True) == PATIENCE.complete_ms
    needs = silence_needed("嗯,我想", expects=Expects.OPEN, endpoint=ENDPOINT, over_ours=True)
    assert needs == PATIENCE.unfinished_ms


def test_figures_are_said_in_pieces_where_a_value_was_asked_for() -> None:
    assert needed("一三八", Expects.VALUE) == PATIENCE.doubtful_ms


def test_until_there_is_a_text_the_turn_stays_open() -> None:
    assert needed(None) == PATIENCE.unread_ms


def test_a_refusal_for_good_is_never_waited_for() -> None:
    assert needed("以后别再给我打电话了因为") == PATIENCE.complete_ms


@given(st.text(max_size=40), st.sampled_from(Expects))
def test_law_every_text_ends_within_bounds(text: str, expects: Expects) -> None:
    assert PATIENCE.complete_ms <= needed(text, expects) <= PATIENCE.unfinished_ms


@given(st.text(max_size=20))
def test_law_a_likelihood_is_one(text: str) -> None:
    assert 0 <= load_endings().likelihood(text) <= 1


def test_the_more_often_sentences_end_there_the_less_silence_is_needed() -> None:
    seen = {n: Endings(counts={"猫": (100, n)}) for n in (0, 20, 40, 90)}
    row = [silence_needed("猫", expects=Expects.OPEN, endpoint=Endpoint(endings=seen[n])) for n in seen]
    assert row == sorted(row, reverse=True) and row[0] > row[-1] == PATIENCE.complete_ms


def test_what_is_expected_follows_the_step() -> None:
    script = renewal()
    assert expected(script, Waiting()) is Expects.OPEN
    assert expected(script, Talking(step="remind")) is Expects.ANSWER
    assert expected(script, Talking(step="ask_when")) is Expects.VALUE
