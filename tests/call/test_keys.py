"""Keys of the person's telephone, as events and as sound."""

from __future__ import annotations

from pathlib import Path

from fairdial.core.dialogue.events import KeyPressed
from tests.call.stories import Person, tell

OPENING_S = 8.0


def test_a_key_refuses_where_the_script_lets_it(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(4.0)
        person.presses("9")

    told = tell(life, tmp_path, keys={"9": "refuse_hard"})
    assert [(kind, words) for kind, words, _ in told.book.refused] == [("hard", "9")]
    assert told.record.outcome == "refused" and "登记" in told.said[-1]


def test_a_key_in_the_sound_refuses_as_one_that_comes_as_an_event(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(4.0)
        await person.presses_in_sound("9")

    told = tell(life, tmp_path, keys={"9": "refuse_hard"})
    assert [(kind, words) for kind, words, _ in told.book.refused] == [("hard", "9")]


def test_a_key_that_comes_both_ways_is_pressed_once(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(OPENING_S)
        await person.presses_in_sound("1")
        person.presses("1")
        await person.waits(OPENING_S)
        await person.presses_in_sound("1")
        await person.waits(3.0)
        person.hangs_up()

    told = tell(life, tmp_path, keys={"1": "accept"})
    assert told.record.log is not None
    assert sum(isinstance(entry.event, KeyPressed) for entry in told.record.log.entries) == 1


def test_a_key_pressed_before_our_first_word_refuses(tmp_path: Path) -> None:
    async def life(person: Person) -> None:
        await person.answers()
        await person.waits(0.2)
        person.presses("9")

    told = tell(life, tmp_path, keys={"9": "refuse_hard"})
    assert [kind for kind, _, _ in told.book.refused] == ["hard"]
