"""Chores that one of many workers does; answered calls found by time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


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
    op.execute("GRANT SELECT, INSERT, UPDATE ON chore TO fairdial_worker")


def downgrade() -> None:
    op.drop_index("ix_attempt_answered_at", table_name="attempt")
    op.drop_table("chore")
