"""A stored script keeps the order of its keys, in which a reviewer reads it"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("ALTER TABLE script_version ALTER COLUMN content TYPE json USING content::json")


def downgrade() -> None:
    op.execute("ALTER TABLE script_version ALTER COLUMN content TYPE jsonb USING content::jsonb")
