"""Calls that nobody answers, told as timelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairdial.core.call_record import Disposition
from fairdial.errors import UncertainLineError
from tests.call.stories import Book, Person, tell


def test_stopping_while_it_rings_gives_the_call_up(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.rings(20.0)

    told = tell(life, tmp_path, stop_at_s=2.0)
    assert told.record.disposition is Disposition.CANCELLED and told.took_s < 3


def test_an_order_the_stack_never_confirmed_is_unknown(tmp_path: Path) -> None:
    """It was recorded as failed and dialled again, although the INVITE may have left."""
    book = Book()
    with pytest.raises(UncertainLineError):
        tell(_nobody, tmp_path, book=book, dial_fails_with=UncertainLineError("no answer"))
    assert len(book.lost) == 1 and book.records == []


def test_a_network_that_says_nothing_is_given_up_after_five_seconds(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.waits(60.0)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.FAILED and 5 <= told.took_s < 6
    assert told.call.was_hung_up


def test_a_phone_that_rings_is_given_up_after_thirty_seconds(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.rings(60.0)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.NO_ANSWER and 30 <= told.took_s < 31


def test_an_announcement_tells_why_although_the_status_says_less(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.announces("您拨打的号码是空号", 2.0)
        person.refuses(480)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.INVALID_NUMBER
    assert told.record.answered_at is None and told.record.recording is None


def test_a_busy_line_is_busy(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        person.refuses(486)

    assert tell(life, tmp_path).record.disposition is Disposition.BUSY


async def _nobody(person: Person) -> None:
    return None


def test_a_network_that_has_taken_the_call_up_gets_fifteen_seconds_to_ring(tmp_path: Path) -> None:
    """A carrier that takes eight seconds to ring was given up after five, and counted as dead."""

    async def slow(person: Person) -> None:
        person.call.is_taken_up = True
        await person.waits(8.0)
        await person.rings(60.0)

    async def nowhere(person: Person) -> None:
        person.call.is_taken_up = True
        await person.waits(60.0)

    assert 38 <= tell(slow, tmp_path).took_s < 39
    told = tell(nowhere, tmp_path)
    assert (told.record.disposition, told.record.outcome) == (
        Disposition.FAILED,
        "network_slow",
    ) and 15 <= told.took_s < 16


def test_unwanted_is_a_refusal_and_declined_is_none(tmp_path: Path) -> None:
    async def life(person: Person, status: int = 607) -> None:
        person.refuses(status)

    async def declined(person: Person) -> None:
        person.refuses(603)

    book = Book()
    assert tell(life, tmp_path, book=book).record.disposition is Disposition.REJECTED
    assert [(kind, words) for kind, words, _ in book.refused] == [("hard", "SIP 607")]
    other = Book()
    tell(declined, tmp_path, book=other)
    assert other.refused == []
