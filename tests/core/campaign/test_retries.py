"""Retries: by cause, in other parts of the day, within one budget; a promise comes first and what is served is never tried again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.call_record import Disposition
from fairdial.core.campaign.hours import Part, part_of
from fairdial.core.campaign.retries import (
    DEFAULTS,
    Again,
    Cause,
    Ended,
    Over,
    Rank,
    Retries,
    Rule,
    Tried,
    cause_of,
    next_try,
)
from fairdial.core.policy.case import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 25, 9, 40, tzinfo=SHANGHAI)  # a Wednesday
OFFICE = (
    Window(start=time(9), end=time(12), days=("mon", "tue", "wed", "thu", "fri")),
    Window(start=time(14), end=time(18), days=("mon", "tue", "wed", "thu", "fri")),
)
CAUSES = st.sampled_from(Cause)


def after(*causes: Cause, apart: timedelta = timedelta(hours=5)) -> list[Tried]:
    return [Tried(at=MORNING + index * apart, cause=cause) for index, cause in enumerate(causes)]


def local(answer: Again | Over) -> str:
    assert isinstance(answer, Again), answer
    return f"{answer.at.astimezone(SHANGHAI):%a %H:%M}"


def test_each_cause_has_its_delay_and_its_other_time_of_day() -> None:
    def asked(*causes: Cause) -> Again | Over:
        tries = after(*causes)
        return next_try(Retries(), tries, ended=tries[-1].at, zone=SHANGHAI, hours=OFFICE)

    assert local(asked(Cause.BUSY)) == "Wed 09:55"
    assert local(asked(Cause.NO_ANSWER)) == "Wed 14:00"
    assert (
        local(asked(Cause.NO_ANSWER, Cause.NO_ANSWER)) == "Thu 09:00"
    )  # one morning, one afternoon: the first that is open
    assert local(asked(Cause.VOICEMAIL)) == "Thu 14:00"
    assert local(asked(Cause.SUSPENDED)) == "Fri 09:40"
    suspended = asked(Cause.SUSPENDED)
    assert isinstance(suspended, Again) and suspended.at - MORNING == timedelta(days=30)
    for never in (Cause.INVALID_NUMBER, Cause.REJECTED, Cause.BARRED):
        assert asked(never) == Over(why=Ended.NEVER_AGAIN, cause=never)
    assert asked(Cause.SERVED) == Over(why=Ended.SERVED, cause=Cause.SERVED)
    assert asked(Cause.BUSY, Cause.BUSY, Cause.BUSY) == Over(why=Ended.BUDGET_SPENT, cause=Cause.BUSY)
    assert asked(Cause.VOICEMAIL, Cause.VOICEMAIL) == Over(why=Ended.CAUSE_SPENT, cause=Cause.VOICEMAIL)


def test_a_promise_is_kept_at_the_time_asked_for_within_the_hours_and_before_everybody() -> None:
    def promised(at: datetime, *before: Cause) -> Again | Over:
        tries = after(*before, Cause.CALL_BACK, apart=timedelta(minutes=30))
        return next_try(Retries(), tries, ended=tries[-1].at, zone=SHANGHAI, hours=OFFICE, promised=at)

    three = MORNING.replace(hour=15, minute=0)
    assert promised(three) == Again(at=three, rank=Rank.PROMISED, cause=Cause.CALL_BACK)
    assert local(promised(MORNING.replace(hour=13))) == "Wed 14:00"
    assert local(promised(MORNING.replace(hour=20))) == "Thu 09:00"
    spent = (Cause.NO_ANSWER, Cause.BUSY)  # the budget of four keeps its last try for whoever asks
    assert promised(three, *spent) == Again(at=three, rank=Rank.PROMISED, cause=Cause.CALL_BACK)


def test_nobody_is_due_after_the_campaign_s_end_or_without_an_open_hour() -> None:
    tries = after(Cause.NO_ANSWER)
    ends = next_try(
        Retries(), tries, ended=MORNING, zone=SHANGHAI, hours=OFFICE, stops_at=MORNING.replace(hour=14, minute=0)
    )
    assert ends == Over(why=Ended.NO_HOUR_LEFT, cause=Cause.NO_ANSWER)
    shut = (Window(start=time(9), end=time(12), days=()),)
    closed = next_try(Retries(), tries, ended=MORNING, zone=SHANGHAI, hours=shut)
    assert closed == Over(why=Ended.NO_HOUR_LEFT, cause=Cause.NO_ANSWER)


def test_a_line_that_lets_no_call_out_spends_nothing_of_the_person_s_budget() -> None:
    tries = after(Cause.OWN_LINE, Cause.OWN_LINE, Cause.OWN_LINE, Cause.NO_ANSWER)
    again = next_try(Retries(budget=3), tries, ended=tries[-1].at, zone=SHANGHAI)
    assert isinstance(again, Again)
    assert cause_of(Disposition.FAILED, "line_refused") is Cause.OWN_LINE


@pytest.mark.parametrize("disposition", Disposition)
def test_every_end_of_a_call_has_a_cause_with_a_rule(disposition: Disposition) -> None:
    assert cause_of(disposition, None) in DEFAULTS
    assert cause_of(disposition, "call_later") is Cause.CALL_BACK


RULES = st.dictionaries(
    CAUSES, st.builds(Rule, after_min=st.floats(0, 5000), at_most=st.integers(0, 9), elsewhen=st.booleans())
)
RETRIES = st.builds(Retries, budget=st.integers(1, 9), rules=RULES)
HOURS = st.sampled_from([(), OFFICE, (Window(start=time(18, 30), end=time(20)),)])


@given(retries=RETRIES, ends=st.lists(CAUSES, min_size=60, max_size=60), hours=HOURS, ask_min=st.integers(0, 9000))
def test_law_one_budget_over_all_rules_never_before_the_delay_and_never_after_it_is_served(
    retries: Retries, ends: list[Cause], hours: tuple[Window, ...], ask_min: int
) -> None:
    """Play a contact's whole life, whatever its calls end in."""
    at, tries = MORNING.astimezone(UTC), list[Tried]()
    for cause in ends:
        tries.append(Tried(at=at, cause=cause))
        promised = at + timedelta(minutes=ask_min)
        answer = next_try(retries, tries, ended=at, zone=SHANGHAI, hours=hours, promised=promised)
        if isinstance(answer, Over):
            assert (answer.why is Ended.SERVED) == (cause is Cause.SERVED)
            break
        assert cause is not Cause.SERVED and answer.cause is cause
        assert (answer.rank is Rank.PROMISED) == (cause is Cause.CALL_BACK)
        delay = timedelta(minutes=ask_min if cause is Cause.CALL_BACK else retries.rule(cause).after_min)
        assert answer.at >= at + delay
        if hours:
            clock = answer.at.astimezone(SHANGHAI).time()
            assert any(w.start <= clock < w.end for w in hours)
        at = answer.at
    else:
        raise AssertionError("a contact's life has no end")
    assert sum(one.cause is not Cause.OWN_LINE for one in tries) <= retries.budget
    for cause in set(ends) - {Cause.SERVED}:
        assert sum(one.cause is cause for one in tries) <= retries.rule(cause).at_most + 1


