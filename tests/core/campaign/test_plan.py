"""A campaign's life: which moves are allowed, what holds it, what contradicts in it and between two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.campaign.check import Planned, check, contradicts
from fairdial.core.campaign.life import CampaignState, Move, NotNow, moved, settled
from fairdial.core.campaign.plan import Held, Holds, Plan, Spent, room
from fairdial.core.campaign.retries import Retries
from fairdial.core.policy.case import Window

NOW = datetime(2026, 11, 25, 9, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
NOTHING = Spent(total=0, of_day=0, day=NOW.date(), open=0)
LAW = [(Window(start=time(8, 30), end=time(20)),)]


def test_the_moves_a_state_allows_and_what_is_said_otherwise() -> None:
    assert moved(CampaignState.APPROVED, Move.START) is CampaignState.RUNNING
    assert (
        moved(CampaignState.RUNNING, Move.PAUSE) is CampaignState.PAUSED
        and moved(CampaignState.PAUSED, Move.RESUME) is CampaignState.RUNNING
    )
    for state in CampaignState:
        for move in Move:
            answer = moved(state, move)
            if isinstance(answer, NotNow):
                assert answer.en and answer.zh
            else:
                assert moved(answer, move) is answer  # made again it changes nothing
    assert isinstance(moved(CampaignState.PAUSED, Move.START), NotNow)
    assert isinstance(moved(CampaignState.FINISHED, Move.RESUME), NotNow)
    assert settled(CampaignState.DRAFT, contradicts=False, is_approved=True) is CampaignState.APPROVED
    assert settled(CampaignState.APPROVED, contradicts=False, is_approved=False) is CampaignState.CHECKED
    assert settled(CampaignState.RUNNING, contradicts=True, is_approved=False) is CampaignState.RUNNING


def test_what_holds_a_campaign_and_until_when() -> None:
    def asked(state: CampaignState = CampaignState.RUNNING, spent: Spent = NOTHING, **plan: Any) -> Held | int | None:
        return room(Plan(**plan), state, spent, NOW)

    hour = timedelta(hours=1)
    assert asked() is None
    assert asked(CampaignState.PAUSED) == Held(by=Holds.NOT_RUNNING)
    assert asked(starts_at=NOW + hour) == Held(by=Holds.NOT_STARTED, until=NOW + hour)
    assert asked(stops_at=NOW) == Held(by=Holds.STOPPED)
    assert asked(daily_limit=10, spent=replace(NOTHING, of_day=7, open=1)) == 2
    midnight = datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert asked(daily_limit=7, spent=replace(NOTHING, of_day=7)) == Held(by=Holds.DAILY_LIMIT, until=midnight)
    assert asked(daily_limit=7, spent=replace(NOTHING, of_day=7, day=NOW.date() - timedelta(days=1))) == 7
    assert asked(total_limit=5, spent=replace(NOTHING, total=5)) == Held(by=Holds.TOTAL_LIMIT)
    waiting = asked(total_limit=5, spent=replace(NOTHING, total=3, open=2))  # a permit may come back unspent
    assert isinstance(waiting, Held) and waiting.until == NOW + timedelta(seconds=1)


@given(
    limits=st.tuples(st.none() | st.integers(1, 20), st.none() | st.integers(1, 20)),
    took=st.tuples(st.integers(0, 25), st.integers(0, 25), st.integers(0, 5)),
)
def test_law_what_is_asked_for_never_passes_a_limit(
    limits: tuple[int | None, int | None], took: tuple[int, int, int]
) -> None:
    daily, total = limits
    today, more, still_open = took
    spent = Spent(total=today + more, of_day=today, day=NOW.date(), open=still_open)
    left = room(Plan(daily_limit=daily, total_limit=total), CampaignState.RUNNING, spent, NOW)
    if isinstance(left, int):
        assert daily is None or today + still_open + left <= daily
        assert total is None or today + more + still_open + left <= total
    else:
        assert (left is None) == (daily is None and total is None)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"starts_at": NOW + timedelta(days=2), "stops_at": NOW + timedelta(days=1)}, "stop-before-start"),
        ({"stops_at": NOW - timedelta(days=1)}, "over"),
        ({"daily_limit": 0}, "daily-limit"),
        ({"total_limit": 0}, "total-limit"),
        ({"hours": (Window(start=time(12), end=time(9)),)}, "empty-window"),
        ({"hours": (Window(start=time(22), end=time(23)),)}, "outside-law"),
        ({"hours": (Window(start=time(20), end=time(21)),), "stops_at": NOW + timedelta(hours=3)}, "no-hour"),
        ({"retries": Retries(budget=0)}, "budget"),
    ],
)
def test_what_cannot_be_meant_is_refused(plan: dict[str, Any], code: str) -> None:
    found = check(a_campaign(**plan), NOW, law=LAW)
    assert contradicts(found) and code in [finding.code for finding in found if finding.refuses]


def test_what_deserves_a_look_is_a_warning() -> None:
    assert check(a_campaign(), NOW, law=LAW) == []
    odd: dict[str, Any] = {
        "daily_limit": 9,
        "total_limit": 5,
        "retries": Retries(budget=1),
        "hours": (Window(start=time(8), end=time(9)),),
    }
    found = check(a_campaign(**odd), NOW, law=LAW)
    assert {f.code for f in found} == {"daily-above-total", "no-call-back", "partly-outside-law"}
    assert not contradicts(found) and "3.5 hours a week" in next(f.en for f in found if f.code == "partly-outside-law")


def a_campaign(name: str = "one", *, list_name: str = "renewals", script: str = "a", **plan: Any) -> Planned:
    return Planned(name=name, plan=Plan(**plan), list=list_name, script_hash=script, purpose="service", line="trunk-1")


def test_two_campaigns_that_contradict_are_named_with_a_remedy() -> None:
    def codes(asked: Planned, other: Planned) -> list[str]:
        found = check(asked, NOW, beside=[other])
        assert all("'one'" in f.en and "'two'" in f.en and ";" in f.en for f in found)
        return [f.code for f in found]

    mornings, evenings = (Window(start=time(9), end=time(12)),), (Window(start=time(18), end=time(20)),)
    assert codes(a_campaign(), a_campaign("two")) == ["same-calls"]
    assert codes(a_campaign(hours=mornings), a_campaign("two", hours=evenings)) == []
    assert codes(a_campaign(), a_campaign("two", script="b")) == ["same-persons"]
    assert codes(a_campaign(), replace(a_campaign("two", list_name="others"), shared=12)) == ["same-persons"]
    assert codes(a_campaign(priority=7), a_campaign("two", list_name="others")) == ["starves"]
    assert codes(a_campaign(priority=7, daily_limit=99), a_campaign("two", list_name="others")) == []
    assert (
        codes(a_campaign(stops_at=NOW + timedelta(days=1)), a_campaign("two", starts_at=NOW + timedelta(days=1))) == []
    )


def test_a_line_that_carries_nobody_of_a_campaign_is_named_before_it_is_started() -> None:
    [found] = check(replace(a_campaign(), barred=["trunk-1"]), NOW)
    assert (found.code, found.refuses) == ("line-barred", False) and "fairdial line set trunk-1" in found.en
