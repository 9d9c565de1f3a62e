"""Lists come in by upload: a file on its way, and the evidence that was shown with it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

_NEW = ("list_upload", "list_upload_evidence")
_STATES = "'uploaded', 'checking', 'checked', 'importing', 'imported', 'failed', 'cancelled', 'expired'"


def _own(name: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    now = sa.text("fairdial_now()")
    op.create_table(
        "list_upload",
        *_own("list_upload"),
        *(_text(name) for name in ("stored", "file_name", "file_sha256")),
        sa.Column("size", sa.Integer(), nullable=False),
        _text("encoding"),
        sa.Column("header", postgresql.ARRAY(sa.Text()), nullable=False),
        _text("state"),
        sa.Column("orders", postgresql.JSONB()),
        sa.Column("rows_done", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("rows_total", sa.Integer()),
        sa.Column("accepted", sa.Integer()),
        sa.Column("rejected", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("evidence_named", sa.Integer()),
        sa.Column(
            "evidence_missing", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")
        ),
        sa.Column("problem", sa.Text()),
        _text("uploaded_by"),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("beat_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("list_import_id", sa.Integer()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["list_import_id"], ["list_import.id"], name=op.f("fk_list_upload_list_import_id")),
        sa.UniqueConstraint("stored", name=op.f("uq_list_upload_stored")),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f("ck_list_upload_state")),
    )
    op.create_table(
        "list_upload_evidence",
        *_own("list_upload_evidence"),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("file_name", "sha256")),
        sa.ForeignKeyConstraint(["upload_id"], ["list_upload.id"], name=op.f("fk_list_upload_evidence_upload_id")),
        sa.UniqueConstraint("upload_id", "file_name", name=op.f("uq_list_upload_evidence_upload_id_file_name")),
    )
    for table in _NEW:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO fairdial_worker")
        op.execute(f"CALL fairdial_separate('{table}')")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    for table in reversed(_NEW):
        op.drop_table(table)
