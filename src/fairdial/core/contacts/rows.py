"""What a list becomes: contacts that can be used, and rows that cannot, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fairdial.core.policy.case import Basis, Form, NumberKind, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What is known about a contact's policy, `premium` in yuan a year, and of which type of customer it is."""

    product: str | None
    expiry: date | None
    premium: Decimal | None
    segment: str | None = None

    def by_name(self) -> dict[str, str]:
        """The attributes that have a value, as text, by the name the ledger keeps them under."""
        named = {"product": self.product, "expiry": self.expiry, "premium": self.premium, "segment": self.segment}
        return {name: str(value) for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A consent as the list states it; its evidence file was read and has this SHA-256."""

    purposes: frozenset[Purpose]
    channels: frozenset[str]
    obtained_at: datetime
    until: datetime | None
    evidence_file: str
    evidence_sha256: str
    form: Form = Form.GENERAL
    artificial_voice: bool = False
    any_hour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One usable row; `line` is where it begins in the file, `number` is E.164."""

    line: int
    name: str
    title: str | None
    number: str
    country: str
    kind: NumberKind
    region: str | None
    zone: str | None
    attributes: Attributes
    data_source: str | None
    basis: Basis | None
    consent: ConsentRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why something cannot be used and what to do, in both languages."""

    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that is not taken in; `column` is the header as the file spells it."""

    line: int
    column: str | None
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    contacts: tuple[ContactRow, ...]
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as text: its header and its rows, each with the line it begins on."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
