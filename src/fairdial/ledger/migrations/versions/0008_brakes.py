"""Chores that one of many workers does; answered calls found by time; adjustments of tenants"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "chore",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )
    op.create_index(
        "ix_attempt_answered_at", "attempt", ["answered_at"], postgresql_where=sa.text("answered_at IS NOT NULL")
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("fairdial_now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_adjustment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_adjustment_tenant_id_number")),
    )
    op.execute(
        "CREATE FUNCTION adjustment_event() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n adjustment := NEW; BEGIN"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (n.tenant_id, fairdial_now(), 'adjustment.' || lower(TG_OP), to_jsonb(n)); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER adjustment_event AFTER INSERT ON adjustment FOR EACH ROW EXECUTE FUNCTION adjustment_event()"
    )
    op.execute("CALL fairdial_separate('adjustment')")
    op.execute("GRANT SELECT, INSERT ON adjustment TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE ON chore TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("adjustment")
    op.execute("DROP FUNCTION adjustment_event()")
    op.drop_index("ix_attempt_answered_at", table_name="attempt")
    op.drop_table("chore")
