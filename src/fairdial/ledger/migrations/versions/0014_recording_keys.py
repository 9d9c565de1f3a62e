"""The key of each sealed recording, itself sealed: whoever removes it has removed every copy of the file"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "recording_key",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_recording_key_tenant_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_recording_key_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_key")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_recording_key_attempt_id")),
    )
    op.execute("CALL fairdial_separate('recording_key')")
    op.execute("GRANT SELECT, INSERT, DELETE ON recording_key TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("recording_key")
