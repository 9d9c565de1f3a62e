"""Several lines and numbers for a campaign; how a line stands, what a number may be used for, whether a phone surely did not ring

Before: the version before runs beside it; it reads and writes no column of these, and all have defaults or may be NULL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0029"
down_revision = "0028"

WHEN = sa.DateTime(timezone=True)
ADDED: dict[str, list[sa.Column[Any]]] = {
    "line": [
        sa.Column("calls_per_second", sa.Float()),
        sa.Column("transport", sa.Text(), nullable=False, server_default="udp"),
        sa.Column("srtp", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("login", sa.Text()),
        sa.Column("registers", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("regions", ARRAY(sa.Text())),
        sa.Column("unavailable", ARRAY(sa.Text())),
        sa.Column("cost", sa.Float()),
        sa.Column("number_format", sa.Text(), nullable=False, server_default="e164"),
        sa.Column("probe", sa.Text(), nullable=False, server_default="options"),
    ],
    "caller_number": [
        sa.Column("kind", sa.Text()),
        sa.Column("region", sa.Text()),
        sa.Column("lines", ARRAY(sa.Text())),
        sa.Column("hourly_limit", sa.Integer()),
        sa.Column("daily_limit", sa.Integer()),
        sa.Column("rests_until", WHEN),
        sa.Column("standing", sa.Text()),
        sa.Column("signs", ARRAY(sa.Text())),
    ],
    "campaign": [sa.Column("lines", ARRAY(sa.Text())), sa.Column("caller_numbers", ARRAY(sa.Text()))],
    "campaign_contact": [
        sa.Column("tried_lines", ARRAY(sa.Text())),
        sa.Column("held_because", sa.Text()),
        sa.Column("held_until", WHEN),
    ],
    "attempt": [
        sa.Column("surely_unrung", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("post_dial_ms", sa.Integer()),
        sa.Column("early_media", sa.Boolean()),
        sa.Column("retry_after_s", sa.Integer()),
        sa.Column("redress", sa.Text()),
    ],
}
CHECKS = {
    ("line", "transport"): "transport in ('udp', 'tcp', 'tls')",
    ("line", "number_format"): "number_format in ('e164', 'digits', 'national')",
    ("line", "probe"): "probe in ('options', 'calls')",
    ("caller_number", "kind"): "kind in ('mobile', 'fixed', 'service')",
    ("caller_number", "standing"): "standing in ('good', 'watched', 'poor')",
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)
    for (table, name), check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
    op.create_index("ix_permit_caller_number_issued_at", "permit", ["caller_number", "issued_at"])
    op.create_index("ix_permit_line_issued_at", "permit", ["line", "issued_at"])
    op.create_index("ix_attempt_blocked", "attempt", ["ended_at"], postgresql_where=sa.text("sip_status = 608"))
    op.create_table(
        "line_state",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", WHEN),
        sa.Column("until", WHEN),
        sa.Column("faults", ARRAY(sa.Text()), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("trials", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("fault_share", sa.Float(), nullable=False, server_default="0"),
        sa.Column("weighed_at", WHEN, nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("probed_at", WHEN),
        sa.CheckConstraint("state in ('closed', 'open', 'half_open')", name=op.f("ck_line_state_state")),
        sa.ForeignKeyConstraint(["line"], ["line.name"], name=op.f("fk_line_state_line")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_line_state_tenant_id")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_line_state")),
    )
    op.create_table(
        "line_secret",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["line"], ["line.name"], name=op.f("fk_line_secret_line")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_line_secret_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_secret")),
        sa.UniqueConstraint("line", name=op.f("uq_line_secret_line")),
    )
    for table in ("line_state", "line_secret"):
        op.execute(f"CALL fairdial_separate('{table}')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("line_secret")
    op.drop_table("line_state")
    op.drop_index("ix_attempt_blocked", table_name="attempt")
    op.drop_index("ix_permit_line_issued_at", table_name="permit")
    op.drop_index("ix_permit_caller_number_issued_at", table_name="permit")
    for (table, name), _ in CHECKS.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column.name)
