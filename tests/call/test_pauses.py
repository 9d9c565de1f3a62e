"""When a pause counts: by what is audible, not by how long the detector remembers a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fairdial.core.hearing.turns import TurnTaking
from fairdial.voice.call_voice import CallVoice, Paused, Resumed, Spoke, VoiceEvent
from fairdial.voice.clock import VoiceClock
from fairdial.voice.sound import FRAME_SAMPLES, Samples
from fairdial.voice.vad import VadStream
from tests.line.fake_line import FakeCall, tone

_REMEMBERS = 4
"""Windows (128 ms) for which the detector still hears a voice that is over, as Silero does."""

NOISE = 40.0


class _Lingering:
    """Hears speech in what is loud, and for a while after it; knows what is audible over the line's noise."""

    def __init__(self) -> None:
        self._left = 0

    def probabilities(self, windows: Sequence[Samples], streams: Sequence[VadStream]) -> list[float]:
        [window], [stream] = windows, streams
        level = np.sqrt(np.mean(window.astype(np.float32) ** 2, keepdims=True))
        stream.floor, stream.level = NOISE, float(level[0])
        self._left = _REMEMBERS if level[0] > 300 else max(0, self._left - 1)
        return [0.9 if self._left else 0.0]


class _Hears(FakeCall):
    """Plays what the person says, a frame a tick."""

    def __init__(self, said: Samples) -> None:
        super().__init__("1", "p")
        self._said = said
        self.written: list[int] = []

    def read(self) -> bytes:
        frame, self._said = self._said[:FRAME_SAMPLES], self._said[FRAME_SAMPLES:]
        return frame.tobytes()

    def write(self, pcm: bytes) -> None:
        self.written.append(len(pcm) // 2)


def heard(parts: Sequence[Samples]) -> list[tuple[int, VoiceEvent]]:
    """Events and the milliseconds of sound after which they came."""
    told: list[tuple[int, VoiceEvent]] = []
    said = np.concatenate(parts)
    voice = CallVoice(
        _Hears(said), taking=TurnTaking(), report=lambda event: told.append((voice.position * 1000 // 8000, event))
    )
    clock = VoiceClock(_Lingering())
    clock.add(voice)
    for _ in range(len(said) // FRAME_SAMPLES):
        clock.tick()
    return told


def quiet(ms: int, *, level: float = NOISE) -> Samples:
    return np.random.default_rng(3).normal(0, level, ms * 8).astype(np.int16)


@pytest.mark.parametrize("frames", range(1, 9))
def test_a_pause_counts_from_the_last_audible_sound(frames: int) -> None:
    """It was noticed 100 to 180 ms late: Silero had to forget the voice, and its window to be full."""
    ends_ms = 500 + 300 + 20 * frames
    told = heard([quiet(500), tone(3000, (301 + 20 * frames) / 1000), quiet(1000)])
    assert [at for at, event in told if isinstance(event, Paused)] == [ends_ms + 160]


def test_where_noise_is_louder_than_was_known_the_detector_decides() -> None:
    told = heard([quiet(500), tone(3000, 0.4), quiet(1000, level=200.0)])
    [at] = [at for at, event in told if isinstance(event, Paused)]
    assert 900 + 160 + 100 < at < 900 + 160 + 180


def test_a_pause_noticed_within_a_window_is_the_one_the_turn_ends_with() -> None:
    """Its text would be thrown away otherwise, and the turn recognised anew."""
    told = [event for _, event in heard([quiet(500), tone(3000, 0.4), quiet(1000)])]
    [paused] = [event for event in told if isinstance(event, Paused)]
    [spoke] = [event for event in told if isinstance(event, Spoke)]
    assert paused.at == spoke.ended_at


def test_speech_that_goes_on_after_such_a_pause_resumes() -> None:
    told = [event for _, event in heard([tone(3000, 0.4), quiet(200), tone(3000, 0.4), quiet(1000)])]
    names = [type(event).__name__ for event in told if isinstance(event, Paused | Resumed)]
    assert names == ["Paused", "Resumed", "Paused"]


def test_the_first_words_of_an_answer_leave_at_once() -> None:
    """They waited for the next tick, 10 ms on average."""
    call = _Hears(quiet(100))
    voice = CallVoice(call, taking=TurnTaking(), report=lambda _event: None)
    voice.tick()
    voice.say(tone(3000, 1.0))
    assert sum(call.written) == 3 * FRAME_SAMPLES and voice.mouth.first_sample_at == voice.position
    voice.tick()
    assert sum(call.written) == 4 * FRAME_SAMPLES, "no more than are kept ahead of the wire"
