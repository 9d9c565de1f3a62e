"""Complaints and suspensions; how an unknown attempt was settled"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WATCHED = {"complaint": "to_jsonb(n) - 'words'", "suspension": "to_jsonb(n)"}


def _when(name: str, *, nullable: bool = True, is_now: bool = False) -> sa.Column[object]:
    default = sa.text("fairdial_now()") if is_now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("caller_number", sa.Text()),
        sa.Column("line", sa.Text()),
        sa.Column("script_hash", sa.Text()),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _when("received_at", nullable=False),
        _when("acknowledge_by", nullable=False),
        _when("close_by", nullable=False),
        _when("closed_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_complaint_tenant_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_complaint_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(op.f("ix_complaint_person_id"), "complaint", ["person_id"])
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _when("since", nullable=False, is_now=True),
        _when("lifted_at"),
        sa.Column("lifted_by", sa.Text()),
        sa.Column("lift_reason", sa.Text()),
        sa.CheckConstraint("resource in ('tenant', 'line', 'caller', 'script')", name=op.f("ck_suspension_resource")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_suspension_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(
        "ix_suspension_standing",
        "suspension",
        ["resource", "name"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.add_column("attempt", sa.Column("settled_by", sa.Text()))
    op.add_column("attempt", sa.Column("settled_with", sa.Text()))
    for table, body in WATCHED.items():
        op.execute(
            f"CREATE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n {table} := NEW; BEGIN"
            f" INSERT INTO event (tenant_id, at, kind, body)"
            f" VALUES (n.tenant_id, fairdial_now(), '{table}.' || lower(TG_OP), {body}); RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_event AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_event()"
        )
    op.execute("GRANT SELECT, INSERT, UPDATE ON complaint, suspension TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")


def downgrade() -> None:
    op.drop_column("attempt", "settled_with")
    op.drop_column("attempt", "settled_by")
    for table in WATCHED:
        op.drop_table(table)
        op.execute(f"DROP FUNCTION {table}_event()")
