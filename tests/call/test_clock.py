"""The voice clock: a defect in one call's sound never silences the others."""

from __future__ import annotations

import logging

import pytest

from fairdial.core.hearing.turns import TurnTaking
from fairdial.voice.call_voice import CallVoice, SoundLost, VoiceEvent
from fairdial.voice.clock import VoiceClock
from tests.call.stories import LoudIsSpeech
from tests.line.fake_line import FakeCall


class _Broken(FakeCall):
    def read(self) -> bytes:
        return b"odd"


class _Sound(FakeCall):
    def read(self) -> bytes:
        return b"\0" * 320


def test_a_defect_in_one_call_ends_that_call_only(caplog: pytest.LogCaptureFixture) -> None:
    """One exception ended the only task, and every call of the process went deaf and mute."""
    told: dict[str, list[VoiceEvent]] = {"broken": [], "sound": []}
    broken = CallVoice(_Broken("1", "p"), taking=TurnTaking(), report=told["broken"].append)
    sound = CallVoice(_Sound("2", "q"), taking=TurnTaking(), report=told["sound"].append)
    clock = VoiceClock(LoudIsSpeech())
    clock.add(broken)
    clock.add(sound)
    with caplog.at_level(logging.ERROR):
        for _ in range(10):
            clock.tick()
    assert told["broken"] == [SoundLost()] and sound.position == 10 * 160
    assert "stopped by a defect" in caplog.text
