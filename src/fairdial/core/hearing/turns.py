"""When somebody begins, pauses and ends to speak: `listen(state, probability)`.

Pure: voice-activity probabilities in, events out; time is counted in windows of
32 ms, so that the same sound always gives the same turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

WINDOW_MS = 32
"""Length of one voice-activity window: 256 samples at 8000 Hz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaking:
    """Times that decide turns, in milliseconds; thresholds are probabilities in [0, 1]."""

    start_probability: float = 0.5
    keep_probability: float = 0.35
    start_ms: int = 64
    pause_ms: int = 224
    end_ms: int = 608
    sustained_ms: int = 128
    longest_ms: int = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceStarted:
    """Speech began `ago_ms` before now."""

    ago_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSustained:
    """Speech has gone on for another `sustained_ms`, and for `speech_ms` in all."""

    speech_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePaused:
    """Speech stopped `pause_ms` ago; it may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceEnded:
    """Speech ended `ago_ms` before now and lasted `speech_ms`."""

    ago_ms: int
    speech_ms: int


Heard = VoiceStarted | VoiceSustained | VoicePaused | VoiceEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nobody speaks; `rising_ms` of voice may be the beginning of speech."""

    rising_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """Somebody has spoken for `speech_ms`, the last `silent_ms` of it silent."""

    speech_ms: int
    silent_ms: int = 0


Listening = Quiet | Speaking


def listen(state: Listening, probability: float, *, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    """Take in one window of `WINDOW_MS`."""
    match state:
        case Quiet():
            return _while_quiet(state, probability, taking)
        case Speaking():
            return _while_speaking(state, probability, taking)


def _while_quiet(state: Quiet, probability: float, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    if probability < taking.start_probability:
        return Quiet(), None
    rising = state.rising_ms + WINDOW_MS
    if rising < taking.start_ms:
        return Quiet(rising_ms=rising), None
    return Speaking(speech_ms=rising), VoiceStarted(ago_ms=rising)


def _while_speaking(state: Speaking, probability: float, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    speech = state.speech_ms + WINDOW_MS
    is_voice = probability >= taking.keep_probability
    silent = 0 if is_voice else state.silent_ms + WINDOW_MS
    if silent >= taking.end_ms or (speech >= taking.longest_ms):
        return Quiet(), VoiceEnded(ago_ms=silent, speech_ms=speech - silent)
    moved = replace(state, speech_ms=speech, silent_ms=silent)
    if silent and _crosses(silent, taking.pause_ms):
        return moved, VoicePaused()
    if is_voice and speech // taking.sustained_ms > state.speech_ms // taking.sustained_ms:
        return moved, VoiceSustained(speech_ms=speech)
    return moved, None


def _crosses(value_ms: int, mark_ms: int) -> bool:
    return value_ms - WINDOW_MS < mark_ms <= value_ms
