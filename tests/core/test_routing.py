"""Which line and number a contact gets: the best line that is permitted, and always the contact's own number."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.pacing.breaker import Breaker, State
from fairdial.core.pacing.caller_use import (
    USUAL,
    CallerKind,
    CallerLimits,
    CallerUse,
    Full,
    Repute,
    Response,
    limits_for,
    room,
    standing,
)
from fairdial.core.pacing.routing import (
    CallerState,
    Held,
    LineState,
    Route,
    ToCall,
    Why,
    blocked_until,
    caller_of,
    route,
)

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FREE = CallerLimits(hourly=None, daily=None)
A, B = LineState(name="a", free=9), LineState(name="b", free=9)
NUMBER = CallerState(number="+861", limits=FREE)
OPEN = Breaker(state=State.OPEN, since=NOW, until=NOW + MINUTE)
HALF = Breaker(state=State.HALF_OPEN, since=NOW)


def one(*lines: LineState, region: str | None = "上海", tried: str = "", caller: CallerState = NUMBER) -> Route | Held:
    contact = ToCall(contact_id=1, region=region, tried=frozenset(tried))
    return route([contact], lines=lines, callers=[caller], now=NOW)[1]


def line_of(found: Route | Held) -> str:
    assert isinstance(found, Route), found
    return found.line


def test_health_comes_before_cost_and_cost_before_order() -> None:
    assert line_of(one(A, B)) == "a"
    assert line_of(one(replace(A, cost=2.0), replace(B, cost=1.0))) == "b"
    assert line_of(one(replace(A, cost=1.0, fault_share=0.3), replace(B, cost=9.0))) == "b"
    assert line_of(one(replace(A, cost=1.0, fault_share=0.05), replace(B, cost=9.0))) == "a", "as healthy, and cheaper"


def test_a_line_reaches_its_regions_and_no_region_that_is_out() -> None:
    assert line_of(one(replace(A, regions=frozenset({"北京"})), B)) == "b"
    assert line_of(one(replace(A, unavailable=frozenset({"上海"})), B)) == "b"
    assert line_of(one(replace(A, regions=frozenset({"上海"})), B, region=None)) == "b", "unknown is no"
    held = one(replace(A, unavailable=frozenset({"上海"})))
    assert isinstance(held, Held) and held.why is Why.NO_LINE_REACHES


def test_a_line_that_is_not_permitted_is_passed_over_and_alone_holds_whoever_only_it_reaches() -> None:
    barred = replace(A, is_permitted=False)
    assert line_of(one(barred, B)) == "b"
    assert one(barred) == Held(why=Why.LINES_BARRED, until=NOW + timedelta(seconds=1)), "nobody is claimed meanwhile"
    elsewhere = replace(B, regions=frozenset({"广东"}))
    assert one(barred, elsewhere) == Held(why=Why.LINES_BARRED, until=NOW + timedelta(minutes=30))
    assert blocked_until([barred], [NUMBER], now=NOW) is not None


def test_an_open_line_gets_nothing_and_is_waited_for() -> None:
    assert line_of(one(replace(A, breaker=OPEN), B)) == "b"
    assert one(replace(A, breaker=OPEN)) == Held(why=Why.LINES_OUT, until=NOW + MINUTE)
    assert one(replace(A, free=0)) == Held(why=Why.LINES_FULL, until=NOW + timedelta(seconds=1))


def test_a_half_open_line_gets_its_trials_and_not_one_more() -> None:
    people = [ToCall(contact_id=i, region=None) for i in range(10)]
    routes = route(people, lines=[A, replace(B, breaker=HALF)], callers=[NUMBER], now=NOW).values()
    assert Counter(line_of(found) for found in routes) == {"a": 7, "b": 3}
    assert sum(isinstance(found, Route) and found.is_trial for found in routes) == 3


def test_a_line_that_refused_this_contact_is_not_asked_again_while_another_is_left() -> None:
    assert line_of(one(A, B, tried="a")) == "b" and line_of(one(A, B, tried="ab")) == "a"
    assert isinstance(one(A, replace(B, breaker=OPEN), tried="a"), Held), "it waits for the other"


def test_a_number_is_shown_over_its_own_lines_only() -> None:
    assert line_of(one(A, B, caller=replace(NUMBER, lines=frozenset("b")))) == "b"
    assert isinstance(one(A, caller=replace(NUMBER, lines=frozenset("b"))), Held)


def test_the_number_registered_where_the_person_is_comes_first() -> None:
    numbers = [replace(NUMBER, number=f"+8621{i}", region="上海") for i in range(3)] + [
        replace(NUMBER, number="+8610", region="北京"), replace(NUMBER, number="95001"),
    ]  # fmt: skip

    def shown(region: str | None) -> set[str]:
        return {caller_of(ToCall(contact_id=i, region=region), numbers).number for i in range(99)}

    assert shown("上海") == {"+86210", "+86211", "+86212"} and shown("北京") == {"+8610"}
    assert shown("广东") == {"95001"} == shown(None)


def test_numbers_share_contacts_evenly_and_one_more_takes_from_each_only() -> None:
    numbers = [replace(NUMBER, number=f"+86100000{i}") for i in range(5)]
    before = {i: caller_of(ToCall(contact_id=i, region=None), numbers[:4]).number for i in range(2000)}
    after = {i: caller_of(ToCall(contact_id=i, region=None), numbers).number for i in range(2000)}
    assert all(400 < count < 600 for count in Counter(before.values()).values())
    assert {after[i] for i in before if after[i] != before[i]} == {numbers[4].number}


def test_use_stops_at_the_hour_the_area_and_the_day_and_tells_until_when() -> None:
    limits, soon = CallerLimits(hourly=10, daily=20), NOW + 5 * MINUTE
    used = CallerUse(hour=10, day=10, hour_frees_at=soon, day_frees_at=NOW + 600 * MINUTE)
    full = room(used, limits, area="上海", now=NOW)
    assert (full.why, full.until, full.begins_rest) == (Full.HOUR, NOW + 30 * MINUTE, True)
    resting = replace(used, hour=3, rests_until=soon)
    assert (
        room(resting, limits, area=None, now=NOW).why is Full.RESTING
        and room(resting, limits, area=None, now=soon).calls == 5
    )
    day = room(replace(used, day=20), limits, area=None, now=NOW)
    assert (day.why, day.until) == (Full.DAY, NOW + 600 * MINUTE)
    assert room(replace(used, hour=5, by_area={"上海": 5}), limits, area="上海", now=NOW).why is Full.AREA
    assert room(replace(used, hour=5, by_area={"上海": 5}), limits, area="北京", now=NOW).calls == 5
    assert room(used, FREE, area=None, now=NOW).why is None


def test_a_poor_name_halves_the_use_and_chance_makes_none() -> None:
    assert standing(Response(ended=5, answered=1, short=1, declined=2, usual_answer_rate=0.5)) == (Repute.GOOD, ())
    poor, signs = standing(Response(ended=400, answered=30, short=20, declined=150, usual_answer_rate=0.4))
    assert (poor, signs) == (Repute.POOR, ("short_calls", "declined", "answer_rate"))
    assert standing(Response(complaints=1))[0] is Repute.POOR and standing(Response(blocked=1))[0] is Repute.WATCHED
    mobile = USUAL[CallerKind.MOBILE]
    assert limits_for(mobile, Repute.POOR).hourly == 8 and limits_for(mobile, Repute.WATCHED) == mobile


def used(use: CallerUse, calls: int) -> CallerUse:
    return replace(use, hour=use.hour + calls, day=use.day + calls)


USES = st.builds(
    CallerUse, hour=st.integers(0, 30), day=st.integers(0, 90), rests_until=st.sampled_from([None, NOW + MINUTE])
)
STATES = st.builds(
    LineState, name=st.just("x"), free=st.integers(0, 40), fault_share=st.sampled_from([0.0, 0.2, 0.6]),
    breaker=st.sampled_from([Breaker(), OPEN, HALF]),
)  # fmt: skip
LINES = st.lists(STATES, min_size=1, max_size=3).map(
    lambda many: [replace(each, name=f"l{i}") for i, each in enumerate(many)]
)
REGIONS = st.sampled_from([None, "上海", "北京"])
NUMBERS = st.lists(st.tuples(REGIONS, USES), min_size=1, max_size=5).map(
    lambda many: [
        CallerState(number=f"+86{i}", region=region, limits=CallerLimits(hourly=16, daily=64), use=use)
        for i, (region, use) in enumerate(many)
    ]
)
PEOPLE = st.lists(REGIONS, max_size=40).map(lambda many: [ToCall(contact_id=i, region=r) for i, r in enumerate(many)])


@given(PEOPLE, LINES, NUMBERS)
def test_no_state_of_any_number_ever_sends_a_contact_to_another_number(
    people: list[ToCall], lines: list[LineState], numbers: list[CallerState]
) -> None:
    """Law: what is blocked, resting or full is not rotated round; and no limit is passed."""
    routes = route(people, lines=lines, callers=numbers, now=NOW)
    fresh = [replace(number, use=CallerUse()) for number in numbers]
    given_to = Counter(found.caller for found in routes.values() if isinstance(found, Route))
    for person in people:
        if isinstance(found := routes[person.contact_id], Route):
            assert found.caller == caller_of(person, fresh).number
    for number in numbers:
        assert given_to[number.number] <= max(0, min(16 - number.use.hour, 64 - number.use.day))
    for line in lines:
        made = sum(isinstance(found, Route) and found.line == line.name for found in routes.values())
        assert made <= (0 if line.breaker.state is State.OPEN else line.free)


@given(PEOPLE, LINES, NUMBERS, st.data())
def test_the_load_of_a_suspended_number_raises_no_other_number_s_use(
    people: list[ToCall], lines: list[LineState], numbers: list[CallerState], data: st.DataObject
) -> None:
    """Law: the gate denies what a suspended number would call; all else goes as if nothing were suspended."""
    suspended = data.draw(st.sets(st.sampled_from([number.number for number in numbers])))

    def dialled(stopped: set[str]) -> dict[int, str]:
        """Round after round, until nobody is left who may be called now; what the gate denies is not asked again."""
        left, calls, state = list(people), dict[int, str](), numbers
        while left:
            routes = route(left, lines=lines, callers=state, now=NOW)
            asked = {contact: found.caller for contact, found in routes.items() if isinstance(found, Route)}
            if not asked:
                break
            calls |= {contact: caller for contact, caller in asked.items() if caller not in stopped}
            made = Counter(caller for caller in asked.values() if caller not in stopped)
            state = [replace(one, use=used(one.use, made[one.number])) for one in state]
            left = [person for person in left if person.contact_id not in asked]
        return calls

    free, stopped = Counter(dialled(set()).values()), Counter(dialled(suspended).values())
    assert all(stopped[number.number] <= free[number.number] for number in numbers)


@pytest.mark.parametrize("kind", list(CallerKind))
def test_every_kind_of_number_has_limits(kind: CallerKind) -> None:
    assert USUAL[kind].hourly and USUAL[kind].daily
