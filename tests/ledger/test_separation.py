"""A tenant that logs in to the database reads its own rows, of every table, and changes none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, text

from fairdial.core.campaign.plan import Plan
from fairdial.core.policy.case import Level, Role
from fairdial.ledger.adjustments import store_adjustments
from fairdial.ledger.calls.answer_hours import count_answers
from fairdial.ledger.calls.run_orders import want_run
from fairdial.ledger.campaigns import set_plan
from fairdial.ledger.lines import weigh
from fairdial.ledger.parties import add_line, set_tenant
from fairdial.ledger.people.exports import export_list
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.uploads import StoredFile, keep_upload, show_evidence
from fairdial.ledger.protection.tenant_login import database_login
from fairdial.ledger.script_drafts import save_draft
from fairdial.ledger.scripts import comment_on_script, script_versions
from fairdial.ledger.webhooks import add_webhook
from tests.ledger.stories import TENANT, ledger, line_entry
from tests.ledger.test_vault import a_full_call

OTHER = "岚山教育"
FAR = datetime(2028, 12, 31, tzinfo=UTC)
INSTALLATIONS_OWN = {
    "alembic_version", "api_key", "chore", "data_key", "edge_key", "installation", "person", "person_number", "registry_copy",
    "registry_entry", "repeated_write", "seal", "sign_in_begun", "sign_in_failure", "sign_in_link", "user_account",
    "user_identity", "web_session",
}  # fmt: skip
"""Tables that belong to no tenant or hold what opens doors, and that none may read."""


async def two_tenants(url: str) -> dict[str, str]:
    """Rows of the first in every table, the second with a name only; the addresses each logs in with."""
    async with ledger(url) as database:
        await a_full_call(database)
        await set_reader(database, tenant=TENANT, name="李合规", level=Level.PRIVATE, by="王经理")
        await store_adjustments(database, tenant=TENANT, content=[], by="李合规", reason="自律")
        marks = ["+8615477777771"]
        await want_run(database, tenant=TENANT, campaign="renewal", by="王运营")
        learning = Plan(best_time=True)
        await set_plan(database, tenant=TENANT, campaign="renewal", plan=learning, by="王运营")
        await count_answers(database, tenant=TENANT)
        await export_list(database, tenant=TENANT, name="renewal", recipient="甲", by="李合规", canaries=marks)
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO line_pace SELECT name, tenant_id, fairdial_now() FROM line"))
        file = StoredFile(stored="ab", key=bytes(32), file_name="list.csv", sha256="0" * 64, size=1)
        upload = await keep_upload(database, tenant=TENANT, by="李合规", file=file, encoding="utf-8", header=["姓名"])
        await show_evidence(database, tenant=TENANT, upload=upload, file_name="a.txt", sha256="0" * 64)
        await save_draft(database, tenant=TENANT, name="draft", written="script: draft", by="author", seen=None)
        [version] = await script_versions(database, tenant=TENANT)
        await comment_on_script(database, tenant=TENANT, script_hash=version.hash, at=None, words="好", by="reviewer")
        await add_line(database, tenant=TENANT, line=line_entry(), password="secret")
        await weigh(database, ["practice"])
        await add_webhook(
            database, tenant=TENANT, name="crm", url="https://crm.example", names_person=False, by="王运营"
        )
        await set_tenant(database, tenant=OTHER, seat="CN", role=Role.OWN_CUSTOMERS, purposes=[], contract_until=FAR)
        return {tenant: await database_login(database, tenant=tenant) for tenant in (TENANT, OTHER)}


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as owner:
        found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in found]


def test_a_tenant_sees_its_own_rows_and_no_other(database_url: str) -> None:
    logins = asyncio.run(two_tenants(database_url))
    for table in tables(database_url):
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        with psycopg.connect(database_url) as owner:
            [whole] = owner.execute(count).fetchone() or (0,)
        seen = {}
        for tenant, address in logins.items():
            with psycopg.connect(address) as connection:
                try:
                    [seen[tenant]] = connection.execute(count).fetchone() or (0,)
                except psycopg.errors.InsufficientPrivilege:
                    seen[tenant] = -1
        if table in INSTALLATIONS_OWN:
            assert set(seen.values()) == {-1}, table
        elif table == "tenant":
            assert seen == {TENANT: 1, OTHER: 1}
        else:
            of_nobody = 1 if table == "event" else 0  # that a number became known is the installation's
            assert seen == {TENANT: whole - of_nobody, OTHER: 0}, table
            assert whole, f"the story leaves nothing in {table}"


def test_a_tenant_changes_nothing_and_cannot_become_another(database_url: str) -> None:
    logins = asyncio.run(two_tenants(database_url))
    with psycopg.connect(logins[OTHER], autocommit=True) as connection:
        for table in tables(database_url):
            for order in ("DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE ROW LEVEL SECURITY"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(order).format(sql.Identifier(table)))
        for role in ("fairdial_worker", make_url(logins[TENANT]).username or ""):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        connection.execute("SET ROLE fairdial_tenant")
        assert connection.execute("SELECT count(*) FROM contact").fetchone() == (0,)
