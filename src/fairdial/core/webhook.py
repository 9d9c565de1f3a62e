"""What the operator's own systems are told of a call that is over, how it is signed, and when it is tried again. Pure.

The signature is that of the Standard Webhooks specification 1.0 (HMAC-SHA256 over id, time and body), for which receivers
find libraries in most languages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32

WAITS_S = (5, 30, 120, 600, 1800, *[3600] * 3, *[3 * 3600] * 4, *[12 * 3600] * 5)
"""Seconds from one try to the next: an update of the receiver is waited for in minutes, a weekend without it in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call that is over, as far as it leaves this installation.

    Attributes:
        state: `ended`, or `unknown` when the worker died in mid-call.
        line_no: Of the person in the list's file; with `contact_list` it says who was called without naming them.
        person: Number, name and title, where the operator wants them sent.
        owed: Kind and name of each message or hand-over that was promised and is not done.
    """

    attempt: int
    state: str
    campaign: str
    contact_list: str
    line_no: int
    disposition: str | None
    outcome: str | None
    grade: str | None
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    has_refused: bool
    call_back_at: datetime | None
    owed: Sequence[tuple[str, str]]
    person: Mapping[str, str] | None


def sample(at: datetime) -> Told:
    """A made-up call, by which a receiver is tried; its attempt is 0 and its type `call.tried`."""
    return Told(
        attempt=0,
        state="tried",
        campaign="example",
        contact_list="example",
        line_no=1,
        disposition="answered",
        outcome="callback_by_consultant",
        grade="A",
        dialled_at=at,
        answered_at=at,
        ended_at=at,
        has_refused=False,
        call_back_at=None,
        owed=[],
        person=None,
    )


def body_of(told: Told) -> bytes:
    """The message, JSON in UTF-8; the same call makes the same bytes."""
    data: dict[str, Any] = {
        "attempt": told.attempt,
        "campaign": told.campaign,
        "list": told.contact_list,
        "line_no": told.line_no,
        "disposition": told.disposition,
        "outcome": told.outcome,
        "grade": told.grade,
        "dialled_at": _written(told.dialled_at),
        "answered_at": _written(told.answered_at),
        "ended_at": _written(told.ended_at),
        "refused": told.has_refused,
        "call_back_at": _written(told.call_back_at),
        "owed": [{"kind": kind, "name": name} for kind, name in told.owed],
    }
    if told.person is not None:
        data["person"] = dict(told.person)
    message = {"type": f"call.{told.state}", "timestamp": data["ended_at"] or data["dialled_at"], "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def id_of(attempt: int, state: str) -> str:
    """The same however often a call is told of, so that a receiver knows what it has had."""
    return f"call-{attempt}-{state}"


def headers_of(secret: str, *, message: str, at: int, body: bytes) -> dict[str, str]:
    """What the request carries.

    Args:
        secret: As `secret_of` writes it.
        at: Seconds since 1970 at which it is sent; receivers refuse what is old.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def secret_of(key: bytes) -> str:
    """A key as its receiver keeps it."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def wait_s(tries: int) -> int | None:
    """Seconds until the next try after so many that failed; None when it is given up.

    >>> wait_s(1), wait_s(99)
    (5, None)
    """
    return WAITS_S[tries - 1] if 0 < tries <= len(WAITS_S) else None


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
