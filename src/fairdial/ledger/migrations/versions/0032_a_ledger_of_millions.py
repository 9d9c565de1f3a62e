"""Rows that come by the million are told of in bulk, calls and events kept by months; an older version cannot run beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

IN_BULK = {
    "person_number": ("0", "to_jsonb(n)", "true"),
    "consent": ("n.tenant_id", "to_jsonb(n) - 'evidence_file'", "to_jsonb(o) <> to_jsonb(n)"),
}
"""Tables that an import fills: their events are written a statement at a time. Whose an event is, what of a row goes into it,
and which changes are one."""


def upgrade() -> None:
    _one_key_for_three()
    for table, said in IN_BULK.items():
        _watch_in_bulk(table, *said)
    _count_answered()
    _keep_by_months()


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


def _watch_in_bulk(table: str, tenant: str, body: str, is_change: str) -> None:
    key = "number_key" if table == "person_number" else "id"
    told = (
        f"INSERT INTO event (tenant_id, at, kind, body) SELECT {tenant}, t.now, '{table}.' || lower(TG_OP), {body}"
        " FROM (SELECT fairdial_now() AS now) t, written n"
    )
    op.execute(f"DROP TRIGGER {table}_event ON {table}")
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'INSERT' THEN {told};"
        f" ELSE {told} JOIN was o ON o.{key} = n.{key} WHERE {is_change}; END IF; RETURN NULL; END $$"
    )
    for change, tables in (("insert", "NEW TABLE AS written"), ("update", "OLD TABLE AS was NEW TABLE AS written")):
        op.execute(
            f"CREATE TRIGGER {table}_event_{change} AFTER {change.upper()} ON {table} REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_event()"
        )


def _count_answered() -> None:
    op.create_table(
        "answered_hour",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_answered_hour_campaign_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_answered_hour_tenant_id")),
        sa.PrimaryKeyConstraint("campaign_id", "hour", name=op.f("pk_answered_hour")),
    )
    op.execute(
        "INSERT INTO answered_hour SELECT r.campaign_id, date_trunc('hour', a.answered_at, 'UTC'), a.tenant_id, count(*),"
        " count(*) FILTER (WHERE a.first_word_ms IS NULL OR a.first_word_ms > 2000)"
        " FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.disposition = 'answered' AND a.answered_at IS NOT NULL"
        " GROUP BY 1, 2, 3"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON answered_hour TO fairdial_worker")
    op.execute("CALL fairdial_separate('answered_hour')")


OF_A_CALL = (
    "refusal", "call_back", "follow_up", "turn", "conversation", "recording_key", "call_wire", "correction",
)  # fmt: skip
BY_MONTHS = {"attempt": "id", "turn": "attempt_id", "event": "id"}
"""Tables that grow with every call, and the number by which their rows belong to a month."""

_FIRST = "date_trunc('month', fairdial_now() AT TIME ZONE 'UTC') + interval '2 months'"
"""Numbers carry their month from the second month on; until then they go on from one, and stand in the first partition."""

_NUMBERS = """
CREATE FUNCTION fairdial_month(month timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(month, 'YYMM')::bigint * 10000000000
$$;
CREATE FUNCTION fairdial_id(numbers regclass) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN at < first THEN 0 ELSE fairdial_month(at) END + nextval(numbers)
    FROM (SELECT fairdial_now() AT TIME ZONE 'UTC' AS at, coalesce((SELECT value::timestamp FROM installation
    WHERE key = 'months_from'), '-infinity') AS first) m
$$
"""
"""A number is `YYMM`, then ten digits that count on: below 2^53 until the year 2099."""

_BY_MONTHS = """
CREATE PROCEDURE fairdial_by_months(kept text, by text, numbers text) LANGUAGE plpgsql AS $$
DECLARE
    one record; orders text[] := '{}'; later text[] := '{}'; first text := 'months.' || kept || '_first';
BEGIN
    EXECUTE format('ALTER SEQUENCE %s OWNED BY NONE', numbers);
    EXECUTE format('ALTER SEQUENCE %s AS bigint', numbers);
    FOR one IN SELECT * FROM (SELECT conname, conrelid::regclass AS held, contype, pg_get_constraintdef(oid) AS said
        FROM pg_constraint WHERE confrelid = kept::regclass AND contype = 'f' AND conparentid = 0) f LOOP
        later := later || format('ALTER TABLE %s ADD CONSTRAINT %I %s', one.held, one.conname, one.said);
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.held, one.conname);
    END LOOP;
    FOR one IN SELECT conname, pg_get_constraintdef(oid) AS said FROM pg_constraint
        WHERE conrelid = kept::regclass AND contype IN ('p', 'u', 'f') AND conparentid = 0 LOOP
        orders := orders || format('ALTER TABLE %I ADD CONSTRAINT %I %s', kept, one.conname, one.said);
    END LOOP;
    FOR one IN SELECT pg_get_indexdef(i.indexrelid) AS said FROM pg_index i WHERE i.indrelid = kept::regclass
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid) LOOP
        orders := orders || one.said;
    END LOOP;
    FOR one IN SELECT tgname, pg_get_triggerdef(oid) AS said FROM pg_trigger WHERE tgrelid = kept::regclass AND NOT tgisinternal LOOP
        later := later || one.said;
        EXECUTE format('DROP TRIGGER %I ON %I', one.tgname, kept);
    END LOOP;
    FOR one IN SELECT privilege_type AS may, '' AS among FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND table_name = kept AND grantee = 'fairdial_worker'
        UNION ALL SELECT c.privilege_type, format('(%s)', string_agg(quote_ident(c.column_name), ', '))
        FROM information_schema.role_column_grants c WHERE c.table_schema = 'public' AND c.table_name = kept
        AND c.grantee = 'fairdial_worker' AND NOT EXISTS (SELECT FROM information_schema.role_table_grants t
        WHERE t.table_schema = 'public' AND t.table_name = kept AND t.grantee = 'fairdial_worker' AND t.privilege_type = c.privilege_type)
        GROUP BY 1 LOOP
        later := later || format('GRANT %s %s ON %I TO fairdial_worker', one.may, one.among, kept);
    END LOOP;
    EXECUTE format('REVOKE ALL ON %I FROM fairdial_worker, fairdial_tenant', kept);
    EXECUTE format('ALTER TABLE %I SET SCHEMA months', kept);
    EXECUTE format('ALTER TABLE months.%I RENAME TO %I', kept, kept || '_first');
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (%I)', kept, first, by);
    FOR i IN 1 .. cardinality(orders) LOOP
        EXECUTE replace(replace(orders[i], ' ON ONLY ', ' ON '), ' ON months.' || kept, ' ON public.' || kept);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO (%s)', kept, first,
        (SELECT fairdial_month(value::timestamp) FROM installation WHERE key = 'months_from'));
    EXECUTE format('CREATE TABLE months.%I PARTITION OF %I DEFAULT', kept || '_rest', kept);
    FOR i IN 1 .. cardinality(later) LOOP
        EXECUTE later[i];
    END LOOP;
    EXECUTE format('ALTER SEQUENCE %s OWNED BY %I.id', numbers, kept);
    EXECUTE format('ALTER TABLE %I ALTER id SET DEFAULT fairdial_id(%L)', kept, numbers);
    CALL fairdial_separate(kept);
