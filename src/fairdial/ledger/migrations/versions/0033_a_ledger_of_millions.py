"""Rows that come by the million are checked and told of in bulk; an older version runs beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0027"

IN_BULK = {"person_number": "0", "consent": "n.tenant_id"}
"""Tables that an import fills: their events are written a statement at a time. Whose the event is."""


def upgrade() -> None:
    _one_key_for_three()
    for table, tenant in IN_BULK.items():
        _watch_in_bulk(table, tenant)
    _count_answered()


def _one_key_for_three() -> None:
    """A contact's list and tenant are those of its import: one look instead of three for each row."""
    op.create_unique_constraint(
        op.f("uq_list_import_id_list_id_tenant_id"), "list_import", ["id", "list_id", "tenant_id"]
    )
    for column in ("tenant_id", "list_id", "list_import_id"):
        op.drop_constraint(op.f(f"fk_contact_{column}"), "contact", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_contact_list_import_id"),
        "contact",
        "list_import",
        ["list_import_id", "list_id", "tenant_id"],
        ["id", "list_id", "tenant_id"],
    )


def _watch_in_bulk(table: str, tenant: str) -> None:
    op.execute(f"DROP TRIGGER {table}_event ON {table}")
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO event (tenant_id, at, kind, body)"
        f" SELECT {tenant}, t.now, '{table}.' || lower(TG_OP), to_jsonb(n) FROM written n, (SELECT fairdial_now() AS now) t;"
        " RETURN NULL; END $$"
    )
    for change in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {table}_event_{change} AFTER {change.upper()} ON {table} REFERENCING NEW TABLE AS written"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_event()"
        )


def _count_answered() -> None:
    op.create_table(
        "answered_hour",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_answered_hour_campaign_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_answered_hour_tenant_id")),
        sa.PrimaryKeyConstraint("campaign_id", "hour", name=op.f("pk_answered_hour")),
    )
    op.execute(
        "INSERT INTO answered_hour SELECT r.campaign_id, date_trunc('hour', a.answered_at, 'UTC'), a.tenant_id, count(*),"
        " count(*) FILTER (WHERE a.first_word_ms IS NULL OR a.first_word_ms > 2000)"
        " FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.disposition = 'answered' AND a.answered_at IS NOT NULL"
        " GROUP BY 1, 2, 3"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON answered_hour TO fairdial_worker")
    op.execute("CALL fairdial_separate('answered_hour')")


def downgrade() -> None:
    raise NotImplementedError("what is kept by months is not put together again; restore a backup to go back")
