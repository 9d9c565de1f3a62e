"""What those who watch a call are told while it lives."""

from __future__ import annotations

from pathlib import Path

from fairdial.core.live_call import Stage
from tests.call.stories import Person, tell


async def refuses(person: Person) -> None:
    await person.answers()
    await person.waits(8.0)
    await person.says("不用了", 1.0)
    await person.waits(4.0)
    await person.says("你们这电话助理真的够了", 1.5)
    await person.waits(12.0)


def test_words_are_told_as_a_guess_in_the_pause_and_with_their_meaning_when_they_are_understood(tmp_path: Path) -> None:
    live = tell(refuses, tmp_path).live
    heard = [(call.heard, call.is_final, call.meaning) for call in live if call.heard and not call.said_last]
    guess, understood = ("不用了", False, None), ("不用了", True, "refuse_soft")
    assert heard.index(guess) < heard.index(understood)
    assert any(meaning == "refuse_hard" for _, _, meaning in heard)


def test_a_watched_call_goes_from_dialing_through_the_steps_of_its_script_to_its_end(tmp_path: Path) -> None:
    told = tell(refuses, tmp_path)
    assert (told.live[0].stage, told.live[-1].stage) == (Stage.DIALING, Stage.OVER)
    assert {call.stage for call in told.live[1:-1]} == {Stage.TALKING}
    steps = list(dict.fromkeys(call.step for call in told.live if call.step))
    assert len(steps) >= 2, steps
    assert list(dict.fromkeys(call.said for call in told.live if call.said)) == told.said
