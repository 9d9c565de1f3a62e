"""Who submitted a script, who approved or rejected it, when and why"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "script_review",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("script_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_whom", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.CheckConstraint("state in ('submitted', 'approved', 'rejected')", name=op.f("ck_script_review_state")),
        sa.CheckConstraint("state <> 'rejected' or reason is not null", name=op.f("ck_script_review_reason")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_script_review_tenant_id")),
        sa.ForeignKeyConstraint(["script_hash"], ["script_version.hash"], name=op.f("fk_script_review_script_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_review")),
    )
    op.create_index(op.f("ix_script_review_script_hash"), "script_review", ["script_hash"])
    op.execute(
        "CREATE FUNCTION script_review_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (NEW.tenant_id, fairdial_now(), 'script_review.' || NEW.state, to_jsonb(NEW)); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER script_review_event AFTER INSERT ON script_review FOR EACH ROW"
        " EXECUTE FUNCTION script_review_event()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON script_review FOR EACH ROW EXECUTE FUNCTION never()"
    )
    op.execute("CALL fairdial_separate('script_review')")
    op.execute("GRANT SELECT, INSERT ON script_review TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("script_review")
    op.execute("DROP FUNCTION script_review_event()")
