"""Tells those who watch what an answered call is at; telling is a store in memory, and never waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.state import State, Waiting
from fairdial.core.live_call import LiveCall, Stage, Tell


class Live:
    """The newest state of one answered call."""

    def __init__(self, attempt_id: int, tell: Tell, answered_at: datetime) -> None:
        self._tell = tell
        self._now = LiveCall(attempt_id=attempt_id, stage=Stage.TALKING, answered_at=answered_at.isoformat())
        tell(self._now)

    def at(self, state: State) -> None:
        """The conversation stands here now."""
        if not isinstance(state, Waiting) and state.step != self._now.step:
            self._becomes(replace(self._now, step=state.step))

    def said(self, words: str) -> None:
        """We begin to say this."""
        self._becomes(replace(self._now, said=words, said_last=True))

    def hears(self, words: str) -> None:
        """What the person seems to say; they may go on."""
        if words:
            self._becomes(
                replace(self._now, heard=words, is_final=False, meaning=None, confidence=None, said_last=False)
            )

    def heard(self, words: str, understood: Understood) -> None:
        """What the person said, understood."""
        self._becomes(
            replace(
                self._now,
                heard=words,
                is_final=True,
                meaning=understood.meaning,
                confidence=round(understood.confidence, 2),
                said_last=False,
            )
        )

    def _becomes(self, now: LiveCall) -> None:
        self._now = now
        self._tell(now)
