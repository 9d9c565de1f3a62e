"""What is counted of the voice clock."""

from __future__ import annotations

from fairdial.core.hearing.punctuality import Punctuality


def test_a_tick_that_ends_before_the_next_is_due_is_on_time() -> None:
    assert Punctuality().ticked(late_s=-0.001) == Punctuality(ticks=1)


def test_a_late_tick_and_skipped_ones_are_counted_and_the_worst_is_kept() -> None:
    counted = Punctuality().ticked(late_s=0.03).ticked(late_s=-0.01).skipped(15, late_s=0.3)
    assert counted == Punctuality(ticks=17, late=16, worst_ms=300.0)
    assert str(counted) == "16 of 17 ticks late, worst 300 ms"


def test_what_is_told_is_what_has_been_added() -> None:
    before = Punctuality(ticks=10, late=1, worst_ms=40)
    assert before.ticked(late_s=0.02).since(before) == Punctuality(ticks=1, late=1, worst_ms=40)


def test_the_counts_of_two_clocks_are_added_and_the_worst_of_both_is_kept() -> None:
    one, other = Punctuality(ticks=10, late=1, worst_ms=40), Punctuality(ticks=5, late=2, worst_ms=7)
    assert one.joined(other) == other.joined(one) == Punctuality(ticks=15, late=3, worst_ms=40)
