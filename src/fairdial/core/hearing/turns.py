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
    """Times that decide turns, in milliseconds; thresholds are probabilities in [0, 1].

    `end_ms` of silence end a turn about whose words nothing is known; see `end_after`.
    """

    start_probability: float = 0.5
    keep_probability: float = 0.35
    start_ms: int = 64
    pause_ms: int = 160
    end_ms: int = 608
    sustained_ms: int = 64
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
    """Speech stopped `ago_ms` before now; it may go on."""

    ago_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceResumed:
    """Speech goes on after a pause, and has for `speech_ms` in all; comes in place of `VoiceSustained`."""

    speech_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceEnded:
    """Speech ended `ago_ms` before now and lasted `speech_ms`."""

    ago_ms: int
    speech_ms: int


Heard = VoiceStarted | VoiceSustained | VoicePaused | VoiceResumed | VoiceEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nobody speaks; `rising_ms` of voice may be the beginning of speech."""

    rising_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """Somebody has spoken for `speech_ms`, the last `silent_ms` of it silent; `end_ms` of silence end this pause's turn."""

    speech_ms: int
    silent_ms: int = 0
    end_ms: int | None = None


Listening = Quiet | Speaking


def listen(state: Listening, probability: float, *, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    """Take in one window of `WINDOW_MS`."""
    match state:
        case Quiet():
            return _while_quiet(state, probability, taking)
        case Speaking():
            return _while_speaking(state, probability, taking)


def end_after(state: Listening, silent_ms: int) -> tuple[Listening, VoiceEnded | None]:
    """Let so much silence end the turn, now or later in the pause it is in; forgotten when speech goes on."""
    if not isinstance(state, Speaking) or not state.silent_ms:
        return state, None
    if state.silent_ms >= silent_ms:
        return Quiet(), VoiceEnded(ago_ms=state.silent_ms, speech_ms=state.speech_ms - state.silent_ms)
    return replace(state, end_ms=silent_ms), None


def may_pause(state: Listening, *, taking: TurnTaking) -> bool:
    """Whether less than a window is missing to the first short pause."""
    return isinstance(state, Speaking) and taking.pause_ms - WINDOW_MS <= state.silent_ms < taking.pause_ms


def pause(state: Listening, *, taking: TurnTaking) -> tuple[Listening, VoicePaused | None]:
    """Take in that the first short pause is complete although the window that would tell is not full."""
    if not isinstance(state, Speaking) or not may_pause(state, taking=taking):
        return state, None
    return replace(state, silent_ms=taking.pause_ms), VoicePaused(ago_ms=taking.pause_ms)


def _while_quiet(state: Quiet, probability: float, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    if probability < taking.start_probability:
        return Quiet(), None
    rising = state.rising_ms + WINDOW_MS
    if rising < taking.start_ms:
        return Quiet(rising_ms=rising), None
    return Speaking(speech_ms=rising), VoiceStarted(ago_ms=rising)


def _while_speaking(state: Speaking, probability: float, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    speech = state.speech_ms + WINDOW_MS
    if probability >= taking.keep_probability:
        return _with_voice(state, speech, taking)
    silent = state.silent_ms + WINDOW_MS
    end_ms = taking.end_ms if state.end_ms is None else state.end_ms
    if silent >= end_ms or speech >= taking.longest_ms:
        return Quiet(), VoiceEnded(ago_ms=silent, speech_ms=speech - silent)
    moved = replace(state, speech_ms=speech, silent_ms=silent)
    return moved, VoicePaused(ago_ms=silent) if _crosses(silent, taking.pause_ms) else None


def _with_voice(state: Speaking, speech: int, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    if speech >= taking.longest_ms:
        return Quiet(), VoiceEnded(ago_ms=0, speech_ms=speech)
    moved = Speaking(speech_ms=speech)
    if state.silent_ms >= taking.pause_ms:
        return moved, VoiceResumed(speech_ms=speech)
    is_step = speech // taking.sustained_ms > state.speech_ms // taking.sustained_ms
    return moved, VoiceSustained(speech_ms=speech) if is_step else None


def _crosses(value_ms: int, mark_ms: int) -> bool:
    return value_ms - WINDOW_MS < mark_ms <= value_ms
