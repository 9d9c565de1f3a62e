"""The facts one decision needs, as one frozen value.

Pure values: the ledger fills them, `decide` judges them. A fact that is not
known is None and denies; nothing here has a default that would allow a call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class Purpose(StrEnum):
    MARKETING = "marketing"
    SERVICE = "service"
    SURVEY = "survey"


class Basis(StrEnum):
    CONSENT = "consent"
    EXISTING_CUSTOMER = "existing_customer"


class RefusalScope(StrEnum):
    PURPOSE = "purpose"
    TENANT = "tenant"
    PLATFORM = "platform"


class NumberKind(StrEnum):
    MOBILE = "mobile"
    FIXED = "fixed"
    PRACTICE = "practice"


class LineKind(StrEnum):
    """`practice` reaches the practice phone network only, `carrier` reaches people."""

    PRACTICE = "practice"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    purposes: frozenset[Purpose]
    channels: frozenset[str]
    obtained_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    evidence_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A number that must not be called; `purpose` is set for scope `purpose` only."""

    scope: RefusalScope
    purpose: Purpose | None
    is_same_tenant: bool
    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known about the person, over every campaign of every tenant."""

    zone: str | None
    region: str | None
    number_kind: NumberKind
    refusals: tuple[Refusal, ...]
    contacted_at: tuple[datetime, ...]
    """Calls made and messages sent to any number of the person; `unknown` attempts count as made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Why this enterprise may call this contact."""

    data_source: str | None
    basis: Basis | None
    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The script that would be spoken and the approval it has."""

    script_hash: str
    approved_hash: str | None
    approval_expires_at: datetime | None
    missing_values: tuple[str, ...]
    """Variables of the script for which this contact has no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far this contact is in this campaign."""

    outcome: str | None
    """Set once the contact is served; such a contact is never dialled again."""
    not_before: datetime | None
    """A call-back the person asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Public holidays of the person's region; days after `known_until` are unknown."""

    holidays: frozenset[date]
    known_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    now: datetime
    jurisdiction: str
    purpose: Purpose
    line_kind: LineKind
    person: Person
    permission: Permission
    spoken: Spoken
    progress: Progress
    calendar: Calendar

    def at(self, moment: datetime) -> Case:
        """The same facts, judged at another moment."""
        return replace(self, now=moment)
