"""Ears and mouth of one call, driven by the process's voice clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fairdial.core.hearing.energy_gate import is_audible
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
from fairdial.ports import LineCall
from fairdial.voice.mouth import Mouth, Track
from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples
from fairdial.voice.tone_watch import KeyWatch, ToneWatch
from fairdial.voice.vad import WINDOW, VadStream
from fairdial.voice.whose_voice import is_ours

_BEFORE_SPEECH = TELEPHONE_RATE // 4
"""Samples (250 ms) kept before the detected beginning of speech."""

_AFTER_SPEECH = TELEPHONE_RATE // 5

_FRAME_BYTES = 2 * FRAME_SAMPLES

_NO_PAUSE = -1

_MOST_BEHIND = 8 * _FRAME_BYTES
"""Bytes (160 ms) of received sound beyond which the oldest is skipped, so that hearing stays live."""


_LOST = 20 * TELEPHONE_RATE
"""Samples (20 s) without a packet after which the far end's media is gone; RTP packets carry silence too, and an end
that saves them sends comfort noise (RFC 3389)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The person began to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sustained:
    """The person keeps speaking; they have for `speech_ms` in all, and for `unbroken_ms` without a pause."""

    speech_ms: int
    unbroken_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The person has made a short pause, and may go on; what they said until now ended `at`, in samples."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The person goes on after a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """The person finished: the sound and where it lies on the call's clock, in samples."""

    samples: Samples
    began_at: int
    ended_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedSaying:
    """Everything the mouth was given has been heard; `at` is the position of its last sample."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLost:
    """Nothing at all, not even silence, has come from the far end for `_LOST` samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneHeard:
    """A tone of the network, a fax or a mailbox; names as in `tones.tsv`, and `beep`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHeard:
    """A key of the person's telephone, in the sound itself."""

    key: str


VoiceEvent = Started | Sustained | Paused | Resumed | Spoke | FinishedSaying | SoundLost | ToneHeard | KeyHeard


