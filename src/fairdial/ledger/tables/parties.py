"""Those who call: tenants, scripts, lines, caller numbers, campaigns; and the installation itself."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from fairdial.ledger.tables.columns import identity, metadata, of_tenant, sealed, when

installation = Table(
    "installation",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

data_key = Table(
    "data_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    when("made_at", is_now=True),
    when("retired_at"),
)
edge_key = Table(
    "edge_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    when("made_at", nullable=False),
    when("used_from", nullable=False),
)
"""Keys that permits are signed with for the edge; times of the real clock, whatever a rehearsal's shows."""

chore = Table("chore", metadata, Column("name", Text, primary_key=True), when("begun_at", nullable=False))

tenant = Table(
    "tenant",
    metadata,
    identity(),
    Column("name", Text, nullable=False, unique=True),
    Column("seat", Text),
    Column("role", Text),
    Column("purposes", ARRAY(Text)),
    when("contract_until"),
)

adjustment = Table(
    "adjustment",
    metadata,
    identity(),
    of_tenant(),
    Column("number", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    when("set_at", is_now=True),
    UniqueConstraint("tenant_id", "number"),
)

script_version = Table(
    "script_version",
    metadata,
    Column("hash", Text, primary_key=True),
    of_tenant(),
    Column("name", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("says", ARRAY(Text)),
    Column("levels", ARRAY(Text)),
    when("stored_at", is_now=True),
    Column("source", Text),
)
"""`source` is the text it was written as, comments and all; NULL where only the content was kept."""

script_draft = Table(
    "script_draft",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("edited_by", Text, nullable=False),
    when("edited_at", is_now=True),
    UniqueConstraint("tenant_id", "name"),
)

script_comment = Table(
    "script_comment",
    metadata,
    identity(),
    of_tenant(),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False, index=True),
    Column("at_step", Text),
    Column("words", Text, nullable=False),
    Column("by_whom", Text, nullable=False),
    when("written_at", is_now=True),
)

approval = Table(
    "approval",
    metadata,
    identity(),
    of_tenant(),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False, index=True),
    Column("approved_by", Text, nullable=False),
    when("approved_at", is_now=True),
    when("expires_at", nullable=False),
)

script_review = Table(
    "script_review",
    metadata,
    identity(),
    of_tenant(),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("reason", Text),
    when("at", is_now=True),
    CheckConstraint("state in ('submitted', 'approved', 'rejected')", name="state"),
    CheckConstraint("state <> 'rejected' or reason is not null", name="reason"),
)

line = Table(
    "line",
    metadata,
    Column("name", Text, primary_key=True),
    of_tenant(),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("purposes", ARRAY(Text)),
    when("documents_until"),
    Column("calls_per_second", Float),
    Column("transport", Text, nullable=False, server_default="udp"),
    Column("srtp", Boolean, nullable=False, server_default=false()),
    Column("login", Text),
    Column("registers", Boolean, nullable=False, server_default=false()),
    Column("regions", ARRAY(Text)),
    Column("unavailable", ARRAY(Text)),
    Column("cost", Float),
    Column("number_format", Text, nullable=False, server_default="e164"),
    Column("probe", Text, nullable=False, server_default="options"),
    CheckConstraint("kind in ('practice', 'carrier')", name="kind"),
    CheckConstraint("transport in ('udp', 'tcp', 'tls')", name="transport"),
    CheckConstraint("number_format in ('e164', 'digits', 'national')", name="number_format"),
    CheckConstraint("probe in ('options', 'calls')", name="probe"),
)
"""`login` is the user of digest authentication, its password in `line_secret`; `regions` NULL reaches all."""

line_secret = Table(
    "line_secret",
    metadata,
    identity(),
    of_tenant(),
    Column("line", ForeignKey("line.name"), nullable=False, unique=True),
    sealed("password"),
)