END $$
"""
"""A table becomes the first partition of one that has all of its keys, indexes, triggers and rights; no row is copied."""

_MAKE_MONTHS = """
CREATE FUNCTION fairdial_make_months(ahead int) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    kept text; part text; strays bigint := 0; found bigint; months_from timestamp; month timestamp;
BEGIN
    SELECT value::timestamp INTO months_from FROM installation WHERE key = 'months_from';
    FOREACH kept IN ARRAY '{attempt,turn,event}'::text[] LOOP
        EXECUTE format('SELECT count(*) FROM months.%I', kept || '_rest') INTO found;
        strays := strays + found;
        FOR month IN SELECT generate_series(greatest(months_from, date_trunc('month', fairdial_now() AT TIME ZONE 'UTC')),
            greatest(months_from, date_trunc('month', fairdial_now() AT TIME ZONE 'UTC')) + ahead * interval '1 month', '1 month') LOOP
            part := kept || '_' || to_char(month, 'YYMM');
            CONTINUE WHEN to_regclass('months.' || part) IS NOT NULL;
            EXECUTE format('SELECT count(*) FROM months.%1$I WHERE %2$I >= %3$s AND %2$I < %4$s', kept || '_rest',
                CASE kept WHEN 'turn' THEN 'attempt_id' ELSE 'id' END, fairdial_month(month),
                fairdial_month(month + interval '1 month')) INTO found;
            CONTINUE WHEN found > 0;
            EXECUTE format('CREATE TABLE months.%I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, kept);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION months.%I FOR VALUES FROM (%s) TO (%s)', kept, part,
                fairdial_month(month), fairdial_month(month + interval '1 month'));
            IF kept = 'attempt' THEN
                EXECUTE format('CREATE UNIQUE INDEX ON months.%I (permit_id)', part);
            ELSIF kept = 'event' THEN
                EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON months.%I EXECUTE FUNCTION never()', part);
            END IF;
        END LOOP;
    END LOOP;
    RETURN strays;
END $$
"""
"""Makes the partitions of this month and of those to come; returns how many rows came before theirs was there. They stay where
they are, found like all others, and their month has no partition of its own."""


def _keep_by_months() -> None:
    """Calls, what was said in them and events, each month in a partition of its own.

    A permit has one attempt: that is kept within a month, and a permit lives for seconds.
    """
    for table in OF_A_CALL:
        op.alter_column(table, "attempt_id", type_=sa.BigInteger())
    for table in ("attempt", "turn"):
        op.alter_column(table, "id", type_=sa.BigInteger())
    op.execute(f"INSERT INTO installation (key, value) SELECT 'months_from', ({_FIRST})::text")
    op.execute(_NUMBERS)
    op.execute("CREATE SCHEMA months")
    op.drop_constraint(op.f("uq_attempt_permit_id"), "attempt", type_="unique")
    op.drop_constraint(op.f("pk_turn"), "turn", type_="primary")
    op.create_primary_key(op.f("pk_turn"), "turn", ["id", "attempt_id"])
    op.execute(_BY_MONTHS)
    for table, by in BY_MONTHS.items():
        op.execute(f"CALL fairdial_by_months('{table}', '{by}', '{table}_id_seq')")
    op.execute("DROP PROCEDURE fairdial_by_months")
    for part in ("first", "rest"):
        op.execute(f"CREATE UNIQUE INDEX ON months.attempt_{part} (permit_id)")
        op.execute(f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON months.event_{part} EXECUTE FUNCTION never()")
    op.execute(_MAKE_MONTHS)
    op.execute("REVOKE EXECUTE ON FUNCTION fairdial_make_months FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION fairdial_make_months TO fairdial_worker")
    op.execute("SELECT fairdial_make_months(1)")


def downgrade() -> None:
    raise NotImplementedError("what is kept by months is not put together again; restore a backup to go back")
