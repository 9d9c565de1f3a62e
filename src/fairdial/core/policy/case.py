"""The facts one decision needs, as one frozen value.

Pure values: the ledger or a file fills them, `decide` judges them. None means
that a fact is not known; no rule allows on a fact it does not know, so nothing
here has a default that would open the gate. Collections are None when unknown,
empty when it is known that there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar, Literal

STRICT: dict[str, Any] = {"extra": "forbid"}
"""For the edge that reads cases from files: a field nobody knows is an error, never a help."""


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Purpose(StrEnum):
    MARKETING = "marketing"
    SERVICE = "service"
    SURVEY = "survey"


class Basis(StrEnum):
    """Why a person may be called: they said so, they are a customer, they asked for it."""

    CONSENT = "consent"
    EXISTING_CUSTOMER = "existing_customer"
    REQUEST = "request"


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


class Role(StrEnum):
    """In which role the tenant calls; 信管〔2020〕81号 binds licensed call centres."""

    OWN_CUSTOMERS = "own_customers"
    LICENSED_CALL_CENTRE = "licensed_call_centre"


class Form(StrEnum):
    """How a consent was given, from weaker to stronger."""

    GENERAL = "general"
    EXPRESS = "express"
    WRITTEN = "written"


class Level(StrEnum):
    """Sensitivity of an attribute."""

    GENERAL = "general"
    PRIVATE = "private"
    SENSITIVE = "sensitive"


class Says(StrEnum):
    """What an approved script tells the person."""

    CALLER = "caller"
    PRINCIPAL = "principal"
    PURPOSE = "purpose"
    ARTIFICIAL_VOICE = "artificial_voice"
    WAY_TO_REFUSE = "way_to_refuse"
    CALLBACK_NUMBER = "callback_number"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """`artificial_voice` when it names calls by an artificial voice; `any_hour` when it names the hours."""

    __pydantic_config__: ClassVar = STRICT
    purposes: frozenset[Purpose]
    channels: frozenset[str]
    obtained_at: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    evidence_sha256: str | None = None
    form: Form = Form.GENERAL
    artificial_voice: bool = False
    any_hour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A number that must not be called; `purpose` is set for scope `purpose` only."""

    __pydantic_config__: ClassVar = STRICT
    scope: RefusalScope
    at: datetime
    source: str
    purpose: Purpose | None = None
    is_same_tenant: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacted:
    """A call made or a message sent; an `unknown` attempt counts as made."""

    __pydantic_config__: ClassVar = STRICT
    at: datetime
    is_same_tenant: bool = True
    channel: str = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known about the person, over every campaign of every tenant and every number of theirs.

    `number_country` and `address_country` are ISO 3166 codes; `region` is a name the packs know (`US-FL`, 上海).
    """

    __pydantic_config__: ClassVar = STRICT
    number_country: str | None = None
    address_country: str | None = None
    region: str | None = None
    zone: str | None = None
    number_kind: NumberKind | None = None
    refusals: tuple[Refusal, ...] | None = None
    contacted: tuple[Contacted, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Why this enterprise may call this contact."""

    __pydantic_config__: ClassVar = STRICT
    data_source: str | None = None
    basis: Basis | None = None
    consents: tuple[Consent, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    __pydantic_config__: ClassVar = STRICT
    seat: str | None = None
    role: Role | None = None
    purposes: frozenset[Purpose] | None = None
    """Purposes its contract covers."""
    contract_until: datetime | None = None
    suspended: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A daily window in the person's local time: `start` included, `end` excluded."""

    __pydantic_config__: ClassVar = STRICT
    start: time
    end: time
    days: tuple[Day, ...] = EVERY_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """`topics` are what is sold or told, in the packs' words; `state` must be `running` to call.

    `hours` are those the campaign set itself, by the person's clock; None when it set none.
    """

    __pydantic_config__: ClassVar = STRICT
    state: str | None = None
    topics: frozenset[str] | None = None
    artificial_voice: bool | None = None
    hours: tuple[Window, ...] | None = None
    levels: frozenset[Level] | None = None
    """Sensitivity of the attributes that choose or address the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    __pydantic_config__: ClassVar = STRICT
    kind: LineKind | None = None
    purposes: frozenset[Purpose] | None = None
    documents_until: datetime | None = None
    suspended: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNumber:
    """The number shown, E.164 or as the carrier shows it; `is_own` when it is registered to the tenant."""

    __pydantic_config__: ClassVar = STRICT
    number: str | None = None
    is_own: bool | None = None
    documents_until: datetime | None = None
    suspended: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The script that would be spoken, the approval it has, and what its words tell."""

    __pydantic_config__: ClassVar = STRICT
    script_hash: str | None = None
    approved_hash: str | None = None
    approval_expires_at: datetime | None = None
    says: frozenset[Says] | None = None
    missing_values: tuple[str, ...] | None = None
    """Variables of the script for which this contact has no value."""
    suspended: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A do-not-call registry as this installation's copy has it."""

    __pydantic_config__: ClassVar = STRICT
    name: str
    copied_at: datetime
    is_listed: bool
    listed_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandonment:
    """Calls a person answered and found nobody, over `days` days of this campaign."""

    __pydantic_config__: ClassVar = STRICT
    days: int
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far this contact is in this campaign; `outcome` is set once the contact is served."""

    __pydantic_config__: ClassVar = STRICT
    outcome: str | None = None
    not_before: datetime | None = None
    """A call-back the person asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Public holidays of a country; `workdays` are weekend days worked instead; unknown after `known_until`."""

    __pydantic_config__: ClassVar = STRICT
    holidays: frozenset[date]
    known_until: date | None
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    __pydantic_config__: ClassVar = STRICT
    now: datetime
    purpose: Purpose
    person: Person = field(default_factory=Person)
    permission: Permission = field(default_factory=Permission)
    tenant: Tenant = field(default_factory=Tenant)
    campaign: Campaign = field(default_factory=Campaign)
    line: LineFacts = field(default_factory=LineFacts)
    caller: CallerNumber = field(default_factory=CallerNumber)
    spoken: Spoken = field(default_factory=Spoken)
    progress: Progress | None = None
    registries: tuple[Registry, ...] | None = None
    abandonment: tuple[Abandonment, ...] | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def at(self, moment: datetime) -> Case:
        """The same facts, judged at another moment."""
        return replace(self, now=moment)

    def with_calendars(self, calendars: Mapping[str, Calendar]) -> Case:
        """The same facts with these public holidays, by country."""
        return replace(self, calendars=calendars)
