"""Texts of scripts that somebody edits, what readers say about versions, and the text a version was written as"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()"))


def upgrade() -> None:
    op.add_column("script_version", sa.Column("source", sa.Text()))
    op.create_table(
        "script_draft",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        _now("edited_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_script_draft_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_draft")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_script_draft_tenant_id_name")),
    )
    op.create_table(
        "script_comment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("script_hash", sa.Text(), nullable=False),
        sa.Column("at_step", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_whom", sa.Text(), nullable=False),
        _now("written_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_script_comment_tenant_id")),
        sa.ForeignKeyConstraint(["script_hash"], ["script_version.hash"], name=op.f("fk_script_comment_script_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_comment")),
    )
    op.create_index(op.f("ix_script_comment_script_hash"), "script_comment", ["script_hash"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON script_comment FOR EACH ROW EXECUTE FUNCTION never()"
    )
    for table, rights in (("script_draft", "SELECT, INSERT, UPDATE"), ("script_comment", "SELECT, INSERT")):
        op.execute(f"CALL fairdial_separate('{table}')")
        op.execute(f"GRANT {rights} ON {table} TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_table("script_comment")
    op.drop_table("script_draft")
    op.drop_column("script_version", "source")
