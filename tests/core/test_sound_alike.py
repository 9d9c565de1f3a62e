"""Sounds of sentences: read by a shorter way than pypinyin's own, and read alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from fairdial.core.dialogue.sound_alike import _fold, syllables

_PHRASES = sorted(PHRASES_DICT)
_parts = st.one_of(
    st.sampled_from(_PHRASES),
    st.sampled_from(_PHRASES).map(lambda phrase: phrase[:-1]),
    st.text(max_size=4),
    st.text(alphabet="不要再给我打电话了一行长银重庆都还", max_size=6),
)


@given(st.lists(_parts, max_size=6).map("".join))
def test_law_syllables_are_those_of_pypinyin_folded(text: str) -> None:
    assert syllables(text) == tuple(_fold(syllable) for syllable in lazy_pinyin(text))


def test_a_word_of_several_characters_decides_how_they_are_read() -> None:
    assert syllables("银行行长") == ("yin", "han", "han", "zan")
