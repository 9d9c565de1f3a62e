"""When a call may ring: windows by the person's clock, holidays, and the two clocks of Xinjiang."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fairdial.core.policy.case import Calendar, Contacted
from fairdial.core.policy.decide import decide
from fairdial.packs import with_calendars
from tests.core.cases import PACKS, a_case


def test_urumqi_waits_until_nine_of_its_own_morning() -> None:
    assert decide(a_case(person__zone="Asia/Urumqi", person__region="新疆"), PACKS).until == datetime(
        2026, 11, 25, 3, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("region", "zone"),
    [("新疆喀什", "Asia/Urumqi"), (None, "Asia/Shanghai"), (None, "Asia/Urumqi"), ("Xinjiang", "Asia/Shanghai")],
)
@pytest.mark.parametrize(
    ("beijing", "until"),
    [
        ((10, 59), (11, 0)),
        ((11, 0), None),
        ((19, 59), None),
        ((20, 0), (35, 0)),
        ((20, 30), (35, 0)),
        ((23, 0), (35, 0)),
    ],
)
def test_in_xinjiang_a_call_rings_only_when_both_clocks_allow(
    zone: str, region: str | None, beijing: tuple[int, int], until: tuple[int, int] | None
) -> None:
    """Hours of the day by Beijing time; 35:00 is 11:00 of the next day. Urumqi's window alone lasted until 22:00."""
    midnight = datetime(2026, 11, 24, 16, tzinfo=UTC)
    instant, opens = (clock and midnight + timedelta(hours=clock[0], minutes=clock[1]) for clock in (beijing, until))
    verdict = decide(a_case(now=instant, person__zone=zone, person__region=region), PACKS)
    assert (verdict.outcome, verdict.until) == ("wait" if opens else "allow", opens)


def test_the_clocks_of_xinjiang_are_not_asked_for_a_number_abroad() -> None:
    """14:00 in Paris is 21:00 in Beijing: a region that is not known hid every French number from Chinese tenants."""
    case = a_case(
        now=datetime(2026, 11, 25, 13, 30, tzinfo=UTC),
        person__number_country="FR",
        person__region=None,
        person__zone="Europe/Paris",
    )
    assert "CN-HOURS-XINJIANG" not in [o.rule_id for o in decide(with_calendars(case, PACKS), PACKS).opinions]


def test_waiting_skips_holidays_and_names_the_first_open_instant() -> None:
    evening = datetime(2026, 9, 30, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai, the eve of a week of holidays
    week = Calendar(holidays=frozenset(date(2026, 10, d) for d in range(1, 8)), known_until=date(2026, 12, 31))
    verdict = decide(a_case(now=evening, calendars={"CN": week}), PACKS)
    assert (verdict.outcome, verdict.until) == ("wait", datetime(2026, 10, 8, 1, 0, tzinfo=UTC))


def test_a_month_of_rest_that_ends_in_a_week_of_holidays_is_a_wait() -> None:
    """Ten contacts on the first of September were a no for good: the horizon ended on the second of October."""
    first = datetime(2026, 9, 1, 2, tzinfo=UTC)
    contacted = tuple(Contacted(at=first + timedelta(minutes=n)) for n in range(10))
    case = a_case(now=first + timedelta(hours=1), person__contacted=contacted, calendars={})
    assert decide(with_calendars(case, PACKS), PACKS).until == datetime(2026, 10, 8, 1, tzinfo=UTC)
