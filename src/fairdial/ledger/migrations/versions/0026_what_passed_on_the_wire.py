"""The SIP messages of a call, without numbers, beside the attempt, so that they are no part of the evidence; a turn's step"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "call_wire",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("messages", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_call_wire_tenant_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_call_wire_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_wire")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_call_wire_attempt_id")),
    )
    op.add_column("turn", sa.Column("step", sa.Text()))
    op.execute("CALL fairdial_separate('call_wire')")
    op.execute("GRANT SELECT, INSERT ON call_wire TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_column("turn", "step")
    op.drop_table("call_wire")
