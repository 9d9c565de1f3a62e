"""What is owed to people after their calls: messages to be sent by another system, and hand-overs to people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.Text()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.CheckConstraint("kind in ('message', 'hand_over')", name=op.f("ck_follow_up_kind")),
        sa.CheckConstraint("(done_at is null) = (done_by is null)", name=op.f("ck_follow_up_done")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_follow_up_tenant_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_follow_up_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("attempt_id", "kind", "name", name=op.f("uq_follow_up_attempt_id_kind_name")),
    )
    op.create_index(op.f("ix_follow_up_open"), "follow_up", ["tenant_id"], postgresql_where=sa.text("done_at IS NULL"))
    op.execute(
        "CREATE FUNCTION follow_up_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'sealed' = to_jsonb(NEW) - 'sealed' THEN RETURN NULL; END IF;"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (NEW.tenant_id, fairdial_now(), 'follow_up.' || lower(TG_OP), to_jsonb(NEW) - 'sealed'); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER follow_up_event AFTER INSERT OR UPDATE ON follow_up FOR EACH ROW"
        " EXECUTE FUNCTION follow_up_event()"
    )
    op.execute("CALL fairdial_separate('follow_up')")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON follow_up TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("follow_up")
    op.execute("DROP FUNCTION follow_up_event()")
