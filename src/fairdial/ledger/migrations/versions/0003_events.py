"""Events and seals: what happened, written by the database itself, and never changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

WATCHED = {
    "approval": "to_jsonb(n)",
    "attempt": "to_jsonb(n) - 'announcement' - 'lease_until' - 'worker'",
    "consent": "to_jsonb(n)",
    "permit": "to_jsonb(n)",
    "person_number": "to_jsonb(n)",
    "refusal": "to_jsonb(n) - 'words'",
    "verdict": "to_jsonb(n) - 'opinions' || jsonb_build_object('opinions_sha256',"
    " encode(sha256(convert_to(n.opinions::text, 'UTF8')), 'hex'))",
}
"""Tables whose every row is an event, and what of a row goes into it: nothing that was said, no name, no number."""


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("xact", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.execute("ALTER TABLE event ALTER COLUMN xact TYPE xid8 USING xact::xid8")
    op.execute("ALTER TABLE event ALTER COLUMN xact SET DEFAULT pg_current_xact_id()")
    op.execute("CREATE INDEX ix_event_order ON event (xact, id)")
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("up_to_xact", sa.Text(), nullable=False),
        sa.Column("up_to_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.execute(
        "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in ("event", "seal"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION never()"
        )
        op.execute(f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION never()")
    for table, body in WATCHED.items():
        tenant = "0" if table == "person_number" else "n.tenant_id"
        op.execute(
            f"CREATE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n {table} := NEW; BEGIN"
            f" INSERT INTO event (tenant_id, at, kind, body)"
            f" VALUES ({tenant}, fairdial_now(), '{table}.' || lower(TG_OP), {body}); RETURN NULL; END $$"
        )
        when = "INSERT OR UPDATE"
        op.execute(
            f"CREATE TRIGGER {table}_event AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_event()"
            if table != "attempt"
            else "CREATE TRIGGER attempt_event AFTER INSERT OR UPDATE OF state ON attempt FOR EACH ROW"
            " EXECUTE FUNCTION attempt_event()"
        )
    op.execute(
        "DO $$ BEGIN CREATE ROLE fairdial_worker NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute("DO $$ BEGIN EXECUTE format('GRANT fairdial_worker TO %I', current_user); END $$")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON event, seal FROM fairdial_worker")


def downgrade() -> None:
    for table in WATCHED:
        op.execute(f"DROP TRIGGER {table}_event ON {table}")
        op.execute(f"DROP FUNCTION {table}_event()")
    op.drop_table("seal")
    op.drop_table("event")
    op.execute("DROP FUNCTION never()")
