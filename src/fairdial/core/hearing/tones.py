"""Which call progress tone is heard: `hear_tone(state, frame, plan) -> (state, tone)`.

Pure. Runs of sound and silence, 20 ms a frame, are compared with the cadences of
one country (ITU-T E.180). A tone decides after two whole periods, one that lasts
after its least length; speech, noise and music keep no cadence and are no tones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.spectrum import Frequencies, Spectrum, loudest_of, same_place

FRAME_MS = 20

_TONAL = 0.8
"""Least share of a frame's energy in a tone's frequencies: 6 dB above all else."""

_SILENT = 60.0
"""Root mean square (about -55 dBFS) below which nothing sounds."""

_FAINTER = 3.0
"""Sound this many times (10 dB) fainter than the tone before it is that tone's pause: noise of the line."""

_OFF_BY_MS, _OFF_BY = 50, 0.2
"""A run may differ by the greater of the two, in milliseconds and as a share."""

_GAP_FRAMES = 2
"""Pauses within a tone of several frequencies, 30 ms at most (E.180, special information tone)."""

SILENCE: Frequencies = ()
_OTHER: Frequencies = (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Sound of these frequencies, or silence, for `ms`; for at least that long when `is_open`."""

    hz: Frequencies
    ms: int
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A tone of an exchange: one period, and how many of them are enough to know it."""

    name: str
    period: tuple[Segment, ...]
    periods: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    hz: Frequencies
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneState:
    """The last runs, the current one at the end, and how loud the last tone was."""

    runs: tuple[Run, ...] = ()
    level: float = 0.0

    @property
    def is_tonal(self) -> bool:
        """Whether the last frame sounds like a tone, whatever its cadence: it is no speech."""
        return bool(self.runs) and self.runs[-1].hz not in (SILENCE, _OTHER)


_MOST_RUNS = 24


def hear_tone(state: ToneState, heard: Spectrum, *, plan: tuple[Tone, ...]) -> tuple[ToneState, Tone | None]:
    """Take in one frame of 20 ms; says a tone in the frame in which it becomes certain, and again every period."""
    hz = _kind(state, heard, plan)
    is_new = not state.runs or state.runs[-1].hz != hz
    moved = ToneState(runs=_extended(state.runs, hz), level=heard.level if hz not in (SILENCE, _OTHER) else state.level)
    for tone in plan:
        last = tone.period[-1]
        if last.is_open:
            need = -(-last.ms // FRAME_MS)
            if moved.runs[-1].hz == last.hz and moved.runs[-1].frames == need:
                return moved, tone
        elif is_new and _fits(moved.runs[:-1], tone):
            return moved, tone
    return moved, None


def _kind(state: ToneState, heard: Spectrum, plan: tuple[Tone, ...]) -> Frequencies:
    if heard.level < _SILENT or heard.level * _FAINTER < state.level:
        return SILENCE
    sets = {segment.hz: None for tone in plan for segment in tone.period if segment.hz}
    return loudest_of(heard, tuple(sets), at_least=_TONAL) or _OTHER


def _extended(runs: tuple[Run, ...], hz: Frequencies) -> tuple[Run, ...]:
    """One frame more; a single frame that interrupts a run, such as a lost packet, is part of it."""
    if runs and runs[-1].hz == hz:
        return (*runs[:-1], replace(runs[-1], frames=runs[-1].frames + 1))
    if len(runs) >= 2 and runs[-1].frames == 1 and runs[-2].hz == hz:
        return (*runs[:-2], replace(runs[-2], frames=runs[-2].frames + 2))
    return (*runs, Run(hz=hz, frames=1))[-_MOST_RUNS:]


def _fits(runs: tuple[Run, ...], tone: Tone) -> bool:
    """Whether the last finished runs are this tone's periods, from a beginning to an end."""
    gap = 0 if any(not segment.hz for segment in tone.period) else _GAP_FRAMES
    whole = tuple(
        run
        for run in runs
        if not ((run.hz == SILENCE and run.frames <= gap) or (run.hz == _OTHER and run.frames <= max(gap, 1)))
    )  # a frame in which a tone begins or ends looks like neither
    wanted = tone.period * tone.periods
    return len(whole) >= len(wanted) and all(
        run.hz == segment.hz and abs(run.frames * FRAME_MS - segment.ms) <= max(_OFF_BY_MS, _OFF_BY * segment.ms)
        for run, segment in zip(whole[-len(wanted) :], wanted, strict=True)
    )


SAYS: dict[str, Disposition] = {
    "busy": Disposition.BUSY,
    "congestion": Disposition.UNREACHABLE,
    "number_unobtainable": Disposition.INVALID_NUMBER,
}
"""What a tone says about the call. The special information tone is left out: an announcement after it says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeepState:
    """A pure tone of any frequency that has lasted `frames`."""

    hz: float = 0.0
    frames: int = 0


_BEEP_HZ = (600.0, 2050.0)
"""Mailboxes beep between 600 and 2000 Hz; a hummed voice lies below, the answering fax at 2100 Hz above."""

_BEEP_FRAMES = 8


def hear_beep(state: BeepState, heard: Spectrum) -> tuple[BeepState, bool]:
    """Take in one frame; True once, when a pure tone has lasted 160 ms."""
    if heard.level < 4 * _SILENT:
        return BeepState(), False
    hz = heard.peak_hz()
    if not _BEEP_HZ[0] <= hz <= _BEEP_HZ[1] or heard.share(hz) < 0.9:
        return BeepState(), False
    is_same = state.frames > 0 and same_place(hz, state.hz)
    moved = BeepState(hz=state.hz if is_same else hz, frames=state.frames + 1 if is_same else 1)
    return moved, moved.frames == _BEEP_FRAMES
