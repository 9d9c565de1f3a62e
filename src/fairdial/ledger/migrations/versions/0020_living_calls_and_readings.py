"""What a line carries, by its living calls and its days; events by their time, and readings of a tenant in their order"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

READINGS = "kind LIKE '%.read' OR kind IN ('read.refused', 'list.export', 'evidence.export', 'retention.run')"


def upgrade() -> None:
    op.create_index("ix_attempt_living", "attempt", ["tenant_id"], postgresql_where=sa.text("state = 'dialing'"))
    op.create_index(
        "ix_attempt_dialled_at",
        "attempt",
        ["tenant_id", "dialled_at"],
        postgresql_where=sa.text("dialled_at IS NOT NULL"),
    )
    op.create_index("ix_event_at", "event", ["at"], postgresql_using="brin")
    op.create_index("ix_event_readings", "event", ["tenant_id", "id"], postgresql_where=sa.text(READINGS))


def downgrade() -> None:
    op.drop_index("ix_event_readings", table_name="event")
    op.drop_index("ix_event_at", table_name="event")
    op.drop_index("ix_attempt_dialled_at", table_name="attempt")
    op.drop_index("ix_attempt_living", table_name="attempt")
