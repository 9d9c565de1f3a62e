"""Turns as timelines: how soon an answer is answered, what is waited for, and what interrupts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from tests.call.stories import Person, Told, tell

OPENING_S = 8.0
"""A little more than the opening lasts."""

UNTIL_TEXT_S = 0.16 + 0.3
"""The first short pause, and the tests' recognition."""


def gap_s(told: Told, heard: str) -> float:
    """Seconds from the end of a sentence to the first sound of its answer."""
    [gap] = [turn.gap_ms for turn in told.record.turns if turn.heard == heard]
    assert gap is not None
    return gap / 1000


async def _says_yes(person: Person) -> None:
    await person.answers()
    await person.waits(OPENING_S)
    await person.says("对", 0.4)
    await person.waits(6.0)
    person.hangs_up()


def test_a_whole_answer_is_answered_as_soon_as_it_has_been_read(tmp_path: Path) -> None:
    """It was answered after 608 ms of silence and the recognition that only then began."""
    assert UNTIL_TEXT_S < gap_s(tell(_says_yes, tmp_path), "对") < UNTIL_TEXT_S + 0.1


def test_a_sentence_that_breaks_off_is_waited_for_and_heard_whole(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("我想问一下", 0.8)
        await person.waits(1.1)
        await person.says("多少钱", 0.7)
        await person.waits(5.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.heard == ["多少钱"], "one turn, heard in one piece (its loudest part)"
    assert "两千八百六十元" in told.said[1]


def test_a_whole_sentence_is_not_waited_for_as_one_that_breaks_off(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("我想问一下", 0.8)
        await person.waits(5.0)
        person.hangs_up()

    assert 1.3 < gap_s(tell(life, tmp_path), "我想问一下") < 1.6


def test_speech_that_goes_on_throws_the_early_text_away(tmp_path: Path) -> None:
    """好 alone would have been a yes; the refusal it began must be what is heard."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("好", 0.3)
        await person.waits(0.3)
        await person.says("别再打了", 0.9)
        await person.waits(5.0)

    told = tell(life, tmp_path)
    assert told.heard == ["别再打了"] and [kind for kind, _, _ in told.book.refused] == ["hard"]


def test_halves_of_a_sentence_cut_in_two_are_joined(tmp_path: Path) -> None:
    """The second half begins while the first is being understood."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("好的", 0.4)
        await person.waits(0.5)
        await person.says("别再打了", 0.9)
        await person.waits(5.0)

    told = tell(life, tmp_path)
    assert "别再打了" in "".join(told.heard) and [kind for kind, _, _ in told.book.refused] == ["hard"]


def test_a_refusal_is_not_lost_when_the_call_was_busy_during_its_pause(tmp_path: Path) -> None:
    """The pause came out of the inbox when the turn was over already, and nothing was recognised."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.4)
        await person.waits(0.55)
        await person.says("别再打了", 0.5)
        await person.waits(6.0)

    for busy_s in (0.0, 0.4, 0.8, 1.2, 2.5):
        told = tell(life, tmp_path, understanding_s=busy_s)
        assert [kind for kind, _, _ in told.book.refused] == ["hard"], busy_s


def test_a_hum_that_stopped_our_words_lets_them_go_on_once_it_is_read(tmp_path: Path) -> None:
    """They waited for 0.6 s after it, for 1.4 s where no answer was asked for."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(3.0)
        await person.says("嗯", 0.6)
        await person.waits(3.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.heard == ["嗯"] and len(told.said) == 1
    assert _longest_gap_s(tmp_path / (told.record.recording or "")) < 0.6 - 0.384 + UNTIL_TEXT_S + 0.1


def test_a_nod_into_the_middle_of_the_opening_does_not_end_it(tmp_path: Path) -> None:
    """The artificial voice was not told of to whoever said 对 too soon."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(2.0)
        await person.says("对", 0.5)
        await person.waits(2.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.heard == ["对"] and len(told.said) == 1


def _longest_gap_s(recording: Path) -> float:
    """The longest silence of ours between our first and last sound."""
    sound, rate = soundfile.read(recording, dtype="int16")
    loud = np.flatnonzero(np.abs(sound[:, 1].astype(int)) > 50)
    return int(np.diff(loud).max()) / float(rate)


def test_an_echo_of_our_own_words_is_not_heard_as_the_person(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        person.call.echoes(late_s=0.22, gain=0.4)
        await person.answers()
        await person.waits(12.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.heard == [] and not any(turn.interrupted for turn in told.record.turns)


def test_a_refusal_is_heard_over_the_echo_of_our_own_words(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        person.call.echoes(late_s=0.22, gain=0.1)
        await person.answers()
        await person.waits(3.0)
        await person.says("别再打了", 1.0)
        await person.waits(3.0)

    told = tell(life, tmp_path)
    assert [kind for kind, _, _ in told.book.refused] == ["hard"]


def test_a_bad_network_costs_little_time_and_no_refusal(tmp_path: Path) -> None:
    """5 % lost, up to 60 ms late and then in bursts."""

    async def life(person: Person) -> None:
        person.call.is_carried_badly(lost=0.05, jitter_s=0.06)
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.5)
        await person.waits(3.0)
        await person.says("别再打了", 1.0)
        await person.waits(3.0)

    told = tell(life, tmp_path)
    assert gap_s(told, "对") < UNTIL_TEXT_S + 0.3
    assert [kind for kind, _, _ in told.book.refused] == ["hard"]


def test_comfort_noise_is_neither_speech_nor_an_end_of_the_call(tmp_path: Path) -> None:
    """A far end that saves silence lets a quiet hiss stand for it (RFC 3389)."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.call.speak(np.random.default_rng(3).normal(0, 25, 8000 * 8).astype(np.int16))
        await person.says("对", 0.4)
        await person.call.speak(np.random.default_rng(4).normal(0, 25, 8000 * 3).astype(np.int16))
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.heard == ["对"] and gap_s(told, "对") < UNTIL_TEXT_S + 0.1


def test_words_begun_over_a_long_greeting_are_heard_before_it_stops_them(tmp_path: Path) -> None:
    """They were taken back before any of them was heard, and the record said that the person had heard them."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.says("喂", 2.5)
        await person.waits(4.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.record.first_word_ms is not None and told.record.first_word_ms <= 1300
    sound, rate = soundfile.read(tmp_path / (told.record.recording or ""), dtype="int16")
    start = told.record.first_word_ms * rate // 1000
    assert np.abs(sound[start : start + rate * 3 // 10, 1].astype(int)).max() > 500
