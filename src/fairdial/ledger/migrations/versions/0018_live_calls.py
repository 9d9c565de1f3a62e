"""What lives now, and who has read something just now, are found without reading everything that was"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_event_read ON event (tenant_id, kind, at) WHERE kind LIKE '%.read'")
    op.execute("CREATE INDEX ix_attempt_living ON attempt (run_id) WHERE state IN ('reserved', 'dialing')")
    op.execute("CREATE INDEX ix_attempt_unknown ON attempt (tenant_id) WHERE state = 'unknown'")
    op.create_index("ix_attempt_tenant_id_dialled_at", "attempt", ["tenant_id", "dialled_at"])
    op.create_index("ix_attempt_run_id_ended_at", "attempt", ["run_id", "ended_at"])
    op.drop_index("ix_attempt_run_id", table_name="attempt")


def downgrade() -> None:
    op.create_index("ix_attempt_run_id", "attempt", ["run_id"])
    op.drop_index("ix_attempt_run_id_ended_at", table_name="attempt")
    op.drop_index("ix_attempt_tenant_id_dialled_at", table_name="attempt")
    op.execute("DROP INDEX ix_attempt_unknown")
    op.execute("DROP INDEX ix_attempt_living")
    op.execute("DROP INDEX ix_event_read")
