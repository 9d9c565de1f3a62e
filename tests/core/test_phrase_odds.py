"""Phrases under worn syllables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.sound_alike import syllables
from fairdial.core.hearing.phrase_odds import HALF, NEAR, NOT_FOUND, OTHER, SAME, Found, PhraseBook, likeness

BOOK = PhraseBook(["关机|没有开机", "正在通话", "您的电话…欠费"])


@pytest.mark.parametrize(
    ("said", "heard", "odds"),
    [
        ("机", "击", SAME),
        ("机", "键", NEAR),
        ("听", "停", SAME),
        ("拨", "播", SAME),
        ("打", "搭", SAME),
        ("电", "天", NEAR),
        ("听", "通", HALF),
        ("通", "听", HALF),
        ("关", "在", OTHER),
    ],
)
def test_a_worn_syllable_speaks_for_its_own_and_another_against_it(said: str, heard: str, odds: float) -> None:
    assert likeness(*syllables(said), *syllables(heard)) == odds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话已关机", Found(8.0, 1.0)),
        ("电话已关键", Found(6.0, 0.75)),
        ("电话已关门", NOT_FOUND),
        ("还没有开机", Found(16.0, 1.0)),
        ("", NOT_FOUND),
    ],
)
def test_the_phrase_of_a_group_that_fits_best_is_found(text: str, found: Found) -> None:
    assert BOOK.likeliest(syllables(text), at_least=0.6)[0] == found


def test_the_last_syllable_may_be_still_to_come_while_it_is_said() -> None:
    heard = syllables("用户正在通")
    assert BOOK.likeliest(heard, at_least=0.6)[1] == NOT_FOUND
    assert BOOK.likeliest(heard, at_least=0.6, is_cut=True)[1] == Found(12.0, 0.75)


def test_an_open_place_takes_up_to_four_syllables() -> None:
    gaps = ["", "已", "因为已经", "因为已经又"]
    shares = [BOOK.likeliest(syllables(f"您的电话{gap}欠费"), at_least=1.0)[2].share for gap in gaps]
    assert shares == [1.0, 1.0, 1.0, 0.0]


@given(st.text("的了是我你电话号码用户机关停", max_size=12), st.text("的了是我你电话号码用户机关停", max_size=12))
def test_law_a_phrase_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    heard = (*syllables(before), *syllables("没有开机"), *syllables(after))
    assert BOOK.likeliest(heard, at_least=0.6)[0].share == 1.0
