"""What lives now, and who has read something just now, are found without reading everything; runs that are wanted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_event_read ON event (tenant_id, kind, at) WHERE kind LIKE '%.read'")
    op.execute("CREATE INDEX ix_attempt_run_living ON attempt (run_id) WHERE state IN ('reserved', 'dialing')")
    op.execute("CREATE INDEX ix_attempt_unknown ON attempt (tenant_id) WHERE state = 'unknown'")
    op.create_index("ix_attempt_run_id_ended_at", "attempt", ["run_id", "ended_at"])
    op.drop_index("ix_attempt_run_id", table_name="attempt")
    op.create_table(
        "run_order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("by_whom", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("stopped_by", sa.Text()),
        sa.Column("taken_by", sa.Text()),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("last_words", sa.Text()),
        sa.CheckConstraint("wanted in ('run', 'stop')", name=op.f("ck_run_order_wanted")),
        sa.CheckConstraint("(taken_by is null) = (taken_at is null)", name=op.f("ck_run_order_taken")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_run_order_tenant_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_run_order_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_order")),
    )
    op.create_index(op.f("ix_run_order_campaign_id"), "run_order", ["campaign_id"])
    open_ones = sa.text("ended_at IS NULL")
    op.create_index("ix_run_order_open", "run_order", ["campaign_id"], unique=True, postgresql_where=open_ones)
    op.execute(
        "CREATE FUNCTION run_order_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (NEW.tenant_id, fairdial_now(), 'run_order.' || lower(TG_OP), to_jsonb(NEW)); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER run_order_event AFTER INSERT OR UPDATE ON run_order FOR EACH ROW"
        " EXECUTE FUNCTION run_order_event()"
    )
    op.execute("CALL fairdial_separate('run_order')")
    op.execute("GRANT SELECT, INSERT, UPDATE ON run_order TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("run_order")
    op.execute("DROP FUNCTION run_order_event()")
    op.create_index("ix_attempt_run_id", "attempt", ["run_id"])
    op.drop_index("ix_attempt_run_id_ended_at", table_name="attempt")
    op.execute("DROP INDEX ix_attempt_unknown")
    op.execute("DROP INDEX ix_attempt_run_living")
    op.execute("DROP INDEX ix_event_read")