webhook = Table(
    "webhook",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False),
    Column("names_person", Boolean, nullable=False),
    sealed("address and secret; NULL when it was removed"),
    when("added_at", is_now=True),
    Column("added_by", Text, nullable=False),
    when("removed_at"),
    Column("removed_by", Text),
    when("told_at"),
    when("failed_at"),
    Column("failure", Text),
    CheckConstraint("(removed_at is null) = (removed_by is null)", name="removed"),
    Index("ix_webhook_name", "tenant_id", "name", unique=True, postgresql_where=text("removed_at IS NULL")),
)
"""Systems of the operator that are told of calls which are over; how the last tellings went."""

line_state = Table(
    "line_state",
    metadata,
    Column("line", ForeignKey("line.name"), primary_key=True),
    of_tenant(),
    Column("state", Text, nullable=False),
    when("since"),
    when("until"),
    Column("faults", ARRAY(Text), nullable=False),
    Column("openings", Integer, nullable=False, server_default=text("0")),
    Column("trials", Integer, nullable=False, server_default=text("0")),
    Column("fault_share", Float, nullable=False, server_default=text("0")),
    when("weighed_at", is_now=True),
    when("probed_at"),
    CheckConstraint("state in ('closed', 'open', 'half_open')", name="state"),
)
"""How a line stands (`core.pacing.breaker`); a line without a row is closed."""

line_pace = Table(
    "line_pace",
    metadata,
    Column("line", ForeignKey("line.name"), primary_key=True),
    of_tenant(),
    when("next_start_at", nullable=False),
)
"""When the next call of a line with calls per second may start, by the server's clock, whatever a rehearsal's says."""

caller_number = Table(
    "caller_number",
    metadata,
    Column("number", Text, primary_key=True),
    of_tenant(),
    Column("is_own", Boolean, nullable=False),
    when("documents_until"),
    Column("kind", Text),
    Column("region", Text),
    Column("lines", ARRAY(Text)),
    Column("hourly_limit", Integer),
    Column("daily_limit", Integer),
    when("rests_until"),
    Column("standing", Text),
    Column("signs", ARRAY(Text)),
    CheckConstraint("kind in ('mobile', 'fixed', 'service')", name="kind"),
    CheckConstraint("standing in ('good', 'watched', 'poor')", name="standing"),
)
"""`kind` NULL is read off the number; `lines` NULL may be shown on any; limits NULL are those of its kind."""

campaign = Table(
    "campaign",
    metadata,
    identity(),
    of_tenant(),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("list_id", ForeignKey("list.id"), nullable=False),
    Column("script_hash", ForeignKey("script_version.hash"), nullable=False),
    Column("line", ForeignKey("line.name"), nullable=False),
    Column("caller_number", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("topics", ARRAY(Text)),
    Column("artificial_voice", Boolean, nullable=False, server_default=true()),
    Column("lines", ARRAY(Text)),
    Column("caller_numbers", ARRAY(Text)),
    when("starts_at"),
    when("stops_at"),
    Column("hours", JSONB, nullable=False, server_default="[]"),
    Column("zone", Text, nullable=False, server_default="Asia/Shanghai"),
    Column("priority", SmallInteger, nullable=False, server_default="5"),
    Column("daily_limit", Integer),
    Column("total_limit", Integer),
    Column("retries", JSONB, nullable=False, server_default="{}"),
    Column("best_time", Boolean, nullable=False, server_default=false()),
    Column("dialled_total", Integer, nullable=False, server_default="0"),
    Column("dialled_today", Integer, nullable=False, server_default="0"),
    Column("dialled_on", Date),
    Column("held_by", Text),
    when("held_until"),
    UniqueConstraint("tenant_id", "name"),
    CheckConstraint("state in ('draft', 'checked', 'approved', 'running', 'paused', 'finished')", name="state"),
)
"""`lines` and `caller_numbers` name all, `line` and `caller_number` the first; NULL when that is the only one. `dialled_…` are
counted while there is a limit; `held_by` is what let nobody be asked for, until `held_until` or for good."""
