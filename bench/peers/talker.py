"""The person of `bench.replies`, on either side of the comparison: speaks, waits, and notes how soon they are answered.

Imported by our Python and by the peer's, so that both are asked the same and measured alike. Frames are 20 ms, 160
samples of s16 mono at 8000 Hz; times are seconds of the event loop's clock. A frame is handed in when its last sample
has been spoken, and a sentence's last frame ends with its last loud sample: what a clock shows then is when it ended.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

FRAME_S, FRAME = 0.02, 160
SILENCE = bytes(2 * FRAME)

_LOUD_RMS = 300.0
"""What `fairdial.rehearsal.leg` takes for speech: -41 dB of full scale."""

_AFTER_S = 0.3
"""How long after the answer's last sound the next sentence begins."""

_FIRST_S = 3.0
"""When the first sentence begins if nobody says anything before."""

_PATIENCE_S = 10.0
"""How long an answer is waited for; none counts as one that came then."""


class Talker:
    """One person; says `turns` sentences, each when the answer to the last has been heard."""

    def __init__(self, said: list[np.ndarray], *, first: int, turns: int) -> None:
        self.turns: list[tuple[float, float, float]] = []
        """Of each answer, in ms: last sound to recognition's beginning, its length, its end to the first sound."""
        self.unanswered = self.talked_over = self.handed_in = self.late = 0
        self._left = deque(_frames(said[(first + n) % len(said)]) for n in range(turns))
        self._began_s = self._plays_until_s = self._speaks_at_s = 0.0
        self._speaking: deque[bytes] = deque()
        self._ended_s: float | None = None
        self._is_talked_over = False
        self._recognition = (0.0, 0.0)

    def begin(self, now_s: float) -> None:
        """The line is open."""
        self._began_s, self._speaks_at_s = now_s, now_s + _FIRST_S

    def is_done(self, now_s: float) -> bool:
        """Everything is said and answered, and the last answer has been heard."""
        return not (self._left or self._speaking) and self._ended_s is None and now_s >= self._speaks_at_s

    def due_s(self) -> float:
        """When the next frame has been spoken."""
        return self._began_s + (self.handed_in + 1) * FRAME_S

    def frames_due(self, now_s: float) -> list[bytes]:
        """Everything spoken by now that has not been handed in."""
        frames = []
        while (due_s := self.due_s()) <= now_s:
            self.handed_in += 1
            self.late += now_s - due_s > FRAME_S
            frames.append(self._next(due_s))
        return frames

    def recognition_began(self, now_s: float) -> None:
        self._recognition = (now_s, now_s)

    def recognised(self, now_s: float) -> None:
        self._recognition = (self._recognition[0], now_s)

    def hear(self, pcm: bytes, now_s: float) -> None:
        """Sound that has left the system; what is ahead of its time plays later."""
        samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
        if not len(samples) or float(np.dot(samples, samples)) / len(samples) < _LOUD_RMS**2:
            return
        if self._ended_s is not None:
            began, done = self._recognition
            self.turns.append(tuple(round(1000 * s, 1) for s in (began - self._ended_s, done - began, now_s - done)))
            self._ended_s = None
        self._is_talked_over |= bool(self._speaking)
        self._plays_until_s = max(self._plays_until_s, now_s) + len(samples) / FRAME * FRAME_S
        self._speaks_at_s = self._plays_until_s + _AFTER_S

    def _next(self, ends_s: float) -> bytes:
        if self._speaking:
            frame = self._speaking.popleft()
            if not self._speaking:
                self._end(ends_s)
            return frame
        if self._ended_s is not None and ends_s > self._ended_s + _PATIENCE_S:
            self.unanswered += 1
            self.turns.append((1000 * _PATIENCE_S, 0.0, 0.0))
            self._ended_s, self._speaks_at_s = None, ends_s
        if self._ended_s is None and self._left and ends_s - FRAME_S >= self._speaks_at_s:
            self._speaking = self._left.popleft()
            return self._next(ends_s)
        return SILENCE

    def _end(self, ends_s: float) -> None:
        if self._is_talked_over:  # answered in the middle: no gap of it can be told from the sound that still plays
            self.talked_over += 1
            self._is_talked_over, self._speaks_at_s = False, ends_s + 2.0
        else:
            self._ended_s = ends_s


def told(people: list[Talker], *, cpu_s: float, wall_s: float) -> dict[str, Any]:
    """What a run of these people was like, for JSON."""
    return {
        "turns": [turn for person in people for turn in person.turns],
        "unanswered": sum(person.unanswered for person in people),
        "talked over": sum(person.talked_over for person in people),
        "frames late": sum(p.late for p in people) / max(1, sum(p.handed_in for p in people)),
        "cores": round(cpu_s / wall_s, 2),
    }


def _frames(samples: np.ndarray) -> deque[bytes]:
    """Whole frames; silence comes before the sentence, so that the last frame ends as it does."""
    padded = np.pad(samples.astype(np.int16), (-len(samples) % FRAME, 0))
    return deque(padded[at : at + FRAME].tobytes() for at in range(0, len(padded), FRAME))
