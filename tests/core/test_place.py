"""Where a person lives: the zone fits the country and the region, and a region nobody knows silences no rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from fairdial.core.policy.case import Basis, Case, Form, Purpose
from fairdial.core.policy.decide import decide
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.pack import lies_in
from fairdial.core.policy.place import zones_of
from fairdial.packs import with_calendars
from tests.core.cases import PACKS, a_case, a_consent, changed
from tests.core.drawn import cases

TUESDAY_MORNING = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""10:00 in New York, 09:00 in Chicago, 07:00 in Los Angeles, 23:00 in Shanghai."""


def american(**changes: object) -> Case:
    facts: dict[str, object] = {
        "now": TUESDAY_MORNING,
        "permission__basis": Basis.CONSENT,
        "permission__consents": (a_consent(form=Form.WRITTEN, artificial_voice=True),),
        "person__number_country": "US",
        "person__region": "US-NY",
        "person__zone": "America/New_York",
        "tenant__seat": "US",
    }
    return with_calendars(a_case(**(facts | changes)), PACKS)


def denies(case: Case) -> dict[str, object]:
    """The facts by which ZONE-OF-REGION says no."""
    return next((dict(o.facts) for o in decide(case, PACKS).opinions if o.rule_id == "ZONE-OF-REGION"), {})


def test_a_clock_of_another_coast_is_a_no_that_names_both() -> None:
    """California by New York's clock was allowed at half past six in the morning."""
    assert decide(american(), PACKS).outcome is Outcome.ALLOW
    assert denies(american(person__region="US-CA")) == {"person.region": "US-CA", "person.zone": "America/New_York"}
    assert decide(american(person__region="US-CA"), PACKS).outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("facts", "country"),
    [
        ({"person__number_country": "DE", "person__zone": "Asia/Shanghai"}, "DE"),
        ({"person__number_country": "CN", "person__address_country": "US", "person__zone": "Asia/Shanghai"}, "US"),
        ({"person__number_country": "US", "person__address_country": "CN"}, "CN"),
    ],
)
def test_a_clock_of_another_country_is_a_no_that_names_the_country(facts: dict[str, object], country: str) -> None:
    """The address counts before the number: a Chinese number of somebody in the US was judged by Shanghai's clock."""
    case = american(person__region=None, **facts)
    assert denies(case) == {"person.zone": case.person.zone, "country": country}
    assert decide(case, PACKS).outcome is Outcome.DENY


def test_a_zone_that_is_not_known_is_left_to_the_rules_that_read_a_clock() -> None:
    case = american(person__zone=None)
    assert denies(case) == {} and decide(case, PACKS).outcome is Outcome.DENY


@pytest.mark.parametrize("region", [None, "", "Florida", "us-fl", "FL", "US", "US-FLX"])
def test_a_region_nobody_knows_hears_the_hours_of_every_state(region: str | None) -> None:
    """`Florida` for `US-FL` silenced Florida's law."""
    case = american(purpose=Purpose.MARKETING, person__region=region)
    spoke = {o.rule_id for o in decide(case, PACKS).opinions}
    assert spoke >= {"US-FL-OK-MD-HOURS", "US-KY-HOURS", "US-TX-HOURS", "US-ME-HOURS", "US-SAYS-RECORDING"}


@pytest.mark.parametrize("region", [None, "", "Xinjiang", "CN-65", "US-CA"])
def test_a_region_nobody_knows_may_be_xinjiang(region: str | None) -> None:
    verdict = decide(a_case(person__region=region), PACKS)
    assert verdict.outcome is Outcome.WAIT and verdict.until == datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_a_zone_for_every_region_knows_none_of_them() -> None:
    """Where a pack has one clock for all and a law for one region, any text is not another region."""
    germany = PACKS["DE"]
    bavarian = replace(
        germany.rules[0], id="DE-BY", applies_to=replace(germany.rules[0].applies_to, regions=("DE-BY",))
    )
    packs = PACKS | {"DE": replace(germany, rules=(*germany.rules, bavarian))}
    facts = {"purpose": Purpose.MARKETING, "person__number_country": "DE", "person__zone": "Europe/Berlin"}

    def speaks(region: str | None) -> bool:
        return "DE-BY" in [o.rule_id for o in decide(american(person__region=region, **facts), packs).opinions]

    assert speaks(None) and speaks(" ") and speaks("Bayern") and speaks("DE-BY")


def test_a_code_is_not_cut_within_a_word() -> None:
    """`US-MARYLAND` began with Massachusetts, `US-ARIZONA` with Arkansas."""
    assert not lies_in("US-ARIZONA", ("US-AR",)) and zones_of(PACKS["US"], "US-MARYLAND") == ()
    assert lies_in("US-AR, Little Rock", ("US-AR",)) and lies_in("新疆乌鲁木齐", ("新疆",)) and lies_in("Kent", ("",))


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago"])
def test_a_state_in_two_zones_is_called_when_both_clocks_allow(zone: str) -> None:
    """Florida had no zone and could never be called. Its morning is Pensacola's, its evening Miami's."""

    def at(hour: int, minute: int = 0) -> Case:
        """By New York's clock."""
        moment = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hour + 5, minutes=minute)
        return american(now=moment, person__region="US-FL, Pensacola", person__zone=zone)

    assert decide(at(9, 30), PACKS).until == at(10).now
    assert decide(at(10), PACKS).outcome is decide(at(19, 59), PACKS).outcome is Outcome.ALLOW
    assert decide(at(20), PACKS).until == at(34).now
    [hours] = [o for o in decide(at(9), PACKS).opinions if o.rule_id == "US-HOURS-DEFAULT"]
    assert hours.facts["local_time"] == ("2026-11-24T09:00-05:00", "2026-11-24T08:00-06:00")


def test_a_state_in_two_zones_has_no_third() -> None:
    assert denies(american(person__region="US-FL", person__zone="America/Los_Angeles"))
    assert decide(american(person__region="US-FL", person__zone=None), PACKS).outcome is Outcome.DENY


@given(cases())
def test_law_whoever_is_called_lives_by_a_clock_of_their_country(case: Case) -> None:
    zones = PACKS[case.person.address_country or case.person.number_country or ""].zones
    for zone in ("Asia/Shanghai", "America/Los_Angeles", "Europe/Paris"):
        if zone not in zones:
            assert decide(changed(case, person__zone=zone), PACKS).outcome is Outcome.DENY
