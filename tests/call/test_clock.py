"""The voice clock: a defect in one call's sound never silences the others."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from fairdial.core.hearing.turns import TurnTaking
from fairdial.voice.call_voice import CallVoice, SoundLost, VoiceEvent
from fairdial.voice.clock import VoiceClock, running
from tests.call.stories import LoudIsSpeech
from tests.line.fake_line import FakeCall


class _Broken(FakeCall):
    def read(self) -> bytes:
        raise RuntimeError("defect")


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


def test_a_stall_is_counted_told_and_made_up_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late ticks were counted only beyond 200 ms, and nobody was told."""
    monkeypatch.setattr("fairdial.voice.clock._TELL_S", 0.2)
    clock = VoiceClock(LoudIsSpeech())
    voice = CallVoice(_Stalling("3", "r"), taking=TurnTaking(), report=lambda _event: None)

    async def story() -> None:
        clock.add(voice)
        async with running(clock):
            await asyncio.sleep(0.4)

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert 1 <= clock.punctuality.late < clock.punctuality.ticks and clock.punctuality.worst_ms >= 40
    assert "the voice clock is late" in caplog.text
    assert voice.position == clock.punctuality.ticks * 160


class _Stalling(FakeCall):
    def read(self) -> bytes:
        if self._taken == 0:
            self._taken = 1
            threading.Event().wait(0.06)
        return b"\0" * 320
