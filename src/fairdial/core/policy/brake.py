"""When complaints stop a caller number, a line, a script or a tenant. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard about one resource: complaints, and persons who answered its calls."""

    complaints_24h: int
    complaints_30d: int
    answered_30d: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeLimits:
    """`ratio` is complaints for each answered person over 30 days, in [0, 1]; `a_day` complaints within 24 hours."""

    ratio: float = 1 / 10_000
    a_day: int = 3


def must_stop(heard: Heard, limits: BrakeLimits) -> str | None:
    """Why a resource is suspended, or None.

    Source:
        rules.md section 7, complaint loop: an engineering choice, not law. One complaint in few calls is above the
        ratio, and stops; somebody named lifts it.
    """
    if heard.complaints_24h >= limits.a_day:
        return f"{heard.complaints_24h} complaints within 24 hours; {limits.a_day} stop"
    if heard.complaints_30d > limits.ratio * heard.answered_30d:
        of = f"{heard.complaints_30d} complaints from {heard.answered_30d} answered persons"
        return f"{of} within 30 days; 1 in {1 / limits.ratio:,.0f} stops"
    return None
