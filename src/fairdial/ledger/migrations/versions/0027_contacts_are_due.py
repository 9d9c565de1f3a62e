"""A contact is claimed when it is due, by an index that holds nobody else; an older version cannot run beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_LIVING = "SELECT 1 FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.campaign_id = cc.campaign_id"


def upgrade() -> None:
    op.add_column("campaign_contact", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("campaign_contact", sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="2"))
    op.create_check_constraint(op.f("ck_campaign_contact_rank"), "campaign_contact", "rank between 0 and 2")
    op.execute(
        "UPDATE campaign_contact cc SET due_at = fairdial_now() WHERE outcome IS NULL"
        f" AND NOT EXISTS ({_LIVING} AND a.contact_id = cc.contact_id AND a.state IN ('reserved', 'dialing'))"
    )
    op.alter_column("campaign_contact", "due_at", server_default=sa.text("fairdial_now()"))
    op.drop_index("ix_campaign_contact_claim", "campaign_contact")
    op.create_index(
        "ix_campaign_contact_due",
        "campaign_contact",
        ["campaign_id", "rank", "due_at", "id"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_campaign_contact_worker", "campaign_contact", ["worker"], postgresql_where=sa.text("worker IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_contact_worker", "campaign_contact")
    op.drop_index("ix_campaign_contact_due", "campaign_contact")
    op.create_index("ix_campaign_contact_claim", "campaign_contact", ["campaign_id", "asked_run", "id"])
    op.drop_column("campaign_contact", "rank")
    op.drop_column("campaign_contact", "due_at")
