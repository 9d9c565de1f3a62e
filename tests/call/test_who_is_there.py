"""What the network says before an answer, and machines after it, told as timelines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.hints import ANNOUNCEMENT
from fairdial.voice.announcement_shelf import AnnouncementShelf
from fairdial.voice.sound import Samples
from tests.call.stories import Person, tell
from tests.core.test_tones import cadence, sine


def babble(seed: int, seconds: float) -> Samples:
    """A voice nobody has words for: harmonics that wander, always the same for a seed."""
    draw, count = np.random.default_rng(seed), int(seconds * 8000)
    pitch = np.repeat(draw.uniform(110, 260, count // 800 + 1), 800)[:count]
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    gains = np.repeat(draw.uniform(0, 1, (9, count // 800 + 1)), 800, axis=1)[:, :count]
    wave = sum(g * np.sin((n + 1) * phase) for n, g in enumerate(gains))
    return np.asarray(900 * wave, dtype=np.int16)


def test_a_busy_tone_ends_the_call_before_the_network_does(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.plays(cadence("CN", "busy", times=20))
        person.refuses(486)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.BUSY and told.record.sip_status is None
    assert told.took_s < 1.7


def test_ringback_is_never_sent_to_recognition(tmp_path: Path) -> None:
    """Its sound is as loud as a sentence; words would stand in the record."""

    async def life(person: Person) -> None:
        await person.plays(np.concatenate([sine(1000, 450), sine(4000)] * 2))
        person.refuses(480)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.NO_ANSWER and told.record.announcement is None


def test_an_announcement_ends_the_call_while_it_still_runs(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.announces("对不起您拨打的电话已关机", 9.0)
        person.refuses(480)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.POWERED_OFF and told.took_s < 2.0


def test_an_announcement_is_asked_about_in_its_pause_and_as_one(tmp_path: Path) -> None:
    """It was asked about when it had been silent for 0.6 s; the recogniser was not told what networks say."""

    async def life(person: Person) -> None:
        await person.announces("用户正忙", 1.0)
        await person.waits(5.0)

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.BUSY and told.took_s < 1.6
    assert told.hints == [ANNOUNCEMENT]


def test_what_nobody_knew_is_kept_once_and_known_by_its_label_to_the_next_call(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.plays(babble(7, 6.0))
        person.refuses(500)

    shelf = AnnouncementShelf(tmp_path / "announcements")
    first, second = (tell(life, tmp_path, announcements=shelf).record for _ in range(2))
    assert first.disposition is second.disposition is Disposition.FAILED
    [kept] = shelf.listed()
    assert kept.times == 2 and kept.label == "" and 5 < kept.seconds < 7
    AnnouncementShelf(tmp_path / "announcements").label(kept.id, Disposition.INVALID_NUMBER)
    told = tell(life, tmp_path, announcements=shelf)
    assert told.record.disposition is Disposition.INVALID_NUMBER and 2.4 <= told.took_s < 2.8
    assert [one.label for one in shelf.listed()] == ["invalid_number"]


def test_a_disk_that_does_not_take_the_announcement_costs_the_call_nothing(tmp_path: Path) -> None:
    """Its record was lost, and the call counted as unknown."""

    class FullDisk(AnnouncementShelf):
        def keep(self, *_sound: object, **_more: object) -> str:
            raise OSError(28, "No space left on device")

    async def life(person: Person) -> None:
        await person.plays(babble(1, 5.0))
        person.refuses(404)

    told = tell(life, tmp_path, announcements=FullDisk(tmp_path / "announcements"))
    assert told.book.records == [told.record] and told.record.disposition is Disposition.INVALID_NUMBER


def test_another_recording_is_another(tmp_path: Path) -> None:
    shelf = AnnouncementShelf(tmp_path / "announcements")

    def plays(seed: int) -> Disposition:
        async def life(person: Person) -> None:
            await person.plays(babble(seed, 5.0))
            person.refuses(500)

        return tell(life, tmp_path, announcements=shelf).record.disposition

    plays(1)
    shelf.label(shelf.listed()[0].id, Disposition.POWERED_OFF)
    assert [plays(2), plays(1)] == [Disposition.FAILED, Disposition.POWERED_OFF]
    assert len(shelf.listed()) == 2


def test_what_rings_until_a_person_answers_is_not_kept(tmp_path: Path) -> None:
    """Music instead of ringback is no announcement."""

    async def life(person: Person) -> None:
        await person.plays(babble(3, 4.0))
        await person.answers()
        await person.waits(2.0)
        person.hangs_up()

    shelf = AnnouncementShelf(tmp_path / "announcements")
    told = tell(life, tmp_path, announcements=shelf)
    assert told.record.disposition is Disposition.ANSWERED and shelf.listed() == []


def test_a_phone_assistant_is_heard_as_one_while_it_still_speaks(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(0.4)
        await person.says("您好我是机主的智能语音助理请问您有什么事", 6.0)
        await person.waits(30.0)
        person.hangs_up()

    told = tell(life, tmp_path)
    assert told.record.disposition is Disposition.VOICEMAIL
    turn = next(turn for turn in told.record.turns if turn.heard)
    assert turn.heard_at is not None and told.record.answered_at is not None
    assert (turn.heard_at - told.record.answered_at).total_seconds() < 2.6


def test_a_fax_machine_is_no_person(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(0.5)
        await person.call.speak(sine(3000, 2100))
        await person.waits(30.0)
        person.hangs_up()

    assert tell(life, tmp_path).record.disposition is Disposition.VOICEMAIL


@pytest.mark.parametrize("seconds", [1.2, 2.5], ids=["read when it is whole", "read while it runs"])
def test_a_refusal_with_a_machines_words_in_it_is_a_refusal(seconds: float, tmp_path: Path) -> None:
    """No rule knows this one: what the classifier took for a refusal for good was overruled by the word 电话助理."""

    async def life(person: Person) -> None:
        await person.answers()
        await person.says("你们这电话助理真的够了", seconds)
        await person.waits(6.0)
        person.hangs_up()

    assert [kind for kind, _, _ in tell(life, tmp_path).book.refused] == ["hard"]
