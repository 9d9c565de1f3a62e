"""What people say of calls afterwards: what a turn meant, which words were said, which grade was due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("meaning", sa.Text()),
        sa.Column("grade", sa.Text()),
        sa.Column("by_whom", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("sealed", sa.LargeBinary()),
        sa.CheckConstraint("(position is null) = (meaning is null)", name=op.f("ck_correction_turn")),
        sa.CheckConstraint("(position is null) = (grade is not null)", name=op.f("ck_correction_grade")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_correction_tenant_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_correction_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_attempt_id"), "correction", ["attempt_id"])
    op.create_index("ix_correction_tenant_id_id", "correction", ["tenant_id", "id"])
    op.execute(
        "CREATE FUNCTION correction_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO event (tenant_id, at, kind, body)"
        " VALUES (NEW.tenant_id, fairdial_now(), 'correction.insert', to_jsonb(NEW) - 'sealed'); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER correction_event AFTER INSERT ON correction FOR EACH ROW EXECUTE FUNCTION correction_event()"
    )
    op.execute("CALL fairdial_separate('correction')")
    op.execute("GRANT SELECT, INSERT ON correction TO fairdial_worker")
    op.execute("GRANT UPDATE (sealed) ON correction TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("correction")
    op.execute("DROP FUNCTION correction_event()")
