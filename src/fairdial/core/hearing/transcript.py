"""A call's words laid along its recording, as WebVTT.

The ledger knows when somebody's words ended and when ours began; where the other ends lie is seen in the sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

_HZ = 8000
_FRAME = _HZ // 50
_LEAST = 60.0
"""Level (root mean square of s16) below which nothing is heard on a telephone."""

_PAUSE = 31
"""Frames (620 ms) of silence between two utterances; shorter pauses belong to one, as turn taking has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One turn: what the person said and when they had said it, what we said and when we began."""

    heard: str | None
    heard_until: datetime | None
    said: str | None
    said_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words between two moments of the recording, in seconds."""

    start_s: float
    end_s: float
    is_ours: bool
    text: str


def aligned(turns: Sequence[Spoken], *, answered_at: datetime, person: Samples, ours: Samples) -> list[Cue]:
    """Lay the words of a call along its recording.

    Args:
        answered_at: When the recording begins.
        person, ours: The two sides, 8000 Hz.
    """
    theirs, mine, cues = _voiced(person), _voiced(ours), []
    starts = sorted(_frame(turn.said_from, answered_at) for turn in turns if turn.said and turn.said_from is not None)
    for turn in turns:
        if turn.heard and turn.heard_until is not None:
            end = _frame(turn.heard_until, answered_at)
            cues.append(_cue(_back(theirs, end), end, False, turn.heard))
        if turn.said and turn.said_from is not None:
            start = _frame(turn.said_from, answered_at)
            following = next((each for each in starts if each > start), len(mine))
            cues.append(_cue(start, _last(mine, start, following), True, turn.said))
    return sorted(cues, key=lambda cue: cue.start_s)


def web_vtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file; `person` and `system` are the voices."""
    blocks = [
        f"{_clock(cue.start_s)} --> {_clock(cue.end_s)}\n<v {'system' if cue.is_ours else 'person'}>{_escaped(cue.text)}"
        for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _frame(moment: datetime, answered_at: datetime) -> int:
    return max(0, round((moment - answered_at).total_seconds() * _HZ / _FRAME))


def _cue(start: int, end: int, is_ours: bool, words: str) -> Cue:
    seconds = _FRAME / _HZ
    return Cue(start_s=start * seconds, end_s=max(end, start + 1) * seconds, is_ours=is_ours, text=words)


def _voiced(side: Samples) -> npt.NDArray[np.bool_]:
    """Frames of 20 ms that stand out from the side's own noise."""
    frames = side[: len(side) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float32)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    floor = float(np.quantile(levels, 0.2)) if len(levels) else 0.0
    return np.asarray(levels > max(_LEAST, 2 * floor), dtype=np.bool_)


def _back(voiced: npt.NDArray[np.bool_], end: int) -> int:
    """Where the utterance that ends here began: after the last pause before it."""
    start, silent = end, 0
    for at in range(min(end, len(voiced)) - 1, -1, -1):
        silent = 0 if voiced[at] else silent + 1
        if silent > _PAUSE:
            break
        start = at if voiced[at] else start
    return start


def _last(voiced: npt.NDArray[np.bool_], start: int, following: int) -> int:
    """Where the line that begins here ended: with the last sound before the next one; it may have paused and gone on."""
    sounding = np.flatnonzero(voiced[start:following])
    return start + int(sounding[-1]) + 1 if len(sounding) else start


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
