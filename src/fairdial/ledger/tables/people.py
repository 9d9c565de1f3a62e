"""People, their numbers, the lists they stand on, and what they allowed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from fairdial.ledger.tables.columns import identity, metadata, of_tenant, sealed, when

person = Table("person", metadata, identity(), when("created_at", is_now=True))

person_number = Table(
    "person_number",
    metadata,
    Column("number_key", Text, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
)

contact_list = Table(
    "list",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

list_import = Table(
    "list_import",
    metadata,
    identity(),
    of_tenant(),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", JSONB, nullable=False),
    when("imported_at", is_now=True),
    UniqueConstraint("id", "list_id", "tenant_id"),
)

list_upload = Table(
    "list_upload",
    metadata,
    identity(),
    of_tenant(),
    Column("stored", Text, nullable=False, unique=True),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("header", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("orders", JSONB),
    Column("rows_done", Integer, nullable=False, server_default=text("0")),
    Column("rows_total", Integer),
    Column("accepted", Integer),
    Column("rejected", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("evidence_named", Integer),
    Column("evidence_missing", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("problem", Text),
    Column("uploaded_by", Text, nullable=False),
    when("uploaded_at", is_now=True),
    when("beat_at"),
    when("ended_at"),
    Column("list_import_id", ForeignKey("list_import.id")),
    sealed("key of the stored file"),
    CheckConstraint(
        "state in ('uploaded', 'checking', 'checked', 'importing', 'imported', 'failed', 'cancelled', 'expired')",
        name="state",
    ),
)
"""A list file on its way in: it lies sealed in the installation's folder under the name `stored` until it is taken in,
given up or a day old; without its key nobody reads it."""

list_upload_evidence = Table(
    "list_upload_evidence",
    metadata,
    identity(),
    of_tenant(),
    Column("upload_id", ForeignKey("list_upload.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    UniqueConstraint("upload_id", "file_name"),
)
"""Evidence files that were shown for an upload; the files themselves stay with whoever holds them."""

contact = Table(
    "contact",
    metadata,
    identity(),
    Column("tenant_id", Integer, nullable=False),
    Column("list_id", Integer, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("number_key", Text, nullable=False),
    Column("number_kind", Text, nullable=False),
    Column("region", Text),
    Column("zone", Text),
    Column("country", Text),
    Column("data_source", Text),
    Column("basis", Text),
    Column("line_no", Integer, nullable=False),
    Column("list_import_id", Integer, nullable=False),
    sealed("number, name, title, attributes"),
    ForeignKeyConstraint(
        ["list_import_id", "list_id", "tenant_id"], ["list_import.id", "list_import.list_id", "list_import.tenant_id"]
    ),
    UniqueConstraint("list_id", "number_key"),
    Index("ix_contact_list_id_id", "list_id", "id"),
    Index("ix_contact_list_id_region_id", "list_id", "region", "id"),
)

consent = Table(
    "consent",
    metadata,
    identity(),
    of_tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    when("obtained_at", nullable=False),
    when("valid_until"),
    when("revoked_at"),
    Column("evidence_file", Text, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("form", Text, nullable=False, server_default="general"),
    Column("artificial_voice", Boolean, nullable=False, server_default=false()),
    Column("any_hour", Boolean, nullable=False, server_default=false()),
    when("recorded_at", is_now=True),
    UniqueConstraint("tenant_id", "person_id", "evidence_sha256", "obtained_at"),
)

prior_contact = Table(
    "prior_contact",
    metadata,
    identity(),
    of_tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    when("contacted_at", nullable=False),
    Column("channel", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("tenant_id", "person_id", "contacted_at", "channel"),
)

registry_copy = Table(
    "registry_copy",
    metadata,
    Column("name", Text, primary_key=True),
    when("copied_at", nullable=False),
)

registry_entry = Table(
    "registry_entry",
    metadata,
    Column("registry", ForeignKey("registry_copy.name"), primary_key=True),
    Column("number_key", Text, primary_key=True),
    when("listed_since"),
)

reader = Table(
    "reader",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    when("given_at", is_now=True),
    CheckConstraint("level in ('general', 'private', 'sensitive')", name="level"),
)

canary = Table(
    "canary",
    metadata,
    Column("number_key", Text, primary_key=True),
    of_tenant(),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("exported_by", Text, nullable=False),
    when("exported_at", is_now=True),
)
