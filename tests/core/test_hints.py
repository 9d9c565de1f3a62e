"""What recognisers may be told to expect."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.refusal import hard_refusal
from fairdial.core.hearing.hints import ANNOUNCEMENT, MOST_WORDS, asked_last, hot_words
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from tests.core.scripts import EXAMPLE


def example(name: str) -> Script:
    return parse_script(yaml.safe_load((EXAMPLE.parent / name / "script.yaml").read_text(encoding="utf-8")), name=name)


SURVEY, COURSE = example("satisfaction-survey"), example("course-trial")


def test_hot_words_are_company_values_choices_and_knowledge_and_no_refusal() -> None:
    words = hot_words(SURVEY, {"person": "王女士"})
    assert words[:2] == ("明湖物业", "王女士") and {"满意", "还可以", "凑合"} <= set(words)
    assert "在哪里上课" in hot_words(COURSE, {})
    assert not any(hard_refusal(word) for word in words)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=200))
def test_hot_words_are_few_and_short_whatever_a_list_holds(values: dict[str, str]) -> None:
    words = hot_words(SURVEY, values)
    assert len(words) <= MOST_WORDS and all(2 <= len(word) <= 12 for word in words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("您好,这里是明湖物业,声音由人工智能合成。请问是王女士吗?", "请问是王女士吗?"),
        ("现在方便吗?", "现在方便吗?"),
        ("不想再接到这样的电话,随时说不要再打就可以。", ""),
        ("句" * 41, ""),
        ("", ""),
    ],
)
def test_the_question_is_told_and_no_refusal_with_it(said: str, asked: str) -> None:
    assert asked_last(said) == asked


def test_what_networks_say_holds_no_refusal() -> None:
    """What is told before an answer may come back on noise."""
    assert not hard_refusal(ANNOUNCEMENT.asked) and not any(hard_refusal(word) for word in ANNOUNCEMENT.words)
