"""A complaint as it comes in: the law of the person's country says when it is due, the platform's brakes what it stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairdial.core.contacts.number import Number
from fairdial.core.policy.pack import PLATFORM, Duty, Pack
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.people.complaints import ComplaintNotice, take_complaint
from fairdial.tenant_law import law_of

_ACKNOWLEDGE = timedelta(days=1)
_CLOSE = timedelta(days=7)
"""Where the law names no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complained:
    """What was said against us: `caller_number` is the number that called, if it was named."""

    number: Number
    caller_number: str | None
    category: str
    source: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A complaint taken in: when it is due, and what it stopped, `resource name: why`."""

    id: int
    acknowledge_by: datetime
    close_by: datetime
    stopped: tuple[str, ...]


async def receive_complaint(
    database: Database, packs: Mapping[str, Pack], *, tenant: str, complained: Complained, by: str | None = None
) -> Received:
    """Take a complaint in: it is a refusal too, and may suspend what it is about."""
    duties = (await _packs_for_a_complaint(database, packs, tenant))[complained.number.country].duties
    notice = ComplaintNotice(
        number=complained.number.e164,
        caller_number=complained.caller_number,
        category=complained.category,
        source=complained.source,
        words=complained.words,
        received_at=await database.now(),
        acknowledge_within=_soonest(duties, "complaint_acknowledge", _ACKNOWLEDGE),
        close_within=_soonest(duties, "complaint_close", _CLOSE),
    )
    taken = await take_complaint(database, tenant=tenant, notice=notice, brakes=packs[PLATFORM].brakes, by=by)
    return Received(
        id=taken.id,
        acknowledge_by=notice.received_at + notice.acknowledge_within,
        close_by=notice.received_at + notice.close_within,
        stopped=taken.stopped,
    )


async def _packs_for_a_complaint(database: Database, packs: Mapping[str, Pack], tenant: str) -> Mapping[str, Pack]:
    """The tenant's packs, or those shipped when its adjustments no longer fit: a complaint is taken in all the same."""
    try:
        return (await law_of(database, packs, tenant=tenant)).packs
    except InputError:
        return packs


def _soonest(duties: Sequence[Duty], kind: str, otherwise: timedelta) -> timedelta:
    return min((timedelta(days=duty.days) for duty in duties if duty.kind == kind), default=otherwise)
