"""Two tenants: nothing of the one can be told from what never was, by its answer or by what it costs."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, text

from fairdial.core.access.roles import Permission, Role
from fairdial.core.policy.case import Level
from fairdial.ledger.access.sessions import make_key
from fairdial.ledger.access.users import add_user
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import set_reader
from tests.ledger.stories import TENANT, ask_all, campaign, person, run_of
from tests.ledger.test_vault import a_full_call
from tests.web.examples import Operation, operations
from tests.web.stories import site

OTHER = "岚山教育"
COLUMN = {"name": "name", "hash": "hash"}
"""Which column a parameter of an address names; every other names an id."""

LEAST, EACH = 500, 20
"""Identifiers that are tried: altogether at least, and at each route at most."""


async def a_tenant_with_things(database: Database) -> None:
    await a_full_call(database)
    await campaign(database, [person(index) for index in range(2, 40)], name="winter")
    await ask_all(database, await run_of(database, "winter"))
    ends_at = datetime.now(UTC) + timedelta(days=1)
    for index in range(10):
        await add_user(database, tenant=TENANT, name=f"user-{index}", roles=[Role.OPERATOR], by="王经理")
        scopes = [Permission.SEE_CALLS]
        await make_key(database, tenant=TENANT, name=f"key-{index}", scopes=scopes, ends_at=ends_at, by="王经理")


async def identifiers(database: Database) -> dict[str, set[str]]:
    """Everything by which something of a tenant's could be asked for, by the name of the column."""
    found: dict[str, set[str]] = defaultdict(set)
    async with database.transaction() as connection:
        columns = await connection.execute(
            text(
                "SELECT c.table_name, c.column_name FROM information_schema.columns c"
                " JOIN information_schema.tables t USING (table_schema, table_name)"
                " WHERE t.table_type = 'BASE TABLE' AND c.table_schema = 'public'"
                " AND c.column_name IN ('id', 'name', 'hash', 'number')"
                " AND EXISTS (SELECT FROM information_schema.columns o WHERE o.table_schema = 'public'"
                " AND o.table_name = c.table_name AND o.column_name = 'tenant_id')"
            )
        )
        for table, column in columns.all():
            rows = await connection.execute(text(f'SELECT DISTINCT "{column}"::text FROM "{table}"'))
            found[column] |= {str(value) for value in rows.scalars() if value is not None}
    return found


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile: what an answer costs, without a clock."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "web_session" not in statement:  # which says once a minute that somebody is there
            seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def tries(operation: Operation, found: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """The place of an identifier in the address, and one of the other's that fits there."""
    if len(operation.parameters) != 1:
        return
    [parameter] = operation.parameters
    for value in sorted(found[COLUMN.get(parameter, "id")], key=lambda one: (len(one), one))[-EACH:]:
        yield f"{{{parameter}}}", value


def never_was(value: str) -> str:
    """An identifier of the same kind that nobody has."""
    if value.isdigit():
        return str(10**9)
    return re.sub(r"[0-9a-f]", "f", value) if re.fullmatch(r"[0-9a-f-]{36,}", value) else "never-was"


def test_nothing_of_another_tenant_can_be_told_from_what_never_was(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await a_tenant_with_things(database)
            found = await identifiers(database)
            async with database.transaction() as connection:
                await tenant_id(connection, OTHER)
            stranger = await there.signed_in("zhao", list(Role), tenant=OTHER)
            await set_reader(database, tenant=OTHER, name="zhao", level=Level.SENSITIVE, by="王经理")
            tried = 0
            for operation in operations():
                for place, value in tries(operation, found):
                    answers = []
                    for one in (value, never_was(value)):
                        with statements(database) as cost:
                            address = operation.path.replace(place, one)
                            answer = await stranger.request(operation.method, address, json=operation.body)
                        answers.append((answer.status_code, answer.text.replace(f"'{one}'", "…"), cost))
                    tried += 1
                    assert answers[0] == answers[1], (operation, value)
                    assert answers[0][0] in (400, 404, 409, 415, 422, 428), (operation, value, answers[0])
            assert tried >= LEAST

    asyncio.run(story())
