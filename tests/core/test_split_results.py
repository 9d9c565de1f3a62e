"""How the arms of a split compare, and how sure that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.comparison import difference, share
from fairdial.core.dialogue.events import Event, GreetingOver, HungUp
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.split_results import Taken, split_results, taken_in
from fairdial.core.dialogue.state import Facts
from tests.core.test_after_call import TRIAL, said


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_as_published(hits: int, of: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    found = share(hits, of)
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval_as_published(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    found = difference(share(*one), share(*other))
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)


_shares = st.integers(0, 400).flatmap(lambda of: st.builds(share, st.integers(0, of), st.just(of)))


@given(_shares, _shares)
def test_law_a_difference_turns_round_and_lies_in_its_interval(one: object, other: object) -> None:
    there, back = difference(one, other), difference(other, one)  # type: ignore[arg-type]
    assert [there.low, there.high] == pytest.approx([-back.high, -back.low])
    assert there.points is None or there.low <= there.points <= there.high
    assert -1 <= there.low <= there.high <= 1


BOOKS: tuple[Event, ...] = (
    GreetingOver(), said("是我", Meaning.ACCEPT), said("在上小学", Meaning.ACCEPT), said("好", Meaning.ACCEPT),
    said("周六", Meaning.UNCLEAR), said("对", Meaning.ACCEPT), HungUp(),
)  # fmt: skip
REFUSES: tuple[Event, ...] = (*BOOKS[:3], said("别再打了", Meaning.REFUSE_HARD), HungUp())
EARLY: tuple[Event, ...] = (GreetingOver(), said("别再打了", Meaning.REFUSE_HARD), HungUp())


def taken(key: int, events: tuple[Event, ...]) -> list[Taken]:
    return list(taken_in(TRIAL, Facts(key=str(key)), events))


def test_a_call_counts_for_the_arm_it_took_and_only_if_it_came_there() -> None:
    [booked] = taken(1, BOOKS)
    assert booked.split == "invitation" and booked.meets == {"to_end": True, "grade_ab": True, "refused": False}
    [refused] = taken(1, REFUSES)
    assert refused.arm == booked.arm and refused.meets == {"to_end": True, "grade_ab": False, "refused": True}
    assert taken(1, EARLY) == []


def test_a_person_counts_once_by_the_latest_call() -> None:
    [result] = split_results([*taken(1, REFUSES), *taken(1, BOOKS)])
    assert [(arm.people, arm.shares["refused"].hits) for arm in result.arms] == [(1, 0)]


def test_a_difference_that_chance_explains_is_not_clear_and_one_it_does_not_is() -> None:
    calls = [Taken(split="s", arm=arm, key=f"{arm}{n}", meets={"to_end": True, "grade_ab": n < good, "refused": False})
             for arm, good in (("a", 30), ("b", 38)) for n in range(100)]  # fmt: skip
    [result] = split_results(calls)
    assert not result.arms[1].against["grade_ab"].is_clear and result.arms[0].against == {}
    many = [Taken(split="s", arm=c.arm, key=f"{c.key}/{n}", meets=c.meets) for c in calls for n in range(10)]
    assert split_results(many)[0].arms[1].against["grade_ab"].is_clear
