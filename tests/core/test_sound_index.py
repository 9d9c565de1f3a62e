"""Finding what sounds alike by the syllables that are shared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import alikeness, syllables
from fairdial.core.dialogue.sound_index import SoundIndex

SENTENCES = st.text(st.sampled_from("在哪里上课地址有停车的方吗没,a"), min_size=1, max_size=9)


@given(st.lists(SENTENCES, max_size=8), SENTENCES, st.sampled_from([0.5, 0.75, 0.9, 1.0]))
def test_law_the_index_finds_what_comparing_with_everything_finds(
    texts: list[str], words: str, at_least: float
) -> None:
    heard = syllables(normalise(words))
    alike = [(alikeness(heard, syllables(normalise(text))), place) for place, text in enumerate(texts)]
    wanted = [(share, place) for share, place in alike if heard and share >= at_least]
    assert list(SoundIndex(texts, at_least=at_least).near(words)) == wanted


@given(st.lists(SENTENCES, max_size=8), SENTENCES)
def test_law_the_very_same_are_those_that_share_everything(texts: list[str], words: str) -> None:
    index = SoundIndex(texts, at_least=1.0)
    assert list(index.same(words)) == [place for share, place in index.near(words) if share == 1.0]
