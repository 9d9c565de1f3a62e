"""When the gate was asked, found by blocks: reports count a span of days of the largest table"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_index("ix_verdict_decided_at", "verdict", ["decided_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_verdict_decided_at", table_name="verdict")
