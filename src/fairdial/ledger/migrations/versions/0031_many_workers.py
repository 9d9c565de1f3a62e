"""When a line's next call may start; which run an order became, which workers carry it and which limit holds it

Before: the version before runs beside it; it reads and writes no column of these, and all have defaults or may be NULL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute("ALTER TABLE line ADD COLUMN IF NOT EXISTS calls_per_second double precision")
    op.create_table(
        "line_pace",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("next_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line"], ["line.name"], name=op.f("fk_line_pace_line")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_line_pace_tenant_id")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_line_pace")),
    )
    op.execute("CALL fairdial_separate('line_pace')")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON line_pace TO fairdial_worker")
    op.add_column("run", sa.Column("held_by", sa.Text()))
    op.add_column("run_order", sa.Column("run_id", sa.Integer()))
    op.create_foreign_key(op.f("fk_run_order_run_id"), "run_order", "run", ["run_id"], ["id"])
    op.add_column("run_order", sa.Column("carriers", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("run_order", sa.Column("joined_at", sa.DateTime(timezone=True)))
    op.add_column("run_order", sa.Column("stays", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for column in ("stays", "joined_at", "carriers", "run_id"):
        op.drop_column("run_order", column)
    op.drop_column("run", "held_by")
    op.drop_table("line_pace")
    op.drop_column("line", "calls_per_second")
