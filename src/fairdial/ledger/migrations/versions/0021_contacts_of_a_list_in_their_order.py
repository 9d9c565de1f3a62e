"""Contacts of a list in their order, and of one region of it: a page reads what it shows"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_index("ix_contact_list_id_id", "contact", ["list_id", "id"])
    op.create_index("ix_contact_list_id_region_id", "contact", ["list_id", "region", "id"])


def downgrade() -> None:
    op.drop_index("ix_contact_list_id_region_id", table_name="contact")
    op.drop_index("ix_contact_list_id_id", table_name="contact")
