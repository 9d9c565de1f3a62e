"""Rows that come by the million are checked and told of in bulk; an older version runs beside it"""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0027"

IN_BULK = {"person_number": "0", "consent": "n.tenant_id"}
"""Tables that an import fills: their events are written a statement at a time. Whose the event is."""


def upgrade() -> None:
    _one_key_for_three()
    for table, tenant in IN_BULK.items():
        _watch_in_bulk(table, tenant)


def _one_key_for_three() -> None:
    """A contact's list and tenant are those of its import: one look instead of three for each row."""
    op.create_unique_constraint(
        op.f("uq_list_import_id_list_id_tenant_id"), "list_import", ["id", "list_id", "tenant_id"]
    )
    for column in ("tenant_id", "list_id", "list_import_id"):
        op.drop_constraint(op.f(f"fk_contact_{column}"), "contact", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_contact_list_import_id"),
        "contact",
        "list_import",
        ["list_import_id", "list_id", "tenant_id"],
        ["id", "list_id", "tenant_id"],
    )


def _watch_in_bulk(table: str, tenant: str) -> None:
    op.execute(f"DROP TRIGGER {table}_event ON {table}")
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO event (tenant_id, at, kind, body)"
        f" SELECT {tenant}, t.now, '{table}.' || lower(TG_OP), to_jsonb(n) FROM written n, (SELECT fairdial_now() AS now) t;"
        " RETURN NULL; END $$"
    )
    for change in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {table}_event_{change} AFTER {change.upper()} ON {table} REFERENCING NEW TABLE AS written"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_event()"
        )


def downgrade() -> None:
    raise NotImplementedError("what is kept by months is not put together again; restore a backup to go back")
