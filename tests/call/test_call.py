"""One call from permit to record, told as timelines. Times are the person's; the system's answers follow."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import soundfile

from fairdial.core.call_record import Disposition
from fairdial.core.dialogue.choosing import Choice, options, settled
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.state import State, Talking
from fairdial.core.script.model import Script
from fairdial.ports import Chooser
from tests.call.stories import Book, Person, tell
from tests.core.scripts import content

OPENING_S = 8.0
"""A little more than the opening lasts."""


def test_refusal_is_durable_before_the_goodbye_begins_however_slow_the_ledger(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(3.0)
        await person.says("别再打了", 1.0)

    told = tell(life, tmp_path, book=Book(refusing_s=4.0))
    [(kind, words, durable)] = told.book.refused
    goodbye = next(turn for turn in told.record.turns if turn.said and "登记" in turn.said)
    assert (kind, words) == ("hard", "别再打了")
    assert goodbye.said_at is not None and durable <= goodbye.said_at
    assert told.record.goodbye_ended_at is not None and durable < told.record.goodbye_ended_at


def test_refusal_counts_when_the_person_hangs_up_with_its_last_word(tmp_path: Path) -> None:
    """What was said right before the line went dead was never recognised, and the refusal was lost."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(3.0)
        await person.says("别再打了", 1.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert [(kind, words) for kind, words, _ in told.book.refused] == [("hard", "别再打了")]
    assert told.record.outcome == "refused" and told.record.grade == "F"
    assert told.record.goodbye_ended_at is None, "no goodbye was said"


def test_refusal_that_falls_into_our_goodbye_counts(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.4)
        await person.waits(18.0)
        await person.says("对", 0.4)
        await person.waits(2.2)
        await person.says("别再打了", 0.9)

    told = tell(life, tmp_path)
    assert "顾问会在一个工作日" in told.said[-1]
    assert [kind for kind, _, _ in told.book.refused] == ["hard"]


def test_a_filler_does_not_stop_what_is_being_said(tmp_path: Path) -> None:
    async def silent(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        person.hangs_up()

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(2.5)
        await person.says("嗯", 0.5)
        await person.waits(OPENING_S)
        person.hangs_up()

    told, alone = tell(life, tmp_path), tell(silent, tmp_path)
    assert told.heard == ["嗯"]
    assert told.said[0].startswith("您好,这里是晴川保险") and not told.record.turns[0].interrupted
    assert told.heard_of_us_s() >= alone.heard_of_us_s(), "the whole opening was heard"


def test_a_question_stops_what_is_being_said_and_is_answered(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.4)
        await person.waits(4.0)
        await person.says("多少钱", 1.0)
        await person.waits(3.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert [turn.interrupted for turn in told.record.turns if turn.said] == [False, True, False]
    assert [turn.step for turn in told.record.turns if turn.said] == ["confirm", "remind", "remind"]
    assert "两千八百六十元" in told.said[-1]


async def _asks_the_price_during_the_reminder(person: Person) -> None:
    await person.answers()
    await person.waits(OPENING_S)
    await person.says("对", 0.4)
    await person.waits(3.0)
    await person.says("多少钱", 1.0)
    await person.waits(16.0)
    person.hangs_up()


def test_a_step_says_what_interrupts_it(tmp_path: Path) -> None:
    """Voice stops the reminder by default; words stop it once they are understood; nothing but a refusal may."""
    voice, words, never = (
        tell(_asks_the_price_during_the_reminder, tmp_path, remind=remind)
        for remind in ({}, {"interrupt": "words"}, {"interrupt": "never"})
    )
    assert [told.record.turns[1].interrupted for told in (voice, words, never)] == [True, True, False]
    assert [any("两千八百六十元" in said for said in told.said) for told in (voice, words, never)] == [
        True,
        True,
        False,
    ]
    assert voice.heard_of_us_s() < words.heard_of_us_s()


def test_a_patient_step_is_not_stopped_by_a_short_sound(tmp_path: Path) -> None:
    async def coughs(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.4)
        await person.waits(3.0)
        await person.says("咳咳", 0.7)
        await person.waits(4.0)
        person.hangs_up()

    soon, later = (tell(coughs, tmp_path, remind=remind) for remind in ({}, {"interrupt": {"after_ms": 1200}}))
    assert soon.heard_of_us_s() < later.heard_of_us_s(), "the reminder has paused, and is behind"


def test_an_answer_that_was_asked_for_is_kept_beside_the_words_it_was_read_from(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.4)
        await person.waits(14.0)
        await person.says("对", 0.4)
        await person.waits(8.0)

    told = tell(life, tmp_path, remind={"slot": {"name": "wants", "type": "yes_no", "then": "promised"}})
    assert [(turn.heard, turn.answers) for turn in told.record.turns if turn.answers] == [("对", {"wants": "yes"})]


def test_a_machine_that_is_known_while_we_begin_is_left_at_once_and_the_first_word_is_noted(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.says("您好,我是机主的电话助理", 1.0)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.VOICEMAIL and told.took_s < 3.5
    assert (told.record.first_word_ms is None) == (told.heard_of_us_s() == 0)


def test_silence_is_asked_about_twice_and_then_left(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()

    told = tell(life, tmp_path)
    assert [said[:8] for said in told.said[1:]] == ["您好,请问能听到", "您好,请问能听到", "好像听不到您的声"]
    assert told.record.outcome == "silent" and told.call.was_hung_up
    assert told.took_s < 45


def test_a_person_who_hangs_up_ends_the_call(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(2.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert (told.record.disposition, told.record.outcome) == (Disposition.ANSWERED, "hung_up")


def test_stopping_the_campaign_lets_the_call_say_goodbye(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.rings(1.0)
        await person.answers()

    told = tell(life, tmp_path, stop_at_s=4.0)
    assert told.record.outcome == "stopped" and "不打扰" in told.said[-1]
    assert told.took_s < 12


def test_stopping_within_the_greeting_still_says_goodbye(tmp_path: Path) -> None:
    """The stop was swallowed while we waited for the person's 喂, and the call went on."""

    async def life(person: Person) -> None:
        await person.answers()

    told = tell(life, tmp_path, stop_at_s=0.3)
    assert told.record.outcome == "stopped" and told.took_s < 12


def test_a_refusal_from_elsewhere_ends_the_ringing_and_no_conversation(tmp_path: Path) -> None:
    async def rings(person: Person) -> None:
        await person.rings(20.0)

    told = tell(rings, tmp_path, refuses_elsewhere_at_s=2.0)
    assert (told.record.disposition, told.record.outcome) == (Disposition.CANCELLED, "withdrawn") and told.took_s < 3

    async def refuses(person: Person) -> None:
        await person.answers()
        await person.waits(3.0)
        await person.says("别再打了", 1.0)

    told = tell(refuses, tmp_path, refuses_elsewhere_at_s=5.5)
    assert told.record.outcome == "refused" and told.record.goodbye_ended_at is not None


def test_a_far_end_that_never_confirms_our_bye_does_not_hold_the_line(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        person.call.ignores_bye = True
        await person.answers()
        await person.waits(3.0)
        await person.says("别再打了", 1.0)

    told = tell(life, tmp_path)
    assert told.record.outcome == "refused" and told.took_s < 20


def test_a_far_end_whose_sound_is_gone_is_given_up(tmp_path: Path) -> None:
    """The stack's own time-out never fired, and the system talked on into a dead line."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(1.0)
        person.call.has_lost_sound = True

    told = tell(life, tmp_path)
    assert (told.record.disposition, told.record.outcome) == (Disposition.FAILED, "sound_lost")
    assert told.took_s < 22 and told.call.was_hung_up


def test_silence_before_the_answer_does_not_count_as_lost_sound(tmp_path: Path) -> None:
    """A stream that was silent for long before the answer was hung up right after it."""

    async def life(person: Person) -> None:
        person.call.has_lost_sound = True
        person.call.early()
        await person.waits(19.0)
        person.call.has_lost_sound = False
        await person.answers()
        await person.waits(5.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.ANSWERED and told.record.outcome == "hung_up"


def test_the_recording_has_the_person_left_and_us_right(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.5)
        await person.waits(2.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.record.recording is not None
    sound, rate = soundfile.read(tmp_path / told.record.recording, dtype="int16")
    left, right = np.abs(sound[:, 0].astype(int)), np.abs(sound[:, 1].astype(int))
    said_at = slice(int(8.05 * 8000), int(8.4 * 8000))
    assert rate == 8000 and left[said_at].mean() > 100 > right[said_at].mean()
    assert right[2 * 8000 : 5 * 8000].mean() > 100 > left[2 * 8000 : 5 * 8000].mean()


def test_what_is_owed_is_kept_during_the_call_and_the_grade_follows_the_scripts_rules(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("对", 0.6)
        await person.waits(20.0)
        await person.says("对", 0.6)

    told = tell(
        life,
        tmp_path,
        promised={"send": "note", "end": {"grade": "A", "outcome": "promised", "hand_over": {"to": "顾问"}}},
        more={
            "messages": {"note": {"text": "{person}您好,{product}将于{expiry}到期"}},
            "grading": [{"grade": "B", "when": {"outcome": "promised"}, "why": "答应了回电话"}],
        },
    )
    text = {"text": "陈女士您好,车险将于十二月十五日到期"}
    assert told.book.owed == [("message", "note", text), ("hand_over", "顾问", {"answers": {}})]
    assert (told.record.outcome, told.record.grade) == ("promised", "B")


def test_a_call_that_lasts_too_long_says_goodbye(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(60.0)

    patient = content()["silence"] | {"after_s": 20}
    told = tell(life, tmp_path, more={"longest_s": 30, "silence": patient})
    assert told.record.outcome == "time_up" and 30 < told.took_s < 45
    assert told.said[-1] == content()["lines"][content()["stopping"]]


class TakesForPrice(Chooser):
    """Takes what the ears did not understand for a question about the price, after a second."""

    async def settle(self, script: Script, state: State, heard: SentenceHeard) -> SentenceHeard:
        if heard.understood.meaning is not Meaning.UNCLEAR or not isinstance(state, Talking):
            return heard
        await asyncio.sleep(1.0)
        offered = options(script, state)
        price = next(option for option in offered.values() if option.meaning is Meaning.ASK_PRICE)
        return settled(heard, Choice(offered, price.id))


def test_what_the_chooser_took_a_doubtful_sentence_for_is_answered_and_marked(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.says("贵不贵呀这个", 0.6)
        await person.waits(6.0)
        person.hangs_up()

    told = tell(life, tmp_path, chooser=TakesForPrice())
    [turn] = [turn for turn in told.record.turns if turn.heard == "贵不贵呀这个"]
    assert turn.understood is not None and turn.understood.evidence == "chooser"
    assert turn.said is not None and "保费" in turn.said


def test_the_ears_are_told_what_was_just_asked_and_what_the_call_is_about(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.says("喂", 0.3)
        await person.waits(OPENING_S)
        await person.says("对", 0.5)
        await person.waits(3.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert [hints.asked for hints in told.hints[:2]] == ["", "请问是陈女士吗?"], (
        "what they have not heard is no question"
    )
    assert all("陈女士" in hints.words for hints in told.hints)


def test_a_sentence_nobody_could_write_down_is_asked_again(tmp_path: Path) -> None:
    """Whichever recogniser fails, a person is never met with silence."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S + 1)
        await person.says("", 1.0)
        await person.waits(4.0)
        person.hangs_up()

    assert any("没有听清" in said for said in tell(life, tmp_path).said)


def test_a_disk_that_takes_no_recording_loses_no_record(tmp_path: Path) -> None:
    """The call's end was never written when its recording could not be."""
    (tmp_path / "full").touch()

    async def life(person: Person) -> None:
        await person.answers()
        await person.says("喂", 0.4)
        await person.waits(6)
        await person.says("别再打了", 1.0)
        await person.waits(30)

    told = tell(life, tmp_path / "full")
    assert told.record.recording is None and told.book.records == [told.record]
    assert told.book.refused
