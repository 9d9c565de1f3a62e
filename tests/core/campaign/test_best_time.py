"""Best time to call: learnt from a simulated (synthetic) history; little evidence prefers nothing, hours stay the rules' own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.campaign.best_time import LEAST, Cell, learn
from fairdial.core.campaign.retries import Again, Cause, Retries, Tried, next_try
from fairdial.core.policy.case import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 25, 9, 40, tzinfo=SHANGHAI)
DAY = (Window(start=time(9), end=time(20)),)


def synthetic(calls: int, *, seed: int = 7) -> tuple[list[Cell], dict[tuple[int, int], float]]:
    """A made-up history: calls spread evenly over 9 to 20 h, answered by a true rate with a peak at six in the evening."""
    chance = random.Random(seed)
    true = {(d, h): 0.15 + 0.3 * (h == 18) + 0.1 * (h == 11) + 0.05 * (d >= 5) for d in range(7) for h in range(9, 20)}
    counts = {at: [0, 0] for at in true}
    for _ in range(calls):
        at = chance.choice(list(true))
        counts[at][0] += 1
        counts[at][1] += chance.random() < true[at]
    return [Cell(weekday=d, hour=h, dialled=n, answered=k) for (d, h), (n, k) in counts.items()], true


def test_the_learnt_hour_is_the_true_one_and_reaches_more_people_than_the_first_open_one() -> None:
    cells, true = synthetic(4000)
    odds = learn(cells, SHANGHAI)
    assert odds is not None
    tries = [Tried(at=MORNING, cause=Cause.NO_ANSWER)]

    def chosen(with_odds: bool) -> float:
        found = next_try(Retries(), tries, ended=MORNING, zone=SHANGHAI, hours=DAY, odds=odds if with_odds else None)
        assert isinstance(found, Again)
        local = found.at.astimezone(SHANGHAI)
        return true[local.weekday(), local.hour]

    assert chosen(True) > 0.44 > chosen(False)
    mean_error = sum(abs(odds(_instant(d, h)) - rate) for (d, h), rate in true.items()) / len(true)
    raw = sum(abs(c.answered / max(c.dialled, 1) - true[c.weekday, c.hour]) for c in cells) / len(true)
    assert mean_error < raw  # shrinking is nearer to the truth than the bare shares


def test_little_evidence_prefers_no_hour() -> None:
    cells, _ = synthetic(LEAST - 1)
    assert learn(cells, SHANGHAI) is None
    lucky = [Cell(weekday=0, hour=h, dialled=100, answered=20) for h in range(9, 12)]
    lucky.append(Cell(weekday=0, hour=14, dialled=1, answered=1))
    odds = learn(lucky, SHANGHAI)
    assert odds is not None and abs(odds(_instant(0, 14)) - odds(_instant(0, 10))) < 0.05


def test_a_person_s_own_region_speaks_once_it_was_tried_enough() -> None:
    common = [Cell(weekday=0, hour=h, dialled=500, answered=150) for h in range(9, 20)]
    few = [*common[:-1], Cell(weekday=0, hour=19, dialled=500, answered=150, near_dialled=5, near_answered=5)]
    many = [*common[:-1], Cell(weekday=0, hour=19, dialled=500, answered=300, near_dialled=300, near_answered=240)]
    weak, strong = learn(few, SHANGHAI), learn(many, SHANGHAI)
    assert weak is not None and strong is not None
    assert weak(_instant(0, 19)) < 0.4 < 0.7 < strong(_instant(0, 19))


@given(
    cells=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 5000), st.floats(0, 1)), max_size=50
    ),
    when=st.datetimes(timezones=st.just(UTC)),
)
def test_law_odds_are_a_probability(cells: list[tuple[int, int, int, float]], when: datetime) -> None:
    known = [Cell(weekday=d, hour=h, dialled=n, answered=int(n * share)) for d, h, n, share in cells]
    odds = learn(known, SHANGHAI)
    assert odds is None or 0 <= odds(when) <= 1


def _instant(weekday: int, hour: int) -> datetime:
    monday = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    return monday + timedelta(days=weekday, hours=hour)
