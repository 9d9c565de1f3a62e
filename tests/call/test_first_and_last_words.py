"""The first word, how soon it comes; and the last ones, before the line goes dead."""

from __future__ import annotations

from pathlib import Path

from tests.call.stories import Book, Person, tell


def test_a_script_that_does_not_listen_first_speaks_at_once(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(6.0)
        person.hangs_up()

    waits, at_once = (tell(life, tmp_path, more=more).record.first_word_ms for more in ({}, {"listen_first_s": 0}))
    assert waits is not None and 560 <= waits <= 700
    assert at_once is not None and at_once <= 100


def test_first_word_comes_within_a_second_and_a_half_even_if_the_person_keeps_talking(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(0.2)
        await person.says("喂喂喂喂喂", 3.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.record.first_word_ms is not None and told.record.first_word_ms <= 1500


def test_no_word_waits_for_a_ledger_that_is_out_of_reach(tmp_path: Path) -> None:
    """A person who answered heard nothing for half a minute, and the call was left standing."""

    async def life(person: Person) -> None:
        await person.rings(1.0)
        await person.answers()
        await person.waits(4.0)
        person.hangs_up()

    told = tell(life, tmp_path, book=Book(away_s=29.0))
    assert told.record.first_word_ms is not None and told.record.first_word_ms <= 1500
    assert told.record.outcome == "hung_up" and told.took_s < 6


def test_words_before_the_line_goes_dead_stand_where_they_were_said(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(10.0)
        await person.says("因为", 1.0)
        await person.waits(1.0)
        person.hangs_up()

    record = tell(life, tmp_path).record
    heard_at = [turn.heard_at for turn in record.turns if turn.heard == "因为"]
    assert len(heard_at) == 1 and heard_at[0] is not None and record.answered_at is not None
    assert 10.5 <= (heard_at[0] - record.answered_at).total_seconds() <= 11.3