@given(retries=RETRIES, before=st.lists(CAUSES.filter(lambda c: c is not Cause.SERVED), max_size=8))
def test_law_the_first_promise_is_always_kept(retries: Retries, before: list[Cause]) -> None:
    """Whatever was tried before the person was reached, their first wish to be called again is within the budget."""
    plenty = Retries(budget=max(2, retries.budget), rules={**retries.rules, Cause.CALL_BACK: Rule(at_most=1)})
    tries: list[Tried] = []
    at = MORNING
    for cause in before:
        if cause is Cause.CALL_BACK:
            continue
        tries.append(Tried(at=at, cause=cause))
        answer = next_try(plenty, tries, ended=at, zone=SHANGHAI)
        if isinstance(answer, Over):
            return
        at = answer.at
    tries.append(Tried(at=at, cause=Cause.CALL_BACK))
    assert isinstance(next_try(plenty, tries, ended=at, zone=SHANGHAI, promised=at), Again)


def test_parts_of_the_day() -> None:
    assert [part_of(MORNING.replace(hour=h), SHANGHAI) for h in (0, 11, 12, 17, 18, 23)] == [
        Part.MORNING,
        Part.MORNING,
        Part.AFTERNOON,
        Part.AFTERNOON,
        Part.EVENING,
        Part.EVENING,
    ]
