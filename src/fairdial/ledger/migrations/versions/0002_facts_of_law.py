"""Facts of law: contracts, roles, caller numbers, registries, suspension, forms of consent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def _when(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _words(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()))


def upgrade() -> None:
    for column in (
        sa.Column("seat", sa.Text()),
        sa.Column("role", sa.Text()),
        _words("purposes"),
        _when("contract_until"),
    ):
        op.add_column("tenant", column)
    for column in (_words("purposes"), _when("documents_until")):
        op.add_column("line", column)
    op.create_table(
        "caller_number",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        _when("documents_until"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_caller_number_tenant_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_caller_number")),
    )
    op.add_column("script_version", _words("says"))
    op.add_column("script_version", _words("levels"))
    op.add_column("campaign", sa.Column("state", sa.Text(), nullable=False, server_default="running"))
    op.add_column("campaign", _words("topics"))
    op.add_column("campaign", sa.Column("artificial_voice", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("contact", sa.Column("country", sa.Text()))
    op.add_column("consent", sa.Column("form", sa.Text(), nullable=False, server_default="general"))
    op.add_column("consent", sa.Column("artificial_voice", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("consent", sa.Column("any_hour", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "registry_copy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_registry_copy")),
    )
    op.create_table(
        "registry_entry",
        sa.Column("registry", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        _when("listed_since"),
        sa.ForeignKeyConstraint(["registry"], ["registry_copy.name"], name=op.f("fk_registry_entry_registry")),
        sa.PrimaryKeyConstraint("registry", "number_key", name=op.f("pk_registry_entry")),
    )


def downgrade() -> None:
    op.drop_table("registry_entry")
    op.drop_table("registry_copy")
    for table, columns in (
        ("consent", ("any_hour", "artificial_voice", "form")),
        ("contact", ("country",)),
        ("campaign", ("artificial_voice", "topics", "state")),
        ("script_version", ("levels", "says")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.drop_table("caller_number")
    for column in ("documents_until", "purposes"):
        op.drop_column("line", column)
    for column in ("contract_until", "purposes", "role", "seat"):
        op.drop_column("tenant", column)
