"""Counts of several processes, as one."""

from __future__ import annotations

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from fairdial.observe.joined import Joined
from fairdial.observe.metrics import Meters


def process(*, calls: int, living: int, row: int) -> Meters:
    """A process that has made and still makes so many calls."""
    meters = Meters()
    meters.ended.labels("trunk-1", "7", "busy").inc(calls)
    meters.living.labels("trunk-1", "talking").set(living)
    meters.silent_row.labels("trunk-1").set(row)
    for _ in range(calls):
        meters.post_dial.labels("trunk-1").observe(0.3)
    return meters


def said(meters: Meters) -> str:
    return generate_latest(meters.registry).decode()


def values(joined: Joined) -> dict[str, float]:
    """By sample; labels of these tests are one each."""
    return {s.name: s.value for f in text_string_to_metric_families(joined.text().decode()) for s in f.samples}


def test_counts_add_up_and_of_some_gauges_the_largest_is_told() -> None:
    joined = Joined(process(calls=1, living=2, row=3).registry)
    joined.take("a", said(process(calls=10, living=20, row=1)))
    joined.take("a", said(process(calls=11, living=21, row=1)))  # in place of what it said before
    joined.take("b", said(process(calls=100, living=200, row=4)))
    found = values(joined)
    assert found["fairdial_calls_ended_total"] == 112
    assert found["fairdial_calls_living"] == 223
    assert found["fairdial_line_silent_row"] == 4
    assert found["fairdial_post_dial_delay_seconds_count"] == 112
    assert joined.value("fairdial_calls_ended_total") == 112


def test_what_a_process_counted_stays_when_it_is_gone_and_its_gauges_go() -> None:
    joined = Joined(process(calls=1, living=0, row=0).registry)
    for who in ("a", "b"):
        joined.take(who, said(process(calls=10, living=5, row=2)))
        joined.leave(who)
    joined.leave("somebody who never said a word")
    found = values(joined)
    assert found["fairdial_calls_ended_total"] == 21 and found["fairdial_post_dial_delay_seconds_count"] == 21
    assert found["fairdial_calls_living"] == 0 and found["fairdial_line_silent_row"] == 0


def test_a_histogram_keeps_its_bounds_in_their_order() -> None:
    joined = Joined(Meters().registry)
    joined.take("a", said(process(calls=2, living=0, row=0)))
    text = joined.text().decode()
    bounds = [line for line in text.splitlines() if line.startswith("fairdial_post_dial_delay_seconds_bucket")]
    counts = [float(line.rpartition(" ")[2]) for line in bounds]
    assert counts == sorted(counts) and 'le="+Inf"' in bounds[-1] and counts[-1] == 2
