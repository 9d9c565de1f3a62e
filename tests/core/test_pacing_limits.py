"""Limits: nothing is started beyond any of them, and the one that is named is the one that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.limits import Limit, LineRoom, Plan, Room, plan, starts_left

OPEN = Room(lines=[LineRoom(free=10)], due=100)

few = st.integers(-2, 30)
maybe = st.none() | few
rooms = st.builds(
    Room,
    lines=st.lists(st.builds(LineRoom, free=few, starts=maybe), max_size=4),
    due=few,
    is_paused=st.booleans(),
    is_open=st.booleans(),
    total_left=maybe,
    daily_left=maybe,
    permitted=maybe,
    numbers=maybe,
    seats=maybe,
    abandonment=maybe,
    campaign=maybe,
    worker=maybe,
)


def held(**known: Any) -> tuple[int, Limit]:
    planned = plan(replace(OPEN, **known))
    return planned.start, planned.held_by


@pytest.mark.parametrize(
    ("known", "start", "limit"),
    [
        ({}, 10, Limit.LINES),
        ({"is_paused": True, "due": 0}, 0, Limit.PAUSED),
        ({"is_open": False}, 0, Limit.WINDOW),
        ({"total_left": 3, "daily_left": 4}, 3, Limit.TOTAL),
        ({"daily_left": 0}, 0, Limit.DAILY),
        ({"due": 2}, 2, Limit.LIST),
        ({"permitted": 4}, 4, Limit.GATE),
        ({"numbers": 1}, 1, Limit.NUMBERS),
        ({"seats": 5}, 5, Limit.SEATS),
        ({"abandonment": 5}, 5, Limit.ABANDONMENT),
        ({"campaign": 6}, 6, Limit.CAMPAIGN),
        ({"worker": 7}, 7, Limit.WORKER),
        ({"lines": [LineRoom(free=10, starts=3)]}, 3, Limit.RATE),
        ({"lines": [LineRoom(free=3, starts=10)]}, 3, Limit.LINES),
        ({"lines": [LineRoom(free=0), LineRoom(free=4, starts=2)]}, 2, Limit.RATE),
        ({"lines": []}, 0, Limit.LINES),
    ],
)
def test_the_smallest_room_holds(known: dict[str, Any], start: int, limit: Limit) -> None:
    assert held(**known) == (start, limit)


@given(room=rooms)
def test_never_negative_and_never_beyond_any_limit(room: Room) -> None:
    planned = plan(room)
    assert planned.start >= 0
    assert all(planned.start <= left for left in planned.room.values())
    assert planned.start <= sum(line.takes for line in room.lines)
    assert planned.start == 0 or (room.is_open and not room.is_paused)


LOOSENED: dict[Limit, dict[str, Any]] = {
    Limit.PAUSED: {"is_paused": False},
    Limit.WINDOW: {"is_open": True},
    Limit.TOTAL: {"total_left": None},
    Limit.DAILY: {"daily_left": None},
    Limit.LIST: {"due": 1000},
    Limit.GATE: {"permitted": None},
    Limit.NUMBERS: {"numbers": None},
    Limit.SEATS: {"seats": None},
    Limit.ABANDONMENT: {"abandonment": None},
    Limit.CAMPAIGN: {"campaign": None},
    Limit.WORKER: {"worker": None},
}


def loosen(room: Room, limit: Limit) -> Room:
    if limit is Limit.RATE:
        return replace(room, lines=[LineRoom(free=line.free) for line in room.lines])
    if limit is Limit.LINES:
        return replace(room, lines=[*room.lines, LineRoom(free=1000)])
    return replace(room, **LOOSENED[limit])


@given(room=rooms)
def test_without_the_limits_that_are_named_in_turn_calls_start(room: Room) -> None:
    """Naming one limit after another leads out of any starvation: no limit is named that does not hold."""
    named: list[Limit] = []
    before = plan(room)
    while before.start < 1000:
        assert before.held_by not in named
        named.append(before.held_by)
        room = loosen(room, before.held_by)
        after = plan(room)
        assert after.start >= before.start
        before = after


def test_free_places_that_stay_free_are_starvation() -> None:
    assert plan(replace(OPEN, seats=2)).is_starved
    assert not plan(OPEN).is_starved
    assert plan(replace(OPEN, lines=[LineRoom(free=5, starts=0)])).is_starved


def test_what_gives_way_by_itself_says_when() -> None:
    opens = datetime(2026, 3, 2, 9, tzinfo=UTC)
    shut: Plan = plan(
        replace(OPEN, is_open=False, until={Limit.WINDOW: opens, Limit.LIST: datetime(2027, 1, 1, tzinfo=UTC)})
    )
    assert (shut.held_by, shut.until) == (Limit.WINDOW, opens)
    assert plan(OPEN).until is None


@pytest.mark.parametrize(
    ("per_second", "ages", "left"),
    [(3.0, [], 3), (3.0, [0.1, 0.9, 1.0], 1), (1.5, [], 1), (0.5, [1.9], 0), (0.5, [2.0], 1), (2.0, [0.1] * 9, 0)],
)
def test_calls_per_second_are_counted_over_a_second_or_one_call(
    per_second: float, ages: list[float], left: int
) -> None:
    assert starts_left(per_second, ages) == left
