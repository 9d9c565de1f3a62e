"""The mouth of one call: plays samples frame by frame and knows what was really heard.

A few frames are kept ahead in the stack's buffer; what a flush throws away is
taken back, so that `resume` goes on where the person stopped hearing.
"""

from __future__ import annotations

from mmap import mmap

import numpy as np

from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples

LEAD_FRAMES = 3
"""Frames (20 ms each) kept ahead of the wire, against a late tick."""

_REWIND = TELEPHONE_RATE * 3 // 10
"""Samples (300 ms) said again when speech is resumed, so that no word is cut."""


class Mouth:
    """What is being said on one call; positions count samples since the call's clock began."""

    def __init__(self) -> None:
        self._pending: Samples = np.zeros(0, dtype=np.int16)
        self._said = 0
        self._is_paused = False
        self._heard_until = 0
        self.track = Track()
        self.first_sample_at: int | None = None
        """Position from which what is being said was heard; None while nothing of it was."""

    @property
    def is_speaking(self) -> bool:
        """True while sound is being played, False when paused or finished."""
        return not self._is_paused and (self._said < len(self._pending))

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    @property
    def has_more(self) -> bool:
        """True while something is left to say, played or paused."""
        return self.is_speaking or self._is_paused

    @property
    def unsaid(self) -> int:
        """Samples that are left to say."""
        return max(0, len(self._pending) - self._said)

    @property
    def ends_at(self) -> int:
        """Position at which everything handed over so far has been heard."""
        return self._heard_until

    def say(self, samples: Samples) -> None:
        """Begin saying something new; what was being said is forgotten."""
        self._pending, self._said, self._is_paused = samples, 0, False
        self.first_sample_at = None

    def pause(self, now: int) -> None:
        """Stop at once; the caller flushes the stack's buffer."""
        unheard = max(0, self._heard_until - now)
        self._said = max(0, self._said - unheard)
        self._heard_until = min(self._heard_until, now)
        self.track.cut(now)
        self._is_paused = True
        if self.first_sample_at is not None and self.first_sample_at >= now:
            self.first_sample_at = None  # not even the first of it was heard

    def resume(self) -> None:
        """Go on a little before the point at which it was paused."""
        self._said = max(0, self._said - _REWIND)
        self._is_paused = False

    def frames_due(self, now: int) -> list[Samples]:
        """Frames to hand to the line at position `now`; empty when there is nothing to say."""
        due: list[Samples] = []
        while self.is_speaking and self._heard_until < now + LEAD_FRAMES * FRAME_SAMPLES:
            frame = self._pending[self._said : self._said + FRAME_SAMPLES]
            if len(frame) < FRAME_SAMPLES:
                frame = np.concatenate([frame, np.zeros(FRAME_SAMPLES - len(frame), dtype=np.int16)])
            start = max(self._heard_until, now)
            if self.first_sample_at is None:
                self.first_sample_at = start
            self.track.put(start, frame)
            self._said += FRAME_SAMPLES
            self._heard_until = start + FRAME_SAMPLES
            due.append(frame)
        return due


class Track:
    """What one side of the call sounded like, placed by position: the recording, and where hearing looks back.

    Five minutes are laid out at once; memory is taken page by page as sound comes, and goes back whole.
    """

    def __init__(self) -> None:
        self._samples = _zeros(TELEPHONE_RATE * 300)
        self._length = 0

    def put(self, position: int, samples: Samples) -> None:
        end = position + len(samples)
        if end > self._length:
            self.grow(end)
        self._samples[position:end] = samples

    def grow(self, end: int) -> None:
        """Reach to `end`, with silence where nothing was put."""
        if end > len(self._samples):
            longer = _zeros(2 * end)
            longer[: self._length] = self._samples[: self._length]
            self._samples = longer
        self._length = max(self._length, end)

    def cut(self, position: int) -> None:
        """Forget everything from `position` on: it was never heard."""
        self._samples[position : self._length] = 0
        self._length = min(self._length, position)

    def between(self, start: int, end: int) -> Samples:
        """A view, not a copy; `end` is at most the length."""
        return self._samples[start:end]

    def samples(self) -> Samples:
        """All of it, as a view."""
        return self._samples[: self._length]


def _zeros(count: int) -> Samples:
    return np.frombuffer(mmap(-1, 2 * count), dtype=np.int16)
