"""When somebody begins, pauses and ends to speak: `listen(state, window)`.

Pure: voice-activity probabilities and levels in, events out; time is counted in windows of
32 ms, so that the same sound always gives the same turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fairdial.core.hearing.energy_gate import RULES

WINDOW_MS = 32
"""Length of one voice-activity window: 256 samples at 8000 Hz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaking:
    """Times that decide turns, in milliseconds; thresholds are probabilities in [0, 1].

    `end_ms` of silence end a turn about whose words nothing is known; see `end_after`. The detector is sure of speech
    some windows after it began: a sound that began at most `unsure_ms` before, `stands_out` times as loud as the line's
    noise, is speech from its beginning on; one that has lasted longer is noise. A voice at less than `fading` of its
    loudest may be at its end.
    """

    start_probability: float = 0.5
    keep_probability: float = 0.35
    start_ms: int = 64
    pause_ms: int = 160
    end_ms: int = 608
    sustained_ms: int = 64
    longest_ms: int = 12_000
    unsure_ms: int = 224
    stands_out: float = 2.0
    fading: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is known of one window: probability of speech, its level and that of the line's noise (see `energy_gate`)."""

    probability: float
    level: float | None = None
    noise: float = 0.0

    @property
    def is_audible(self) -> bool:
        """Whether anything is louder than the line's noise; True where the level is not known."""
        return self.level is None or self.level >= max(RULES.least, RULES.over_floor * self.noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceStarted:
    """Speech began `ago_ms` before now."""

    ago_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSustained:
    """Speech goes on and does not fade: for `speech_ms` in all, for `unbroken_ms` since its first sound or last pause.

    Comes whenever another `sustained_ms` are unbroken.
    """

    speech_ms: int
    unbroken_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePaused:
    """Speech stopped `ago_ms` before now; it may go on."""

    ago_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceResumed:
    """Speech goes on after a pause; comes in place of `VoiceSustained`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceEnded:
    """Speech ended `ago_ms` before now and lasted `speech_ms`."""

    ago_ms: int
    speech_ms: int


Heard = VoiceStarted | VoiceSustained | VoicePaused | VoiceResumed | VoiceEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nobody speaks; `rising_ms` of voice, `sounding_ms` of sound may be the beginning of speech."""

    rising_ms: int = 0
    sounding_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """Somebody has spoken for `speech_ms`, the last `silent_ms` of it silent; `end_ms` of silence end this pause's turn.

    `unbroken_ms` since the first sound or the last pause, no louder than `loudest`; `told_ms` of them are told.
    """

    speech_ms: int
    silent_ms: int = 0
    end_ms: int | None = None
    unbroken_ms: int = 0
    told_ms: int = 0
    loudest: float = 0.0


Listening = Quiet | Speaking


def listen(state: Listening, window: Window, *, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    """Take in one window of `WINDOW_MS`."""
    match state:
        case Quiet():
            return _while_quiet(state, window, taking)
        case Speaking():
            return _while_speaking(state, window, taking)


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


def _while_quiet(state: Quiet, window: Window, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    sounding = state.sounding_ms + WINDOW_MS if _stands_out(window, taking) else 0
    if window.probability < taking.start_probability:
        return Quiet(sounding_ms=sounding), None
    rising = state.rising_ms + WINDOW_MS
    if rising < taking.start_ms:
        return Quiet(rising_ms=rising, sounding_ms=sounding), None
    is_speech_too = rising < sounding <= rising + taking.unsure_ms
    unbroken = sounding if is_speech_too else rising
    begun = Speaking(speech_ms=rising, unbroken_ms=unbroken, told_ms=unbroken, loudest=window.level or 0.0)
    return begun, VoiceStarted(ago_ms=rising)


def _stands_out(window: Window, taking: TurnTaking) -> bool:
    return window.level is not None and window.level >= max(RULES.least, taking.stands_out * window.noise)


def _while_speaking(state: Speaking, window: Window, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    speech = state.speech_ms + WINDOW_MS
    if window.probability >= taking.keep_probability and window.is_audible:
        return _with_voice(state, speech, window.level or 0.0, taking)
    silent = state.silent_ms + WINDOW_MS
    end_ms = taking.end_ms if state.end_ms is None else state.end_ms
    if silent >= end_ms or speech >= taking.longest_ms:
        return Quiet(), VoiceEnded(ago_ms=silent, speech_ms=speech - silent)
    moved = replace(state, speech_ms=speech, silent_ms=silent)
    return moved, VoicePaused(ago_ms=silent) if _crosses(silent, taking.pause_ms) else None


def _with_voice(state: Speaking, speech: int, level: float, taking: TurnTaking) -> tuple[Listening, Heard | None]:
    if speech >= taking.longest_ms:
        return Quiet(), VoiceEnded(ago_ms=0, speech_ms=speech)
    if state.silent_ms >= taking.pause_ms:
        return Speaking(speech_ms=speech, unbroken_ms=WINDOW_MS, loudest=level), VoiceResumed()
    unbroken, loudest = state.unbroken_ms + state.silent_ms + WINDOW_MS, max(state.loudest, level)
    is_step = unbroken // taking.sustained_ms > state.told_ms // taking.sustained_ms
    is_told = is_step and level >= taking.fading * loudest
    told = unbroken if is_told else state.told_ms
    moved = Speaking(speech_ms=speech, unbroken_ms=unbroken, told_ms=told, loudest=loudest)
    return moved, VoiceSustained(speech_ms=speech, unbroken_ms=unbroken) if is_told else None


def _crosses(value_ms: int, mark_ms: int) -> bool:
    return value_ms - WINDOW_MS < mark_ms <= value_ms