class CallVoice:
    """Sound of one call; `position` counts samples since the voice clock took the call."""

    def __init__(self, call: LineCall, *, taking: TurnTaking, report: Callable[[VoiceEvent], None]) -> None:
        self.report = report
        self.mouth = Mouth()
        self.vad = VadStream()
        self.tones: ToneWatch | None = None
        """Listens for tones while it is set; what sounds like one is no speech."""
        self.keys: KeyWatch | None = None
        """Listens for keys while it is set."""
        self.position = 0
        self._call = call
        self._taking = taking
        self._listening: Listening = Quiet()
        self._received = b""
        self._windowed = 0
        self._heard = Track()
        self._began_at = 0
        self._paused_at = _NO_PAUSE
        self._owes_finish = False
        self._missing = 0

    @property
    def is_hearing_speech(self) -> bool:
        return isinstance(self._listening, Speaking)

    @property
    def spoken_until(self) -> int:
        """Where what the person is saying reaches: the beginning of the pause they are in, or now; in samples."""
        return self.position if self._paused_at == _NO_PAUSE else self._paused_at

    def expect_sound(self) -> None:
        """From now on the far end owes us sound; what was missing before an answer does not count."""
        self._missing = 0

    def give_up(self) -> None:
        """This call's sound cannot go on."""
        self.report(SoundLost())

    def speech_so_far(self) -> Samples:
        """What the person has said of a sentence that is not finished; empty when nobody speaks."""
        if not isinstance(self._listening, Speaking):
            return np.zeros(0, dtype=np.int16)
        return self._heard.samples()[max(0, self._began_at - _BEFORE_SPEECH) :].copy()

    def speech_until(self, pause: int) -> Samples | None:
        """What has been said before the pause that began at `pause`; None when it is over."""
        return self.speech_so_far() if self._paused_at == pause else None

    def end_after(self, silent_ms: int, *, pause: int) -> None:
        """Let so much silence end the turn, if the person is still in the pause that began at `pause`."""
        if self._paused_at == pause:
            self._listening, ended = end_after(self._listening, silent_ms)
            if ended is not None:
                self._report(ended)

    def say(self, samples: Samples) -> None:
        """Say something new at once, in place of anything being said."""
        if self.mouth.is_speaking:
            self.pause()
        self.mouth.say(samples)
        self._owes_finish = True
        self._speak()  # not at the next tick: nobody waits for our own clock

    def pause(self) -> None:
        self.mouth.pause(self.position)
        self._call.flush()

    def resume(self) -> None:
        self.mouth.resume()
        self._owes_finish = True

    def recording(self) -> tuple[Samples, Samples]:
        """The person's side and ours."""
        return self._heard.samples(), self.mouth.track.samples()

    def tick(self) -> Samples | None:
        """Move 20 ms of sound in and out.

        Returns:
            A full window for the voice-activity detector, a view of the recording; or None.
        """
        self._take_in()
        self.position += FRAME_SAMPLES
        if self.tones is not None and (name := self.tones.take(self._latest_frame())) is not None:
            self.report(ToneHeard(name=name))
        if self.keys is not None and (key := self.keys.take(self._latest_frame())) is not None:
            self.report(KeyHeard(key=key))
        self._speak()
        self._report_finish()
        if self.position - self._windowed < WINDOW:
            self._notice_pause()
            return None
        self._windowed += WINDOW
        return self._heard.between(self._windowed - WINDOW, self._windowed)

    def hear(self, probability: float) -> None:
        """Take in what the detector says of the window `tick` gave."""
        is_tonal = any(watch.is_tonal for watch in (self.tones, self.keys) if watch is not None)
        if is_tonal or is_ours(probability, self._heard, self.mouth, until=self._back(0)):
            window = Window(probability=0.0)
        else:
            window = Window(probability=probability, level=self.vad.level, noise=self.vad.floor)
        self._listening, heard = listen(self._listening, window, taking=self._taking)
        if heard is not None:
            self._report(heard)
        self._notice_pause()

    def _notice_pause(self) -> None:
        """A pause is complete when it has been silent for so long, not when the detector's next window is full."""
        if not may_pause(self._listening, taking=self._taking):
            return
        count = self._taking.pause_ms * TELEPHONE_RATE // 1000
        frames = self._heard.between(self.position - count, self.position).reshape(-1, FRAME_SAMPLES)
        levels = np.sqrt(np.mean(frames.astype(np.float32) ** 2, axis=1))
        if not is_audible(levels, self.vad.floor).any():
            self._listening, paused = pause(self._listening, taking=self._taking)
            if paused is not None:
                self._report(paused)

    def _speak(self) -> None:
        for out in self.mouth.frames_due(self.position):
            self._call.write(out.tobytes())

    def _latest_frame(self) -> Samples:
        return self._heard.between(self.position - FRAME_SAMPLES, self.position)

    def _take_in(self) -> None:
        """Put the next frame of what has come on record; silence when none has."""
        fresh = self._call.read()
        self._count_missing(len(fresh))
        received = self._received + fresh if self._received else fresh
        if len(received) > _MOST_BEHIND:
            received = received[-_MOST_BEHIND:]
        if len(received) < _FRAME_BYTES:
            self._received = received
            self._heard.grow(self.position + FRAME_SAMPLES)
            return
        self._received = received[_FRAME_BYTES:]
        self._heard.put(self.position, np.frombuffer(received, dtype=np.int16, count=FRAME_SAMPLES))

    def _count_missing(self, received: int) -> None:
        self._missing = 0 if received else self._missing + FRAME_SAMPLES
        if self._missing and self._missing % _LOST == 0:
            self.report(SoundLost())

    def _report_finish(self) -> None:
        if not self._owes_finish or self.mouth.has_more:
            return
        if self.position >= self.mouth.ends_at:
            self._owes_finish = False
            self.report(FinishedSaying(at=self.mouth.ends_at))

    def _report(self, heard: Heard) -> None:
        match heard:
            case VoiceStarted(ago_ms=ago):
                self._began_at = self._back(ago)
                self.report(Started())
            case VoiceSustained(speech_ms=speech, unbroken_ms=unbroken):
                self.report(Sustained(speech_ms=speech, unbroken_ms=unbroken))
            case VoicePaused(ago_ms=ago):
                self._paused_at = self._back(ago)
                self.report(Paused(at=self._paused_at))
            case VoiceResumed():
                self._paused_at = _NO_PAUSE
                self.report(Resumed())
            case VoiceEnded(ago_ms=ago):
                self._paused_at = _NO_PAUSE
                ended = self._back(ago)
                start = max(0, self._began_at - _BEFORE_SPEECH)
                sound = self._heard.samples()[start : ended + _AFTER_SPEECH].copy()
                self.report(Spoke(samples=sound, began_at=self._began_at, ended_at=ended))

    def _back(self, ago_ms: int) -> int:
        """The position `ago_ms` ago; a window lies at most `WINDOW_MS` behind."""
        behind = self.position - self._windowed + ago_ms * TELEPHONE_RATE // 1000
        return max(0, self.position - behind)


assert WINDOW * 1000 == WINDOW_MS * TELEPHONE_RATE, "the detector's window and the turn clock agree"
