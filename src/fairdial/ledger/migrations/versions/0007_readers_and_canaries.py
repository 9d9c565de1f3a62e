"""Who may read what, and to whom a copy of a list was given"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "reader",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.CheckConstraint("level in ('general', 'private', 'sensitive')", name=op.f("ck_reader_level")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reader_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_reader")),
    )
    op.create_table(
        "canary",
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("exported_by", sa.Text(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_canary_tenant_id")),
        sa.ForeignKeyConstraint(["list_id"], ["list.id"], name=op.f("fk_canary_list_id")),
        sa.PrimaryKeyConstraint("number_key", name=op.f("pk_canary")),
    )
    op.execute(
        "CREATE FUNCTION reader_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (NEW.tenant_id, fairdial_now(), 'reader.' || lower(TG_OP), to_jsonb(NEW)); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER reader_event AFTER INSERT OR UPDATE ON reader FOR EACH ROW EXECUTE FUNCTION reader_event()"
    )
    for table in ("reader", "canary"):
        op.execute(f"CALL fairdial_separate('{table}')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("canary")
    op.drop_table("reader")
    op.execute("DROP FUNCTION reader_event()")
