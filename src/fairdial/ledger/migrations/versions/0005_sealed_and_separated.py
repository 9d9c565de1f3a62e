"""Personal data sealed under keys the database does not hold; tenants separated by row-level security"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import context, op

from fairdial.ledger.protection.keys import data_keys
from fairdial.ledger.protection.vault import Vault

revision = "0005"
down_revision = "0004"

SEALED = {
    "contact": ("'contact/' || number_key", ("number", "name", "title", "attributes")),
    "turn": ("'turn/' || attempt_id || '/' || position", ("heard", "said", "evidence")),
    "refusal": ("'refusal/' || attempt_id", ("words",)),
    "call_back": ("'call_back/' || attempt_id", ("words",)),
    "complaint": ("'complaint/' || person_id", ("words",)),
}
"""By table: the place a sealed value is bound to, and the columns that go into it."""

TENANTS_OWN = (
    "approval", "attempt", "call_back", "caller_number", "campaign", "campaign_contact", "complaint", "consent",
    "contact", "event", "line", "list", "list_import", "permit", "prior_contact", "refusal", "run", "script_version",
    "suspension", "turn", "verdict",
)  # fmt: skip
"""Tables whose rows belong to a tenant; the others belong to the installation and are no tenant's to read."""


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    _watch("refusal", "to_jsonb(n) - 'sealed'")
    _watch("complaint", "to_jsonb(n) - 'sealed'")
    _watch(
        "verdict",
        "jsonb_build_object('id', n.id, 'tenant_id', n.tenant_id, 'run_id', n.run_id, 'contact_id', n.contact_id,"
        " 'decided_at', n.decided_at, 'outcome', n.outcome, 'until', n.until, 'pack_versions', n.pack_versions,"
        " 'opinions_sha256', encode(sha256(convert_to(n.opinions::text, 'UTF8')), 'hex'))",
    )
    for table, (about, columns) in SEALED.items():
        op.add_column(table, sa.Column("sealed", sa.LargeBinary()))
        _seal_what_is_there(table, about, columns)
        for column in columns:
            op.drop_column(table, column)
    _separate()


def _watch(table: str, body: str) -> None:
    """Write events without what is sealed; sealing anew under another key changes no fact and is no event."""
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n {table} := NEW; BEGIN"
        " IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'sealed' = to_jsonb(NEW) - 'sealed' THEN RETURN NULL; END IF;"
        f" INSERT INTO event (tenant_id, at, kind, body)"
        f" VALUES (n.tenant_id, fairdial_now(), '{table}.' || lower(TG_OP), {body}); RETURN NULL; END $$"
    )


def _seal_what_is_there(table: str, about: str, columns: tuple[str, ...]) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT id, {about} AS about, {', '.join(columns)} FROM {table}")).mappings()
    known = [row for row in rows if row["about"] is not None and any(row[column] for column in columns)]
    if not known:
        return
    keys = data_keys(connection, context.config.attributes["keys"])
    vault = Vault(lambda: keys)
    for row in known:
        value = json.loads(json.dumps({column: row[column] for column in columns if row[column] is not None}))
        connection.execute(
            sa.text(f"UPDATE {table} SET sealed = :sealed WHERE id = :id"),
            {"id": row["id"], "sealed": vault.seal(row["about"], value)},
        )


def _separate() -> None:
    op.execute(
        "DO $$ BEGIN CREATE ROLE fairdial_tenant NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute("DO $$ BEGIN EXECUTE format('GRANT fairdial_tenant TO %I', current_user); END $$")
    op.execute(
        "CREATE FUNCTION fairdial_my_tenant() RETURNS int LANGUAGE sql STABLE AS"
        " $$ SELECT substring(current_user from '^fairdial_tenant_' || oid || '_([0-9]+)$')::int"
        " FROM pg_database WHERE datname = current_database() $$"
    )
    op.execute(
        "CREATE PROCEDURE fairdial_separate(kept regclass, owner text DEFAULT 'tenant_id') LANGUAGE plpgsql AS $$ BEGIN"
        " EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', kept);"
        " EXECUTE format('CREATE POLICY everybody ON %s TO fairdial_worker USING (true) WITH CHECK (true)', kept);"
        " EXECUTE format('CREATE POLICY own ON %s FOR SELECT TO fairdial_tenant USING (%I = fairdial_my_tenant())', kept, owner);"
        " EXECUTE format('GRANT SELECT ON %s TO fairdial_tenant', kept); END $$"
    )
    for table in TENANTS_OWN:
        op.execute(f"CALL fairdial_separate('{table}')")
    op.execute("CALL fairdial_separate('tenant', 'id')")
    op.execute("GRANT SELECT ON data_key TO fairdial_worker")


def downgrade() -> None:
    raise NotImplementedError("what is sealed is not written in clear again; restore a backup to go back")
