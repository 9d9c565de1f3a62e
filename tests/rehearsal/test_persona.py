"""Personas as timelines: what the system says on the left, what the persona does and when on the right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fairdial.core.script.clip import Wording
from fairdial.errors import CoreMisuse, InputError
from fairdial.rehearsal.persona import (
    Action,
    Beep,
    Behaviour,
    FrameHeard,
    Gone,
    HangUp,
    Persona,
    Press,
    Say,
    SpeechEnded,
    State,
    StopRtp,
    Turn,
    Waiting,
    When,
    advance,
    wordings,
)
from fairdial.rehearsal.persona_file import load_personas
from fairdial.rehearsal.sounds import telephone_band

SPEECH_MS = 400
"""How long everything said in these tests takes."""


def say(text: str) -> Say:
    return Say(wording=Wording(text=text, voice="zm_yunxi"))


def person(*turns: Turn) -> Persona:
    return Persona(name="someone", behaviour=Behaviour.ANSWER, turns=turns)


def timeline(persona: Persona, *, system: list[tuple[int, int]], until_ms: int) -> list[tuple[int, str]]:
    """Run a call in which the system speaks in the given spans of milliseconds; list what the persona did."""
    state: State = Waiting()
    done: list[tuple[int, str]] = []
    speech_ends_ms: int | None = None
    for now_ms in range(0, until_ms, 20):
        actions: tuple[Action, ...] = ()
        if speech_ends_ms == now_ms:
            state, actions = advance(persona, state, SpeechEnded(at_ms=now_ms))
        is_speech = any(start <= now_ms < end for start, end in system)
        state, more = advance(persona, state, FrameHeard(at_ms=now_ms, is_speech=is_speech))
        for action in actions + more:
            done.append((now_ms, name_of(action)))
            if isinstance(action, Say | Beep):
                speech_ends_ms = now_ms + SPEECH_MS
    return done


def name_of(action: Action) -> str:
    match action:
        case Say(wording=wording):
            return wording.text
        case Beep(hz=hz):
            return f"{hz} Hz"
        case Press(key=key):
            return f"presses {key}"
        case HangUp():
            return "hangs up"
        case StopRtp():
            return "goes dead"


HELLO = Turn(when=When.ANSWERED, after_ms=400, act=say("喂"))
YES = Turn(when=When.SYSTEM_FINISHED, after_ms=500, act=say("对"))


def test_a_person_speaks_first_after_the_delay() -> None:
    assert timeline(person(HELLO), system=[], until_ms=3000) == [(400, "喂")]


def test_a_person_who_has_pressed_a_key_goes_on() -> None:
    nine = Turn(when=When.ANSWERED, after_ms=400, act=Press(key="9"))
    assert timeline(person(nine, HELLO), system=[], until_ms=3000) == [(400, "presses 9"), (820, "喂")]


def test_an_answer_comes_after_the_system_has_been_quiet_and_the_delay() -> None:
    # 2980 is the last loud frame; 700 quiet and 500 delay follow
    assert timeline(person(HELLO, YES), system=[(1000, 3000)], until_ms=6000) == [(400, "喂"), (4180, "对")]


def test_a_pause_between_two_sentences_is_not_the_end() -> None:
    system = [(1000, 2000), (2600, 4000)]
    assert timeline(person(HELLO, YES), system=system, until_ms=6000)[1] == (5180, "对")


def test_a_system_that_goes_on_during_the_delay_is_let_finish() -> None:
    system = [(1000, 2000), (3000, 4000)]  # quiet for 1000 ms: finished, but not for 700 + 500
    assert timeline(person(HELLO, YES), system=system, until_ms=6000)[1] == (5180, "对")


def test_speech_before_the_own_turn_ended_is_not_an_answer_to_it() -> None:
    system = [(0, 600)]  # the persona speaks from 400 to 800
    assert timeline(person(HELLO, YES), system=system, until_ms=6000) == [(400, "喂")]


def test_one_finished_sentence_is_answered_once() -> None:
    assert timeline(person(YES, YES), system=[(0, 1000)], until_ms=6000) == [(2180, "对")]


def test_an_interruption_falls_into_the_sentence() -> None:
    cut = Turn(when=When.SYSTEM_SPEAKING, for_ms=1500, act=say("等一下"))
    assert timeline(person(cut), system=[(1000, 4000)], until_ms=6000) == [(2500, "等一下")]


def test_a_sentence_that_is_too_short_is_not_interrupted() -> None:
    cut = Turn(when=When.SYSTEM_SPEAKING, for_ms=1500, act=say("等一下"))
    assert timeline(person(cut), system=[(1000, 1500)], until_ms=6000) == []


def test_two_backchannels_are_timed_from_the_start_of_the_same_sentence() -> None:
    first = Turn(when=When.SYSTEM_SPEAKING, for_ms=1200, act=say("嗯"))
    second = Turn(when=When.SYSTEM_SPEAKING, for_ms=2600, act=say("哦"))
    done = timeline(person(first, second, YES), system=[(1000, 6000)], until_ms=9000)
    assert done == [(2200, "嗯"), (3600, "哦"), (7180, "对")]


def test_silence_is_noticed() -> None:
    asks = Turn(when=When.SILENCE, for_ms=2000, act=say("喂?"))
    assert timeline(person(asks), system=[(0, 1000)], until_ms=6000) == [(2980, "喂?")]


def test_an_answering_machine_beeps_after_its_greeting() -> None:
    beep = Turn(when=When.ANSWERED, after_ms=400, act=Beep(hz=1000, ms=400))
    assert timeline(person(HELLO, beep), system=[], until_ms=6000) == [(400, "喂"), (1200, "1000 Hz")]


@pytest.mark.parametrize(
    ("act", "does"),
    [(HangUp(), "hangs up"), (StopRtp(), "goes dead")],
)
def test_after_the_end_nothing_is_said(act: Action, does: str) -> None:
    ends = Turn(when=When.SYSTEM_SPEAKING, for_ms=1000, act=act)
    assert timeline(person(ends, YES), system=[(0, 2000)], until_ms=8000) == [(1000, does)]


@pytest.mark.parametrize("turns", [(), (HELLO,), (HELLO, YES)])
def test_patience_ends_sixty_seconds_after_the_own_last_turn(turns: tuple[Turn, ...]) -> None:
    own_end_ms = 800 if turns else 0
    done = timeline(person(*turns), system=[], until_ms=70_000)
    assert done[-1] == (own_end_ms + 60_000, "hangs up")


def test_an_ended_call_never_comes_back() -> None:
    persona = person(HELLO)
    assert advance(persona, Gone(), FrameHeard(at_ms=400, is_speech=True)) == (Gone(), ())


def test_the_end_of_speech_that_never_began_is_a_defect() -> None:
    with pytest.raises(CoreMisuse):
        advance(person(HELLO), Waiting(), SpeechEnded(at_ms=20))


def test_every_text_is_listed_once_with_its_voice() -> None:
    early = Persona(name="off", behaviour=Behaviour.EARLY_MEDIA, early=Wording(text="已关机", voice="zf_xiaoni"))
    assert wordings([person(HELLO, YES), person(HELLO), early]) == [
        Wording(text="喂", voice="zm_yunxi"),
        Wording(text="对", voice="zm_yunxi"),
        Wording(text="已关机", voice="zf_xiaoni"),
    ]


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("{behaviour: answers}", "3:19: .*did you mean answer?"),
        ("{behaviour: reject}", "3:3: .*reject needs a status"),
        ("{behaviour: answer, voice: xiaoming}", "3:34: .*known are zf_xiaobei"),
        ("{behaviour: answer, turns: [{when: answered, say: ''}]}", "3:57: .*is empty"),
        ("{behaviour: answer, turns: [{when: answered}]}", "3:35: .*exactly one"),
        ("{behaviour: answer, turns: [{when: silence, say: 喂}]}", "3:35: .*for_ms"),
        ("{behaviour: answer, turns: [{when: answered, press: ab}]}", "3:59: .*known are"),
        ("{behaviour: answer, ring: 3}", "3:27: .*did you mean ring_ms?"),
        ("{behaviour: early_media, status: 404}", "3:3: .*early"),
    ],
)
def test_a_wrong_persona_file_is_told_with_line_column_and_remedy(tmp_path: Path, entry: str, place: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(f"voice: zm_yunxi\npersonas:\n  li: {entry}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"people.yaml:{place}"):
        load_personas(path)


def test_the_example_has_all_its_people_and_none_speaks_with_the_voice_of_the_system() -> None:
    example = Path(__file__).parents[2] / "examples" / "insurance-renewal" / "personas.yaml"
    people = load_personas(example)
    assert len(people) == 26
    assert "zf_xiaoxiao" not in {wording.voice for wording in wordings(people.values())}


@pytest.mark.parametrize(("hz", "gain"), [(100, 0.0), (300, 1.0), (1000, 1.0), (3400, 1.0), (3700, 0.0)])
def test_only_the_telephone_band_is_kept(hz: int, gain: float) -> None:
    wave = np.asarray(8000 * np.sin(2 * np.pi * hz * np.arange(8000) / 8000), dtype=np.int16)
    middle = slice(2000, 6000)
    kept = np.std(telephone_band(wave)[middle]) / np.std(wave[middle])
    assert kept == pytest.approx(gain, abs=0.03)
