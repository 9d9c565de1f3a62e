"""The tables of the ledger. Migrations build the same schema; a test compares the two.

Every row belongs to a tenant, except `person` and `person_number`: a person's
refusals and allowance count over all tenants. Numbers are found by keyed hash.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_NOW = text("fairdial_now()")


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _tenant() -> Column[int]:
    return Column("tenant_id", ForeignKey("tenant.id"), nullable=False)


def _when(name: str, *, is_now: bool = False, nullable: bool = True) -> Column[object]:
    default = _NOW if is_now else None
    return Column(name, DateTime(timezone=True), nullable=nullable and not is_now, server_default=default)


installation = Table(
    "installation",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

tenant = Table(
    "tenant",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("seat", Text),
    Column("role", Text),
    Column("purposes", ARRAY(Text)),
    _when("contract_until"),
    _when("suspended_at"),
)

person = Table("person", metadata, _id(), _when("created_at", is_now=True))

person_number = Table(
    "person_number",
    metadata,
    Column("number_key", Text, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
)

contact_list = Table(
    "list",
    metadata,
    _id(),
    _tenant(),
    Column("name", Text, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

list_import = Table(
    "list_import",
    metadata,
    _id(),
    _tenant(),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", JSONB, nullable=False),
    _when("imported_at", is_now=True),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _tenant(),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("number_key", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("number_kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text),
    Column("region", Text),
    Column("zone", Text),
    Column("attributes", JSONB, nullable=False),
    Column("country", Text),
    Column("data_source", Text),
    Column("basis", Text),
    Column("line_no", Integer, nullable=False),
    Column("list_import_id", ForeignKey("list_import.id"), nullable=False),
    UniqueConstraint("list_id", "number_key"),
)

consent = Table(
    "consent",
    metadata,
    _id(),
    _tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    _when("obtained_at", nullable=False),
    _when("valid_until"),
    _when("revoked_at"),
    Column("evidence_file", Text, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("form", Text, nullable=False, server_default="general"),
    Column("artificial_voice", Boolean, nullable=False, server_default=false()),
    Column("any_hour", Boolean, nullable=False, server_default=false()),
    _when("recorded_at", is_now=True),
    UniqueConstraint("tenant_id", "person_id", "evidence_sha256", "obtained_at"),
)

prior_contact = Table(
    "prior_contact",
    metadata,
    _id(),
    _tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    _when("contacted_at", nullable=False),
    Column("channel", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("tenant_id", "person_id", "contacted_at", "channel"),
)

script_version = Table(
    "script_version",
    metadata,
    Column("hash", Text, primary_key=True),
    _tenant(),
    Column("name", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("says", ARRAY(Text)),
    Column("levels", ARRAY(Text)),
    _when("suspended_at"),
    _when("stored_at", is_now=True),
)

approval = Table(
    "approval",
    metadata,
    _id(),
    _tenant(),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False, index=True),
    Column("approved_by", Text, nullable=False),
    _when("approved_at", is_now=True),
    _when("expires_at", nullable=False),
)

line = Table(
    "line",
    metadata,
    Column("name", Text, primary_key=True),
    _tenant(),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("purposes", ARRAY(Text)),
    _when("documents_until"),
    _when("suspended_at"),
    CheckConstraint("kind in ('practice', 'carrier')", name="kind"),
)

caller_number = Table(
    "caller_number",
    metadata,
    Column("number", Text, primary_key=True),
    _tenant(),
    Column("is_own", Boolean, nullable=False),
    _when("documents_until"),
    _when("suspended_at"),
)

registry_copy = Table(
    "registry_copy",
    metadata,
    Column("name", Text, primary_key=True),
    _when("copied_at", nullable=False),
)

registry_entry = Table(
    "registry_entry",
    metadata,
    Column("registry", ForeignKey("registry_copy.name"), primary_key=True),
    Column("number_key", Text, primary_key=True),
    _when("listed_since"),
)

campaign = Table(
    "campaign",
    metadata,
    _id(),
    _tenant(),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False),
    Column("line", ForeignKey("line.name"), nullable=False),
    Column("caller_number", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("topics", ARRAY(Text)),
    Column("artificial_voice", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("tenant_id", "name"),
)

run = Table(
    "run",
    metadata,
    _id(),
    _tenant(),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("number", Integer, nullable=False),
    _when("started_at", is_now=True),
    _when("ended_at"),
    UniqueConstraint("campaign_id", "number"),
)

campaign_contact = Table(
    "campaign_contact",
    metadata,
    _id(),
    _tenant(),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("asked_run", Integer),
    Column("outcome", Text),
    _when("not_before"),
    Column("worker", Text),
    _when("lease_until"),
    UniqueConstraint("campaign_id", "contact_id"),
    Index("ix_campaign_contact_claim", "campaign_id", "asked_run", "id"),
)

verdict = Table(
    "verdict",
    metadata,
    _id(),
    _tenant(),
    Column("run_id", ForeignKey("run.id"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False, index=True),
    _when("decided_at", nullable=False),
    Column("outcome", Text, nullable=False),
    _when("until"),
    Column("opinions", JSONB, nullable=False),
    Column("pack_versions", ARRAY(Text), nullable=False),
)

permit = Table(
    "permit",
    metadata,
    Column("id", Uuid, primary_key=True),
    _tenant(),
    Column("verdict_id", ForeignKey("verdict.id"), nullable=False, unique=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("caller_number", Text, nullable=False),
    Column("line", ForeignKey("line.name"), nullable=False),
    Column("script_hash", Text, nullable=False),
    _when("issued_at", nullable=False),
    _when("expires_at", nullable=False),
    _when("used_at"),
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _tenant(),
    Column("permit_id", ForeignKey("permit.id"), nullable=False, unique=True),
    Column("run_id", ForeignKey("run.id"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("worker", Text, nullable=False),
    _when("lease_until", nullable=False),
    _when("dialled_at"),
    _when("answered_at"),
    _when("ended_at"),
    _when("goodbye_ended_at"),
    Column("call_id", Text),
    Column("disposition", Text),
    Column("sip_status", Integer),
    Column("announcement", Text),
    Column("first_word_ms", Integer),
    Column("grade", Text),
    Column("outcome", Text),
    Column("recording", Text),
    CheckConstraint("state in ('reserved', 'dialing', 'ended', 'unknown')", name="state"),
    CheckConstraint("(state = 'ended') = (disposition is not null)", name="disposition"),
)

refusal = Table(
    "refusal",
    metadata,
    _id(),
    _tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("purpose", Text),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("attempt_id", ForeignKey("attempt.id")),
    Column("evidence", Text),
    _when("understood_at", nullable=False),
    _when("recorded_at", is_now=True),
    _when("durable_at"),
    CheckConstraint("scope in ('purpose', 'tenant', 'platform')", name="scope"),
    UniqueConstraint("person_id", "source", "understood_at"),
)

call_back = Table(
    "call_back",
    metadata,
    _id(),
    _tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("words", Text, nullable=False),
    _when("not_before", nullable=False),
)

turn = Table(
    "turn",
    metadata,
    _id(),
    _tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("heard", Text),
    Column("meaning", Text),
    Column("confidence", Float),
    Column("evidence", Text),
    Column("said", Text),
    Column("gap_ms", Integer),
    Column("interrupted", Boolean, nullable=False),
    _when("heard_at"),
    _when("said_at"),
    UniqueConstraint("attempt_id", "position"),
)
