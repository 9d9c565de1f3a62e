"""When somebody begins, pauses and ends to speak."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.turns import (
    WINDOW_MS,
    Heard,
    Listening,
    Quiet,
    Speaking,
    TurnTaking,
    VoiceEnded,
    VoicePaused,
    VoiceResumed,
    VoiceStarted,
    VoiceSustained,
    Window,
    end_after,
    listen,
    may_pause,
    pause,
)

TAKING = TurnTaking()


def events(probabilities: list[float], levels: Sequence[float | None] | None = None) -> list[tuple[int, Heard]]:
    """Milliseconds and events of a row of windows, on a line whose noise has a level of 50."""
    state: Listening = Quiet()
    out = []
    for index, (probability, level) in enumerate(
        zip(probabilities, levels or [None] * len(probabilities), strict=True)
    ):
        state, heard = listen(state, Window(probability=probability, level=level, noise=50.0), taking=TAKING)
        if heard is not None:
            out.append(((index + 1) * WINDOW_MS, heard))
    return out


def unbroken(probabilities: list[float], levels: list[float] | None = None) -> list[tuple[int, int]]:
    """When how much unbroken speech was told."""
    return [(at, e.unbroken_ms) for at, e in events(probabilities, levels) if isinstance(e, VoiceSustained)]


def speech(ms: int) -> list[float]:
    return [0.9] * (ms // WINDOW_MS)


def silence(ms: int) -> list[float]:
    return [0.05] * (ms // WINDOW_MS)


def test_a_word_begins_pauses_and_ends() -> None:
    assert events(speech(320) + silence(700)) == [
        (64, VoiceStarted(ago_ms=64)),
        *((ms, VoiceSustained(speech_ms=ms, unbroken_ms=ms)) for ms in (128, 192, 256, 320)),
        (480, VoicePaused(ago_ms=160)),
        (928, VoiceEnded(ago_ms=608, speech_ms=320)),
    ]


def test_a_click_is_no_speech() -> None:
    assert events(silence(320) + speech(32) + silence(700)) == []


def test_a_short_pause_does_not_end_a_sentence() -> None:
    heard = [event for _, event in events(speech(320) + silence(400) + speech(320) + silence(700))]
    assert sum(isinstance(event, VoiceEnded) for event in heard) == 1


def test_speech_that_goes_on_says_so() -> None:
    sustained = [(at, e.speech_ms) for at, e in events(speech(500)) if isinstance(e, VoiceSustained)]
    assert sustained == [(ms, ms) for ms in (128, 192, 256, 320, 384, 448)]


def test_speech_is_counted_from_its_first_sound() -> None:
    """The detector is sure of soft beginnings late: p95 of a stop was 194 ms beyond what the script asks for."""
    unsure, sure = [0.2] * 4, speech(320)
    assert unbroken(unsure + sure, [800.0] * 14)[0] == (256, 256)
    assert unbroken(unsure + sure, [80.0] * 4 + [800.0] * 10)[0] == (256, 128), "noise of the line is no first sound"


def test_a_sound_that_lasted_longer_than_the_detector_may_be_late_is_noise() -> None:
    """In noise that was not learnt yet, two windows of speech counted as nine."""
    assert unbroken([0.2] * 40 + speech(320), [800.0] * 50)[0] == (44 * 32, 128)


def test_a_sound_with_silence_after_it_is_no_beginning_of_speech() -> None:
    assert unbroken([0.1] * 5 + speech(320), [800.0] * 3 + [10.0] * 2 + [800.0] * 10)[0] == (288, 128)


def test_two_sounds_with_a_pause_between_are_not_one_that_goes_on() -> None:
    """Their pause was counted as speech: two windows of an echo 200 ms apart, or 嗯 … 嗯, stopped our words."""
    told = unbroken(speech(192) + silence(200) + speech(192))
    assert max(ms for _, ms in told) == 192


def test_a_gap_between_syllables_is_speech() -> None:
    assert unbroken(speech(192) + silence(96) + speech(128))[-1] == (384, 384)


def test_a_voice_that_fades_may_be_at_its_end_and_is_not_told_until_it_is_louder() -> None:
    levels = [1000.0] * 10 + [90.0] * 3 + [500.0] * 3
    assert unbroken(speech(512), levels) == [
        *((ms, ms) for ms in (128, 192, 256, 320)), (448, 448), (512, 512)
    ]  # fmt: skip


def test_a_monologue_is_cut_so_that_it_can_be_understood() -> None:
    assert any(isinstance(event, VoiceEnded) for _, event in events(speech(13_000)))


@given(st.lists(st.floats(0, 1), max_size=600))
def test_law_beginnings_and_ends_alternate(probabilities: list[float]) -> None:
    kinds = [type(e) for _, e in events(probabilities) if isinstance(e, VoiceStarted | VoiceEnded)]
    assert kinds == [VoiceStarted if i % 2 == 0 else VoiceEnded for i in range(len(kinds))]


def test_a_pause_that_may_end_the_turn_soon_ends_it_soon_and_speech_that_goes_on_forgets_it() -> None:
    state: Listening = Speaking(speech_ms=640, silent_ms=192)
    soon, _ = end_after(state, 224)
    assert listen(soon, Window(probability=0.0), taking=TAKING)[1] == VoiceEnded(ago_ms=224, speech_ms=448)
    goes_on, heard = listen(soon, Window(probability=0.9), taking=TAKING)
    assert heard == VoiceResumed() and goes_on == Speaking(speech_ms=672, unbroken_ms=32, loudest=0.0)


def test_a_pause_that_has_lasted_long_enough_ends_at_once() -> None:
    state = Speaking(speech_ms=640, silent_ms=256)
    assert end_after(state, 224) == (Quiet(), VoiceEnded(ago_ms=256, speech_ms=384))


def test_nobody_who_is_speaking_or_quiet_can_be_ended() -> None:
    for state in (Quiet(), Speaking(speech_ms=64)):
        assert end_after(state, 0) == (state, None)


def test_a_pause_is_told_once_whether_by_a_window_or_by_the_sound() -> None:
    state: Listening = Speaking(speech_ms=448, silent_ms=128)
    assert may_pause(state, taking=TAKING)
    state, paused = pause(state, taking=TAKING)
    assert paused == VoicePaused(ago_ms=160) and not may_pause(state, taking=TAKING)
    assert pause(state, taking=TAKING) == (state, None)
    state, heard = listen(state, Window(probability=0.0), taking=TAKING)
    assert heard is None and isinstance(state, Speaking) and state.silent_ms == 192


def test_a_pause_that_is_further_off_is_not_told_by_the_sound() -> None:
    for state in (Quiet(), Speaking(speech_ms=448), Speaking(speech_ms=448, silent_ms=96)):
        assert pause(state, taking=TAKING) == (state, None)
