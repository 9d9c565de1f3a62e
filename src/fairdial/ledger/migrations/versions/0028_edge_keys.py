"""The keys that permits are signed with for the SIP edge, sealed; before: the version before this one runs beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "edge_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_key")),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON edge_key TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("edge_key")
