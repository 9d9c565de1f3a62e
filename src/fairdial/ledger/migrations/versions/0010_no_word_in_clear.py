"""Refusals count for each tenant that heard them; their evidence is sealed; workers can do less"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from fairdial.ledger.protection.keys import data_keys
from fairdial.ledger.protection.vault import Vault

revision = "0010"
down_revision = "0009"

KEPT = ("approval", "attempt", "complaint", "permit", "refusal", "suspension", "verdict")
"""Rows no worker may delete."""


def upgrade() -> None:
    op.drop_constraint("uq_refusal_person_id_source_understood_at", "refusal", type_="unique")
    op.create_unique_constraint(
        "uq_refusal_tenant_id_person_id_source_understood_at",
        "refusal",
        ["tenant_id", "person_id", "source", "understood_at"],
    )
    _watch(
        "refusal",
        "to_jsonb(n) - 'sealed' - 'source'"
        " || jsonb_build_object('source_sha256', encode(sha256(convert_to(n.source, 'UTF8')), 'hex'))",
    )
    _watch("consent", "to_jsonb(n) - 'evidence_file'")
    _seal_evidence()
    op.drop_column("refusal", "evidence")
    op.execute(
        "CREATE OR REPLACE FUNCTION refusal_wakes() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_notify('fairdial_refusal', ''); RETURN NULL; END $$"
    )
    op.execute(f"REVOKE DELETE, TRUNCATE ON {', '.join(KEPT)} FROM fairdial_worker")
    op.execute("REVOKE INSERT ON event FROM fairdial_worker")
    op.execute("GRANT INSERT (tenant_id, at, kind, body) ON event TO fairdial_worker")
    for lock in ("pg_advisory_lock(bigint)", "pg_advisory_xact_lock(bigint)", "pg_try_advisory_lock(bigint)"):
        op.execute(  # only a superuser may; elsewhere a tenant's login could hold up a start
            f"DO $$ BEGIN REVOKE EXECUTE ON FUNCTION {lock} FROM PUBLIC;"
            f" GRANT EXECUTE ON FUNCTION {lock} TO fairdial_worker;"
            " EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
        )


def _watch(table: str, body: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n {table} := NEW; BEGIN"
        " IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'sealed' = to_jsonb(NEW) - 'sealed' THEN RETURN NULL; END IF;"
        f" INSERT INTO event (tenant_id, at, kind, body)"
        f" VALUES (n.tenant_id, fairdial_now(), '{table}.' || lower(TG_OP), {body}); RETURN NULL; END $$"
    )


def _seal_evidence() -> None:
    """Words and evidence together, bound to the person; words were bound to the call."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT id, person_id, attempt_id, evidence, sealed FROM refusal WHERE sealed IS NOT NULL OR evidence <> ''"
        )
    ).all()
    if not rows:
        return
    keys = data_keys(connection, context.config.attributes["keys"])
    vault = Vault(lambda: keys)
    for row in rows:
        value = vault.open(f"refusal/{row.attempt_id}", bytes(row.sealed) if row.sealed else None)
        value |= {"evidence": row.evidence} if row.evidence else {}
        connection.execute(
            sa.text("UPDATE refusal SET sealed = :sealed WHERE id = :id"),
            {"id": row.id, "sealed": vault.seal(f"refusal/{row.person_id}", value)},
        )


def downgrade() -> None:
    raise NotImplementedError("what is sealed is not written in clear again; restore a backup to go back")
