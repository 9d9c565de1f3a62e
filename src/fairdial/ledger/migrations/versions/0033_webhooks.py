"""Whom the operator wants told of calls that are over, and the jobs by which they are told

Before: the version before runs beside it; its calls are told of, too, by whichever worker of this version looks next.

The jobs are procrastinate's, in a schema of their own. A later version of the package brings its own changes of its tables:
which one these are of stands in `installation`, so that a migration for it knows which of them are missing.
"""

from __future__ import annotations

import procrastinate
import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names_person", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("fairdial_now()")),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by", sa.Text()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text()),
        sa.CheckConstraint("(removed_at is null) = (removed_by is null)", name=op.f("ck_webhook_removed")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_webhook_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(
        op.f("ix_webhook_name"),
        "webhook",
        ["tenant_id", "name"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.execute("CALL fairdial_separate('webhook')")
    op.execute("GRANT SELECT, INSERT, UPDATE ON webhook TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fairdial_worker")
    _make_jobs()
    op.execute(
        "CREATE FUNCTION attempt_told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM jobs.procrastinate_defer_jobs_v1(array_agg(ROW('webhooks', 'tell', 0, NULL, NULL,"
        " jsonb_build_object('webhook', w.id, 'attempt', NEW.id, 'state', NEW.state), NULL)::jobs.procrastinate_job_to_defer_v1))"
        " FROM webhook w WHERE w.tenant_id = NEW.tenant_id AND w.removed_at IS NULL HAVING count(*) > 0; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER attempt_told AFTER UPDATE OF state ON attempt FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state IN ('ended', 'unknown')) EXECUTE FUNCTION attempt_told()"
    )


def _make_jobs() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path = jobs, public")
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path = public")
    op.execute(
        "DO $$ DECLARE its regprocedure; BEGIN"
        " FOR its IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace LOOP"
        " EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, public', its); END LOOP; END $$"
    )
    op.execute("GRANT USAGE ON SCHEMA jobs TO fairdial_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO fairdial_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs TO fairdial_worker")
    made = sa.text("INSERT INTO installation (key, value) VALUES ('procrastinate', :version)")
    op.get_bind().execute(made, {"version": procrastinate.__version__})


def downgrade() -> None:
    op.execute("DROP TRIGGER attempt_told ON attempt")
    op.execute("DROP FUNCTION attempt_told()")
    op.execute("DROP SCHEMA jobs CASCADE")
    op.execute("DELETE FROM installation WHERE key = 'procrastinate'")
    op.drop_table("webhook")
