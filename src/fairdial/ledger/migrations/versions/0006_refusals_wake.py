"""A refusal wakes the workers when it is committed, from whatever source it came"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION refusal_wakes() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_notify('fairdial_refusal', NEW.person_id::text); RETURN NULL; END $$"
    )
    op.execute("CREATE TRIGGER refusal_wakes AFTER INSERT ON refusal FOR EACH ROW EXECUTE FUNCTION refusal_wakes()")


def downgrade() -> None:
    op.execute("DROP TRIGGER refusal_wakes ON refusal")
    op.execute("DROP FUNCTION refusal_wakes()")
