"""Campaigns have a plan and states that move; an older version cannot run beside it: it spends permits of paused campaigns"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"

_AT = sa.DateTime(timezone=True)
_STATES = "state in ('draft', 'checked', 'approved', 'running', 'paused', 'finished')"
_ADDED: tuple[sa.Column[Any], ...] = (
    sa.Column("starts_at", _AT),
    sa.Column("stops_at", _AT),
    sa.Column("hours", postgresql.JSONB(), nullable=False, server_default="[]"),
    sa.Column("zone", sa.Text(), nullable=False, server_default="Asia/Shanghai"),
    sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="5"),
    sa.Column("daily_limit", sa.Integer()),
    sa.Column("total_limit", sa.Integer()),
    sa.Column("retries", postgresql.JSONB(), nullable=False, server_default="{}"),
    sa.Column("best_time", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("dialled_total", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("dialled_today", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("dialled_on", sa.Date()),
    sa.Column("held_by", sa.Text()),
    sa.Column("held_until", _AT),
)


def upgrade() -> None:
    for column in _ADDED:
        op.add_column("campaign", column)
    op.alter_column("campaign", "state", server_default="draft")
    op.create_check_constraint(op.f("ck_campaign_state"), "campaign", _STATES)
    op.add_column("campaign_contact", sa.Column("waits_for", sa.Text()))
    op.create_table(
        "answer_hour",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("number_kind", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("dialled", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_answer_hour_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_hour")),
    )
    op.create_index(op.f("ix_answer_hour_tenant_id"), "answer_hour", ["tenant_id"])
    op.execute("CALL fairdial_separate('answer_hour')")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON answer_hour TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")
    op.execute(
        "CREATE FUNCTION campaign_state_tells() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_notify('fairdial_campaign', ''); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER campaign_state_tells AFTER UPDATE OF state ON campaign FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION campaign_state_tells()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER campaign_state_tells ON campaign")
    op.execute("DROP FUNCTION campaign_state_tells()")
    op.drop_table("answer_hour")
    op.drop_column("campaign_contact", "waits_for")
    op.drop_constraint(op.f("ck_campaign_state"), "campaign")
    op.execute("UPDATE campaign SET state = 'running'")
    op.alter_column("campaign", "state", server_default="running")
    for column in reversed(_ADDED):
        op.drop_column("campaign", column.name)
