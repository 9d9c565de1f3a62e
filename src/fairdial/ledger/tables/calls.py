"""What is decided and done: runs, verdicts, permits, attempts, refusals, turns."""

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
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from fairdial.ledger.tables.columns import by_month, identity, metadata, of_tenant, sealed, when

run = Table(
    "run",
    metadata,
    identity(),
    of_tenant(),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("number", Integer, nullable=False),
    when("started_at", is_now=True),
    when("ended_at"),
    Column("held_by", Text),
    UniqueConstraint("campaign_id", "number"),
)

run_order = Table(
    "run_order",
    metadata,
    identity(),
    of_tenant(),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False, index=True),
    Column("wanted", Text, nullable=False),
    Column("by_whom", Text, nullable=False),
    when("at", is_now=True),
    Column("stopped_by", Text),
    Column("taken_by", Text),
    when("taken_at"),
    when("ended_at"),
    Column("last_words", Text),
    Column("run_id", ForeignKey("run.id")),
    Column("carriers", ARRAY(Text), nullable=False, server_default="{}"),
    when("joined_at"),
    Column("stays", Boolean, nullable=False, server_default=false()),
    CheckConstraint("wanted in ('run', 'stop')", name="wanted"),
    CheckConstraint("(taken_by is null) = (taken_at is null)", name="taken"),
    Index("ix_run_order_open", "campaign_id", unique=True, postgresql_where=text("ended_at IS NULL")),
)
"""A run that somebody wants of whichever workers join it, which `carriers` names; `taken_by` is who was first, `joined_at` when the
newest came. Whoever `stays` goes on until nobody will be due any more. `last_words` say why it did not end well."""

campaign_contact = Table(
    "campaign_contact",
    metadata,
    identity(),
    of_tenant(),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("asked_run", Integer),
    Column("due_at", DateTime(timezone=True), server_default=text("fairdial_now()")),
    Column("rank", SmallInteger, nullable=False, server_default="2"),
    Column("outcome", Text),
    when("not_before"),
    Column("waits_for", Text),
    Column("worker", Text),
    when("lease_until"),
    Column("tried_lines", ARRAY(Text)),
    Column("held_because", Text),
    when("held_until"),
    UniqueConstraint("campaign_id", "contact_id"),
    CheckConstraint("rank between 0 and 2", name="rank"),
    Index(
        "ix_campaign_contact_due", "campaign_id", "rank", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")
    ),
    Index("ix_campaign_contact_worker", "worker", postgresql_where=text("worker IS NOT NULL")),
)
"""`due_at` is when a contact may be claimed next, NULL while it is dialled and when nothing more is due; who is promised a call
has `rank` 0, who was tried 1, who was not 2, and `waits_for` the cause; `asked_run` is the run in which the gate was asked last."""

