"""Short stories over a real database: a campaign with people in it, ready to be asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from fairdial.core.contacts.rows import Attributes, ContactRow
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.case import Basis, Calendar, Level, LineKind, NumberKind, Purpose, Role
from fairdial.core.policy.decide import Verdict
from fairdial.ledger.calls.claims import claim
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask
from fairdial.ledger.calls.runs import start_run
from fairdial.ledger.database import Database, open_database, set_rehearsal_clock
from fairdial.ledger.parties import LineEntry, add_caller_number, add_line, set_tenant
from fairdial.ledger.people.intake import Source, import_list
from fairdial.ledger.people.person import everything
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.protection.keys import KeySettings
from fairdial.ledger.scripts import approve_script, script_versions, submit_script
from fairdial.ledger.setup import create_campaign
from tests.core.cases import CN_MORNING, PACKS
from tests.core.scripts import content, renewal

TENANT = "晴川保险"
KEYS = KeySettings(folder=Path("/nonexistent"), number="s" * 32, master="5a" * 32)


def no_holidays(_jurisdiction: str, around: datetime) -> Calendar:
    return Calendar(holidays=frozenset(), known_until=around.date().replace(month=12, day=31))


def person(index: int, *, line: int | None = None, basis: Basis | None = Basis.EXISTING_CUSTOMER) -> ContactRow:
    return ContactRow(
        line=line or index + 1,
        name="王",
        title="女士",
        number=f"+86154{index:08d}",
        country="CN",
        kind=NumberKind.PRACTICE,
        region="上海",
        zone="Asia/Shanghai",
        attributes=Attributes(product="车险", expiry=datetime(2026, 12, 15, tzinfo=UTC).date(), premium=Decimal(2860)),
        data_source="保单",
        basis=basis,
        consent=None,
    )


@asynccontextmanager
async def ledger(url: str) -> AsyncIterator[Database]:
    """The database of a test, its clock on a working morning."""
    async with open_database(url=url, keys=KEYS) as database:
        await set_rehearsal_clock(database, CN_MORNING - datetime.now(UTC))
        yield database


def line_entry(kind: LineKind = LineKind.PRACTICE, name: str = "practice", capacity: int = 1000) -> LineEntry:
    return LineEntry(
        name=name,
        kind=kind,
        address="127.0.0.1:5070",
        capacity=capacity,
        purposes=frozenset({Purpose.SERVICE}),
        documents_until=datetime(2028, 12, 31, tzinfo=UTC),
    )


async def campaign(
    database: Database, people: list[ContactRow], *, name: str = "renewal", capacity: int = 1000
) -> None:
    """A campaign over these people, its script approved."""
    source = Source(file_name="list.csv", sha256="0" * 64)
    await import_list(database, tenant=TENANT, name=name, source=source, contacts=people, rejected=[])
    digest = renewal().hash
    known = await script_versions(database, tenant=TENANT)
    if not any(v.approved_until for v in known):
        await submit_script(database, tenant=TENANT, content=content(), script=renewal(), by="author")
        await approve_script(database, tenant=TENANT, script_hash=digest, by="reviewer")
    far = datetime(2028, 12, 31, tzinfo=UTC)
    await set_tenant(
        database, tenant=TENANT, seat="CN", role=Role.OWN_CUSTOMERS, purposes=[Purpose.SERVICE], contract_until=far
    )
    await add_line(database, tenant=TENANT, line=line_entry(capacity=capacity))
    await add_caller_number(database, tenant=TENANT, number="+8615499990001", is_own=True, documents_until=far)
    await create_campaign(
        database,
        tenant=TENANT,
        name=name,
        purpose=Purpose.SERVICE,
        contact_list=name,
        script_hash=digest,
        line="practice",
        caller_number="+8615499990001",
        topics=["insurance"],
    )


async def run_of(database: Database, name: str = "renewal") -> Task:
    return await start_run(database, tenant=TENANT, campaign=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    contact: Claimed
    verdict: Verdict
    permit: Permit | None


async def ask_all(database: Database, task: Task, *, worker: str = "w1") -> list[Asked]:
    """Claim and ask for everybody."""
    asked = []
    while claimed := await claim(database, task, count=10, worker=worker):
        answers = await ask(database, claimed, task, PACKS, no_holidays, worker=worker)
        given = [(one, answers[one.contact_id]) for one in claimed if one.contact_id in answers]
        asked += [Asked(contact=contact, verdict=answer.verdict, permit=answer.permit) for contact, answer in given]
    return asked


async def one(database: Database, sql: str, **values: object) -> object:
    async with database.transaction() as connection:
        return (await connection.execute(text(sql), values)).scalar_one()


async def whole_database(database: Database, *, without: str = "") -> str:
    """Every row of every table, as text."""
    async with database.transaction() as connection:
        names = await connection.execute(
            text(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> :but"
            ),
            {"but": without},
        )
        rows = [await connection.execute(text(f"SELECT row_to_json(t)::text FROM {name} t")) for (name,) in names]
        return "\n".join(row[0] for found in rows for row in found)


async def all_known(database: Database, number: str, *, by: str = "李合规") -> dict[str, list[dict[str, Any]]]:
    """What somebody who may read everything is shown."""
    await set_reader(database, tenant=TENANT, name=by, level=Level.SENSITIVE, by="王经理")
    return await everything(database, tenant=TENANT, number=number, by=by)


async def move_clock(database: Database, by: timedelta) -> None:
    """Later or earlier, from where the rehearsal clock stands."""
    real, shifted = datetime.now(UTC), await database.now()
    await set_rehearsal_clock(database, shifted - real + by)
