"""Retention: the later of all duties counts, and what is unknown is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.adjust import DutyAdjustment, adjust
from fairdial.core.policy.pack import Pack
from fairdial.core.policy.retention import BOUND_BY, Data, cutoffs, longest_duty
from tests.core.cases import CN_MORNING, PACKS


def days(data: Data, country: str | None, seat: str | None = "CN", packs: dict[str, Pack] = PACKS) -> float | None:
    duty = longest_duty(data, packs, country=country, seat=seat)
    return duty.days if duty else None


def keeping_recordings(for_days: float) -> dict[str, Pack]:
    return adjust(PACKS, [DutyAdjustment(duty="PLATFORM-KEEP-RECORDINGS", days=for_days)], number=1)


def test_the_platforms_time_counts_where_no_law_keeps_longer() -> None:
    assert days(Data.RECORDING, "CN") == days(Data.WORDS, "FR") == 1095
    assert days(Data.CONSENT, "CN") == 1826


def test_a_tenant_keeps_shorter_but_never_shorter_than_law() -> None:
    assert days(Data.RECORDING, "CN", packs=keeping_recordings(90)) == 90
    assert days(Data.RECORDING, "CN", packs=keeping_recordings(7)) == 30
    assert days(Data.RECORDING, "US", seat="US", packs=keeping_recordings(7)) == 7
    assert days(Data.RECORDING, "US", seat="CN", packs=keeping_recordings(7)) == 30, "the tenant's own law binds too"


def test_a_person_of_unknown_country_is_kept_as_long_as_any_law_asks() -> None:
    assert days(Data.RECORDING, None, packs=keeping_recordings(7)) == 30
    assert days(Data.RECORDING, "US", seat=None, packs=keeping_recordings(7)) == 30


def test_without_a_pack_or_a_time_of_the_platform_nothing_is_removed() -> None:
    assert days(Data.RECORDING, "XX") is None
    silent = {**PACKS, "*": replace(PACKS["*"], duties=())}
    assert days(Data.RECORDING, "CN", packs=silent) is None
    assert cutoffs(silent, countries=frozenset({"CN", None}), seat="CN", now=CN_MORNING) == ()


def test_the_cutoff_is_the_days_of_the_duty_before_now() -> None:
    found = {(c.data, c.country): c for c in cutoffs(PACKS, countries=frozenset({"CN"}), seat="CN", now=CN_MORNING)}
    assert set(found) == {(data, "CN") for data in Data}
    assert found[Data.RECORDING, "CN"].before == CN_MORNING - timedelta(days=1095)
    assert found[Data.RECORDING, "CN"].duty.id == "PLATFORM-KEEP-RECORDINGS"


@given(
    st.sampled_from(Data),
    st.sampled_from([*PACKS, None]),
    st.sampled_from([*PACKS, None]),
    st.floats(1, 3000),
)
def test_law_no_choice_of_a_tenant_removes_what_a_law_of_its_countries_keeps(
    data: Data, country: str | None, seat: str | None, chosen: float
) -> None:
    own = [d.id for d in PACKS["*"].duties if d.kind in BOUND_BY[data]]
    packs = adjust(PACKS, [DutyAdjustment(duty=duty, days=chosen) for duty in own], number=1)
    kept = days(data, country, seat, packs)
    bound_by = [PACKS[j] for j in (country, seat) if j] if country and seat else list(PACKS.values())
    least = [d.days for p in bound_by for d in p.duties if d.standing == "law" and d.kind in BOUND_BY[data]]
    assert kept is not None and all(kept >= law for law in least)
