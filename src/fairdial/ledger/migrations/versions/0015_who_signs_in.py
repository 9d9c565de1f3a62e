"""Who signs in, what they carry, and writes that were asked for twice; no tenant's own login reads any of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

_NEW = ("user_account", "web_session", "sign_in_link", "sign_in_failure", "api_key", "repeated_write")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()"))


def _table(name: str, *parts: sa.Column[object] | sa.Constraint, of_tenant: bool = True) -> None:
    owner = [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{name}_tenant_id")),
    ]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(owner if of_tenant else ()),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _of_user(name: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f(f"fk_{name}_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{name}_token_hash")),
    )


def upgrade() -> None:
    _table(
        "user_account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("totp_used", sa.Text()),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.UniqueConstraint("name", name=op.f("uq_user_account_name")),
    )
    _table(
        "web_session",
        *_of_user("web_session"),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("address_class", sa.Text(), nullable=False),
        _now("made_at"),
        _now("seen_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"])
    _table(
        "sign_in_link",
        *_of_user("sign_in_link"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
    op.create_index(op.f("ix_sign_in_link_user_id"), "sign_in_link", ["user_id"])
    _table("sign_in_failure", sa.Column("who", sa.LargeBinary(), nullable=False), _now("at"), of_tenant=False)
    op.create_index(op.f("ix_sign_in_failure_who"), "sign_in_failure", ["who"])
    _table(
        "api_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    _table(
        "repeated_write",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", postgresql.JSONB()),
        _now("at"),
        sa.UniqueConstraint("tenant_id", "caller", "key", name=op.f("uq_repeated_write_tenant_id_caller_key")),
    )
    for table in _NEW:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    for table in reversed(_NEW):
        op.drop_table(table)
