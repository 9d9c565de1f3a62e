"""Conditions on a finished call, and sentences of a script's own."""

from __future__ import annotations

import pytest

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.condition import Between, Condition, Story

STORY = Story(
    reached=frozenset({"confirm", "invite"}),
    asked={"ask_price": "多少钱", "where": "在哪里上课"},
    heard={Meaning.ASK_PRICE: "多少钱", Meaning.REFUSE_SOFT: "再考虑一下"},
    answered={"score": "8", "fee": "12.50", "again": "yes"},
    outcome="booked",
)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (Condition(answered={}, reached=frozenset({"invite", "never"})), True),
        (Condition(answered={}, reached=frozenset({"never"})), False),
        (Condition(answered={}, asked=frozenset({"where"}), outcome=frozenset({"booked"})), True),
        (Condition(answered={}, asked=frozenset({"where"}), outcome=frozenset({"refused"})), False),
        (Condition(answered={}, heard=frozenset({Meaning.ACCEPT, Meaning.REFUSE_SOFT})), True),
        (Condition(answered={"score": Between(least=8)}), True),
        (Condition(answered={"score": Between(least=9)}), False),
        (Condition(answered={"fee": Between(least=12, most=13)}), True),
        (Condition(answered={"again": frozenset({"no"})}), False),
        (Condition(answered={"again": Between()}), True),
        (Condition(answered={"other": Between()}), False),
        (Condition(answered={"score": Between(most=8), "again": frozenset({"yes"})}), True),
    ],
)
def test_everything_written_must_hold_and_of_several_names_one_is_enough(when: Condition, holds: bool) -> None:
    assert when.holds(STORY) is holds


def test_a_rule_knows_the_words_that_made_it_hold() -> None:
    when = Condition(answered={}, asked=frozenset({"ask_price", "where", "what"}), heard=frozenset({Meaning.ASK_PRICE}))
    assert when.words(STORY) == ("多少钱", "在哪里上课")
