"""A permit and the right it turns into: plain values that travel between rooms.

Only `fairdial.ledger.calls.permits` constructs a `SpentPermit`; an architecture test
reads the whole source to keep it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A contact this worker has claimed and may ask the gate for; `number` is E.164."""

    contact_id: int
    person_id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A recorded `allow` that has not been spent: what was allowed, for how long.

    Attributes:
        wait_s: Seconds from when it was given until its line may start the call.
    """

    id: UUID
    attempt_id: int
    contact_id: int
    person_id: int
    number: str
    caller_number: str
    line: str
    script_hash: str
    expires_at: datetime
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentPermit:
    """The right to send one INVITE; a line dials with nothing else."""

    permit: Permit
    dialled_at: datetime
