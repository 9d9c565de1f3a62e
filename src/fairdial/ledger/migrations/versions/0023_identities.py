"""Who somebody is to a provider of sign-ins, and sign-ins that have begun there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "user_identity",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text()),
        sa.Column("email_key", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identity")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_user_identity_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_identity_user_id")),
        sa.UniqueConstraint("issuer", "subject_key", name=op.f("uq_user_identity_issuer_subject_key")),
        sa.UniqueConstraint("issuer", "email_key", name=op.f("uq_user_identity_issuer_email_key")),
        sa.UniqueConstraint("issuer", "user_id", name=op.f("uq_user_identity_issuer_user_id")),
    )
    op.create_index(op.f("ix_user_identity_user_id"), "user_identity", ["user_id"])
    op.create_table(
        "sign_in_begun",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("leads_to", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_begun")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sign_in_begun_state_hash")),
    )
    op.create_index(op.f("ix_sign_in_begun_who"), "sign_in_begun", ["who"])
    for table in ("user_identity", "sign_in_begun"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("sign_in_begun")
    op.drop_table("user_identity")
