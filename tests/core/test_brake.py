"""The brakes: when signals stop a resource, and how seldom they stop one for nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.brake import Heard, must_stop, surely_at_least
from fairdial.core.policy.check_pack import check_pack
from fairdial.core.policy.pack import Brake, Signal, Standing
from tests.core.cases import PACKS

BRAKES = {brake.id: brake for brake in PACKS["*"].brakes}
DAY, MONTH = BRAKES["BRAKE-COMPLAINTS-DAY"], BRAKES["BRAKE-COMPLAINTS-MONTH"]
OPT_OUT = BRAKES["BRAKE-OPT-OUT"]
RATES = [OPT_OUT, BRAKES["BRAKE-SHORT-HANG-UP"], BRAKES["BRAKE-ASKS-WHO"]]


def stops(brake: Brake, signals: int, answered: int) -> bool:
    return must_stop(brake, Heard(signals=signals, answered=answered)) is not None


def test_complaints_stop_at_three_a_day_or_above_one_in_ten_thousand() -> None:
    assert not stops(DAY, 2, 10) and stops(DAY, 3, 1_000_000)
    assert not stops(MONTH, 0, 0) and not stops(MONTH, 1, 10_000)
    assert stops(MONTH, 1, 9_999) and stops(MONTH, 1, 0)


def test_early_refusals_stop_nothing_and_steady_ones_do() -> None:
    assert not stops(OPT_OUT, 1, 3) and not stops(OPT_OUT, 3, 3) and not stops(OPT_OUT, 49, 49)
    assert not stops(OPT_OUT, 5, 100) and stops(OPT_OUT, 14, 100)


def test_every_signal_has_a_brake_and_no_brake_passes_for_law() -> None:
    assert {brake.signal for brake in BRAKES.values()} == set(Signal)
    assert all(brake.standing is Standing.DEFAULT for brake in BRAKES.values())


def test_a_reason_gives_the_counts_the_limit_and_the_brake_in_both_languages() -> None:
    reason = must_stop(OPT_OUT, Heard(signals=30, answered=200))
    assert reason and re.search(r"[\u4e00-\u9fff]", reason)
    assert all(part in reason for part in ("30 / 200", "refusals", "within 7 days", "5.00%", "BRAKE-OPT-OUT"))


@pytest.mark.parametrize("flaw", [{"at_most": 3}, {"at_most_ratio": None}, {"at_most_ratio": 1.0}, {"within_days": 0}])
def test_a_brake_that_cannot_stop_is_a_flaw_of_the_pack(flaw: dict[str, float]) -> None:
    pack = replace(PACKS["*"], brakes=(replace(OPT_OUT, **flaw),))  # type: ignore[arg-type]
    assert [f.path for f in check_pack(pack)] == [("brakes", 0)]


_counts = st.integers(0, 5_000)
_z = st.floats(0, 5)


@given(_counts, _counts, _z)
def test_law_what_is_sure_lies_between_nothing_and_what_was_seen(signals: int, answered: int, z: float) -> None:
    seen = signals / max(answered, signals, 1)
    assert 0.0 <= surely_at_least(signals, answered, z=z) <= seen + 1e-12
    assert surely_at_least(signals, answered, z=0) == pytest.approx(seen)


@given(st.sampled_from(list(BRAKES.values())), _counts, _counts)
def test_law_one_signal_more_never_releases_a_brake(brake: Brake, signals: int, answered: int) -> None:
    assert stops(brake, signals + 1, max(answered, signals + 1)) or not stops(
        brake, signals, max(answered, signals + 1)
    )


@given(_counts, _counts, _z)
def test_law_one_person_more_who_answers_quietly_never_makes_it_surer(signals: int, answered: int, z: float) -> None:
    before = surely_at_least(signals, answered, z=z)
    assert surely_at_least(signals, answered + 1, z=z) <= before + 1e-12


def chance_stopped(brake: Brake, share: float, answered: int) -> float:
    """The exact chance that a resource of this true share is stopped by then, looked at after every answer."""
    running, stopped = {0: 1.0}, 0.0
    for n in range(1, answered + 1):
        after: dict[int, float] = {}
        for signals, chance in running.items():
            after[signals] = after.get(signals, 0.0) + chance * (1 - share)
            after[signals + 1] = after.get(signals + 1, 0.0) + chance * share
        running = {k: chance for k, chance in after.items() if not stops(brake, k, n) and chance > 1e-12}
        stopped += sum(chance for k, chance in after.items() if stops(brake, k, n))
    return stopped


@pytest.mark.parametrize("brake", RATES, ids=lambda brake: brake.id)
def test_looked_at_after_every_answer_half_the_limit_goes_on_and_twice_the_limit_is_stopped(brake: Brake) -> None:
    """What looking again and again costs is in the figure: docs/why/brakes.md."""
    assert brake.at_most_ratio is not None
    assert chance_stopped(brake, brake.at_most_ratio / 2, 600) < 0.001
    assert chance_stopped(brake, brake.at_most_ratio * 2, 600) > 0.95
