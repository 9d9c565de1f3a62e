"""First answers are kept sealed: some open doors; who suspended something; calls and refusals of a tenant in their order"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("DELETE FROM repeated_write")
    op.drop_column("repeated_write", "answer")
    op.add_column("repeated_write", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("suspension", sa.Column("suspended_by", sa.Text(), nullable=True))
    op.create_index("ix_attempt_tenant_id_id", "attempt", ["tenant_id", "id"])
    op.create_index("ix_refusal_tenant_id_id", "refusal", ["tenant_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_refusal_tenant_id_id", table_name="refusal")
    op.drop_index("ix_attempt_tenant_id_id", table_name="attempt")
    op.drop_column("suspension", "suspended_by")
    op.execute("DELETE FROM repeated_write")
    op.drop_column("repeated_write", "sealed")
    op.add_column("repeated_write", sa.Column("answer", postgresql.JSONB(), nullable=True))
