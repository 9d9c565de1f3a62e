"""How well the voice clock keeps time: ticks counted, those late, the worst.

A tick is late when the next one is due before it has ended; up to 60 ms of our speech are ahead of the wire, so that
the person hears a gap only beyond that.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """Ticks of 20 ms that moved sound since the clock began; `worst_ms` is how long after the next was due the latest one ended."""

    ticks: int = 0
    late: int = 0
    worst_ms: float = 0.0

    def ticked(self, *, late_s: float) -> Punctuality:
        """One more tick, which ended `late_s` after the next was due (negative: before)."""
        return self._more(1, late_s)

    def skipped(self, count: int, *, late_s: float) -> Punctuality:
        """Ticks that were never made; all of them count as late."""
        return self._more(count, late_s)

    def since(self, before: Punctuality) -> Punctuality:
        """What has been added to an earlier count; the worst is that of all time."""
        return Punctuality(ticks=self.ticks - before.ticks, late=self.late - before.late, worst_ms=self.worst_ms)

    def joined(self, other: Punctuality) -> Punctuality:
        """The counts of two clocks together; the worst of both."""
        return Punctuality(
            ticks=self.ticks + other.ticks,
            late=self.late + other.late,
            worst_ms=max(self.worst_ms, other.worst_ms),
        )

    def _more(self, count: int, late_s: float) -> Punctuality:
        is_late = late_s > 0
        return Punctuality(
            ticks=self.ticks + count,
            late=self.late + (count if is_late else 0),
            worst_ms=max(self.worst_ms, late_s * 1000),
        )

    def __str__(self) -> str:
        return f"{self.late} of {self.ticks} ticks late, worst {self.worst_ms:.0f} ms"