answer_hour = Table(
    "answer_hour",
    metadata,
    identity(),
    of_tenant(),
    Column("region", Text, nullable=False),
    Column("number_kind", Text, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("hour", SmallInteger, nullable=False),
    Column("dialled", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Index(None, "tenant_id"),
)
"""Calls by hour of the week on the person's clock (Monday is 0), counted now and then; see `calls/answer_hours.py`."""

verdict = Table(
    "verdict",
    metadata,
    identity(),
    of_tenant(),
    Column("run_id", ForeignKey("run.id"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False, index=True),
    when("decided_at", nullable=False),
    Column("outcome", Text, nullable=False),
    when("until"),
    Column("opinions", JSONB, nullable=False),
    Column("pack_versions", ARRAY(Text), nullable=False),
    Index("ix_verdict_decided_at", "decided_at", postgresql_using="brin"),
)

permit = Table(
    "permit",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_tenant(),
    Column("verdict_id", ForeignKey("verdict.id"), nullable=False, unique=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("caller_number", Text, nullable=False),
    Column("line", ForeignKey("line.name"), nullable=False),
    Column("script_hash", Text, nullable=False),
    when("issued_at", nullable=False),
    when("expires_at", nullable=False),
    when("used_at"),
    Index("ix_permit_caller_number_issued_at", "caller_number", "issued_at"),
    Index("ix_permit_line_issued_at", "line", "issued_at"),
)

attempt = Table(
    "attempt",
    metadata,
    by_month("attempt_id_seq"),
    of_tenant(),
    Column("permit_id", ForeignKey("permit.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("worker", Text, nullable=False),
    when("lease_until", nullable=False),
    when("dialled_at"),
    when("answered_at"),
    when("ended_at"),
    when("goodbye_ended_at"),
    Column("call_id", Text),
    Column("disposition", Text),
    Column("sip_status", Integer),
    Column("announcement", Text),
    Column("first_word_ms", Integer),
    Column("grade", Text),
    Column("outcome", Text),
    Column("recording", Text),
    Column("settled_by", Text),
    Column("settled_with", Text),
    Column("surely_unrung", Boolean, nullable=False, server_default=false()),
    Column("post_dial_ms", Integer),
    Column("early_media", Boolean),
    Column("retry_after_s", Integer),
    Column("redress", Text),
    CheckConstraint("state in ('reserved', 'dialing', 'ended', 'unknown')", name="state"),
    CheckConstraint("(state = 'ended') = (disposition is not null)", name="disposition"),
    Index("ix_attempt_tenant_id_id", "tenant_id", "id"),
    Index("ix_attempt_living", "tenant_id", postgresql_where=text("state = 'dialing'")),
    Index("ix_attempt_dialled_at", "tenant_id", "dialled_at", postgresql_where=text("dialled_at IS NOT NULL")),
    Index("ix_attempt_run_id_ended_at", "run_id", "ended_at"),
    Index("ix_attempt_unknown", "tenant_id", postgresql_where=text("state = 'unknown'")),
    Index("ix_attempt_run_living", "run_id", postgresql_where=text("state IN ('reserved', 'dialing')")),
    Index("ix_attempt_blocked", "ended_at", postgresql_where=text("sip_status = 608")),
    Index("ix_attempt_answered_at", "answered_at", postgresql_where=text("answered_at IS NOT NULL")),
)
"""By months (migration 0032); within each, a permit has one attempt."""

answered_hour = Table(
    "answered_hour",
    metadata,
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    when("hour", nullable=False),
    of_tenant(),
    Column("answered", Integer, nullable=False),
    Column("abandoned", Integer, nullable=False),
    PrimaryKeyConstraint("campaign_id", "hour"),
)
"""Calls of a campaign that were answered within an hour (UTC), and those of them in which we said nothing for two seconds: what
the gate asks of 30 days, without reading their calls."""

refusal = Table(
    "refusal",
    metadata,
    identity(),
    of_tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("purpose", Text),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("attempt_id", ForeignKey("attempt.id")),
    when("understood_at", nullable=False),
    when("recorded_at", is_now=True),
    when("durable_at"),
    sealed("words, evidence"),
    CheckConstraint("scope in ('purpose', 'tenant', 'platform')", name="scope"),
    UniqueConstraint("tenant_id", "person_id", "source", "understood_at"),
    Index("ix_refusal_tenant_id_id", "tenant_id", "id"),
)

call_back = Table(
    "call_back",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    when("not_before", nullable=False),
    sealed("words"),
)

follow_up = Table(
    "follow_up",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    when("created_at", is_now=True),
    when("done_at"),
    Column("done_by", Text),
    sealed("text, answers"),
    CheckConstraint("kind in ('message', 'hand_over')", name="kind"),
    CheckConstraint("(done_at is null) = (done_by is null)", name="done"),
    UniqueConstraint("attempt_id", "kind", "name"),
    Index("ix_follow_up_open", "tenant_id", postgresql_where=text("done_at IS NULL")),
)

turn = Table(
    "turn",
    metadata,
    by_month("turn_id_seq", is_key=False),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("meaning", Text),
    Column("confidence", Float),
    Column("gap_ms", Integer),
    Column("interrupted", Boolean, nullable=False),
    when("heard_at"),
    when("said_at"),
    Column("step", Text),
    sealed("heard, said, evidence"),
    PrimaryKeyConstraint("id", "attempt_id"),
    UniqueConstraint("attempt_id", "position"),
)

conversation = Table(
    "conversation",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, unique=True),
    sealed("log: events and actions"),
)

correction = Table(
    "correction",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, index=True),
    Column("position", Integer),
    Column("meaning", Text),
    Column("grade", Text),
    Column("by_whom", Text, nullable=False),
    when("at", is_now=True),
    sealed("words that were said, of a turn; reason, of a grade"),
    CheckConstraint("(position is null) = (meaning is null)", name="turn"),
    CheckConstraint("(position is null) = (grade is not null)", name="grade"),
    Index("ix_correction_tenant_id_id", "tenant_id", "id"),
)
"""What a person says a turn meant, or which grade was due: beside what the machine found, and only ever added to."""

recording_key = Table(
    "recording_key",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, unique=True),
    sealed("key of the recording's file"),
)

call_wire = Table(
    "call_wire",
    metadata,
    identity(),
    of_tenant(),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False, unique=True),
    Column("messages", JSONB, nullable=False),
)
"""The SIP messages of a call, without numbers."""

complaint = Table(
    "complaint",
    metadata,
    identity(),
    of_tenant(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("caller_number", Text),
    Column("line", Text),
    Column("script_hash", Text),
    Column("category", Text, nullable=False),
    Column("source", Text, nullable=False),
    when("received_at", nullable=False),
    when("acknowledge_by", nullable=False),
    when("close_by", nullable=False),
    when("closed_at"),
    sealed("words"),
)

suspension = Table(
    "suspension",
    metadata,
    identity(),
    of_tenant(),
    Column("resource", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    when("since", is_now=True),
    Column("suspended_by", Text),
    when("lifted_at"),
    Column("lifted_by", Text),
    Column("lift_reason", Text),
    CheckConstraint("resource in ('tenant', 'line', 'caller', 'script')", name="resource"),
    Index("ix_suspension_standing", "resource", "name", unique=True, postgresql_where=text("lifted_at IS NULL")),
)
"""`suspended_by` is NULL when a brake did it."""
