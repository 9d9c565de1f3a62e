"""A rest for whoever outside fails again and again: a person waits for every try."""

from __future__ import annotations

from collections.abc import Callable

FAILURES = 3
"""So many in a row begin a rest."""


class Rest:
    """Counts failures in a row.

    Args:
        seconds: Length of a rest.
        now: Seconds on a clock that only goes forward.
    """

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds, self._now = seconds, now
        self._failures, self._until = 0, now()

    @property
    def lasts(self) -> bool:
        return self._now() < self._until

    def failed(self) -> bool:
        """Count a failure; True when a rest begins with it."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._until = self._now() + self._seconds
        return self._failures >= FAILURES

    def succeeded(self) -> None:
        self._failures = 0
