"""A line is taken out for its own faults only, rests longer each time, and comes back by calls that go well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, Disposition
from fairdial.core.dialogue.state import SOUND_LOST
from fairdial.core.pacing.breaker import (
    FIRST_REST,
    LONGEST_REST,
    TRIAL_PATIENCE,
    TRIALS,
    Breaker,
    State,
    fault_share,
    faults_of,
    judge,
    probed,
)
from fairdial.core.pacing.set_up import Fault, SetUp

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = SetUp(
    person=1, dialled_at=NOW, ended_at=NOW, disposition=Disposition.ANSWERED, post_dial_ms=1500, has_early_media=True,
    lasted=40 * SECOND, took_leave=True,
)  # fmt: skip
BUSY = replace(GOOD, disposition=Disposition.BUSY, status=486, lasted=None)
SILENT = SetUp(person=1, dialled_at=NOW, ended_at=NOW, disposition=Disposition.FAILED, outcome=NETWORK_SILENT)
REFUSED = replace(SILENT, outcome=None, status=503)
NOT_LET_OUT = replace(SILENT, outcome=LINE_REFUSED)
ARREARS = replace(SILENT, outcome=None, disposition=Disposition.CALLER_ARREARS)
ONE_WAY = replace(GOOD, disposition=Disposition.FAILED, outcome=SOUND_LOST, took_leave=False)
FALSE = [replace(GOOD, person=i, lasted=0.4 * SECOND, took_leave=False) for i in range(6)]


@pytest.mark.parametrize(
    ("one", "fault"),
    [(SILENT, "silent"), (REFUSED, "server_error"), (NOT_LET_OUT, "not_let_out"), (ARREARS, "arrears")],
)
def test_five_set_ups_in_a_row_that_fail_by_the_line_open_it_and_four_do_not(one: SetUp, fault: str) -> None:
    assert faults_of([BUSY] * 3 + [one] * 4) == () == faults_of([one] * 4 + [BUSY] + [one] * 4)
    assert faults_of([BUSY] * 3 + [one] * 5) == (fault,)


def test_half_of_twenty_opens_it_too() -> None:
    assert faults_of([REFUSED, GOOD] * 10) == (Fault.SERVER_ERROR,)
    assert faults_of([REFUSED, GOOD, GOOD] * 10) == ()


@pytest.mark.parametrize("status", [404, 408, 480, 486, 487, 600, 603, 607, 608])
def test_what_speaks_of_the_person_never_opens_a_line(status: int) -> None:
    assert faults_of([replace(BUSY, status=status, disposition=Disposition.FAILED)] * 200) == ()


def test_answers_without_sound_open_it() -> None:
    assert faults_of([GOOD, ONE_WAY, BUSY, ONE_WAY]) == ()
    assert faults_of([GOOD, ONE_WAY, BUSY, ONE_WAY, ONE_WAY]) == (Fault.ONE_WAY,)


def test_answers_that_hang_up_at_once_for_every_number_open_it() -> None:
    assert faults_of(FALSE) == (Fault.FALSE_ANSWER,)
    assert faults_of(FALSE[:5]) == () and faults_of([*FALSE[:5], GOOD]) == ()
    assert faults_of([FALSE[0]] * 6) == (), "one person who does not like us is no fault of the line"
    assert faults_of([replace(one, took_leave=True) for one in FALSE]) == ()


def test_a_line_that_never_has_early_media_is_not_blamed_for_it() -> None:
    quiet = replace(BUSY, has_early_media=False)
    assert faults_of([quiet] * 100) == ()
    assert faults_of([BUSY] * 20 + [quiet] * 9) == ()
    assert faults_of([BUSY] * 20 + [quiet] * 10) == (Fault.NO_EARLY_MEDIA,)


def test_a_delay_that_has_doubled_opens_it_and_a_line_that_was_always_slow_stays() -> None:
    slow = replace(BUSY, post_dial_ms=9000)
    assert faults_of([BUSY] * 20 + [slow] * 10) == (Fault.SLOW,)
    assert faults_of([slow] * 100) == () and faults_of([BUSY] * 5 + [slow] * 10) == ()


def opened(*set_ups: SetUp, before: Breaker | None = None) -> Breaker:
    return judge(before or Breaker(), set_ups, now=NOW)


def test_an_open_line_rests_and_what_still_ends_changes_nothing() -> None:
    breaker = opened(*[SILENT] * 5)
    assert (breaker.state, breaker.until, breaker.openings) == (State.OPEN, NOW + FIRST_REST, 1)
    assert judge(breaker, [SILENT] * 100, now=NOW + SECOND) == breaker
    assert not breaker.is_due(NOW) and breaker.is_due(NOW + FIRST_REST)


def test_one_503_with_retry_after_is_enough_and_is_honoured() -> None:
    asked = replace(REFUSED, retry_after_s=300)
    breaker = opened(GOOD, asked)
    assert (breaker.faults, breaker.until) == ((Fault.ASKED_TO_WAIT,), NOW + 300 * SECOND)
    later = replace(asked, ended_at=NOW + 9 * SECOND)
    assert judge(breaker, [asked, later], now=NOW + 9 * SECOND).until == NOW + 309 * SECOND
    assert opened(GOOD, replace(BUSY, retry_after_s=300)).state is State.CLOSED, (
        "the person's phone asked, not the line"
    )


def test_a_probe_that_is_answered_lets_a_few_calls_out_and_three_good_ones_close_it() -> None:
    half = probed(opened(*[SILENT] * 5), answered=True, now=NOW)
    assert (half.state, half.trials_left) == (State.HALF_OPEN, TRIALS)
    assert judge(half, [BUSY, GOOD], now=NOW).state is State.HALF_OPEN
    assert judge(half, [BUSY, GOOD, BUSY], now=NOW) == Breaker(since=NOW)


def test_each_failure_doubles_the_rest_up_to_a_quarter_of_an_hour() -> None:
    breaker, rests = opened(*[SILENT] * 5), []
    for _ in range(8):
        assert breaker.until is not None
        rests.append(breaker.until - NOW)
        breaker = judge(probed(breaker, answered=True, now=NOW), [SILENT], now=NOW)
    assert rests[:4] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST, 8 * FIRST_REST] and rests[-1] == LONGEST_REST
    dead = probed(opened(*[SILENT] * 5), answered=False, now=NOW)
    assert dead.until == NOW + 2 * FIRST_REST and dead.faults == (Fault.SILENT, Fault.NO_PROBE)


def test_calls_dialled_before_it_was_opened_are_no_trials() -> None:
    half = probed(opened(*[SILENT] * 5), answered=True, now=NOW + SECOND)
    assert judge(half, [SILENT, GOOD, GOOD, GOOD], now=NOW + SECOND) == half


def test_trials_that_never_end_are_made_again() -> None:
    half = replace(probed(opened(*[SILENT] * 5), answered=True, now=NOW), trials=3)
    assert judge(half, [GOOD], now=NOW + SECOND).trials_left == 0
    assert judge(half, [], now=NOW + TRIAL_PATIENCE).trials_left == TRIALS


ANY = st.sampled_from([GOOD, BUSY, SILENT, REFUSED, NOT_LET_OUT, ARREARS, ONE_WAY, *FALSE])


@given(st.lists(ANY, max_size=40), st.lists(ANY, min_size=3, max_size=10))
def test_a_line_never_skips_its_probe_nor_its_trials(before: list[SetUp], trials: list[SetUp]) -> None:
    """Law: from open it goes half-open by a probe only, and closed by trials only."""
    breaker = opened(*before)
    if breaker.state is State.OPEN:
        assert judge(breaker, trials, now=NOW + LONGEST_REST).state is State.OPEN
        half = judge(probed(breaker, answered=True, now=NOW), trials, now=NOW)
        assert (half.state is State.CLOSED) == (
            not any(one in (SILENT, REFUSED, NOT_LET_OUT, ARREARS, ONE_WAY, *FALSE) for one in trials)
        )
    assert 0.0 <= fault_share(before) <= 1.0
