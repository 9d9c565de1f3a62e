"""A campaign against the practice phone network, as `demo` and `rehearse --audio` run it. 演练任务。

Everything is real but the people: lists, gate, permits, SIP, sound and recognition.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fairdial.app import App
from fairdial.core.policy.case import Calendar, LineKind, Purpose, Role
from fairdial.core.script.model import Script
from fairdial.errors import LineError
from fairdial.ledger.database import set_rehearsal_clock
from fairdial.ledger.parties import LineEntry, add_caller_number, add_line, set_tenant
from fairdial.ledger.scripts import approve_script, script_versions, submit_script
from fairdial.ledger.setup import create_campaign
from fairdial.packs import calendar_of

CALLER_NUMBER = "+8615499990001"
OPENS_AT = time(9, 40)
"""Local time at which a rehearsal's day begins: open in Shanghai, still closed in Ürümqi."""

_GOES_ON_UNTIL = time(10, 45)
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What is practised: a folder with people, the campaign and the list of the same name, calls at once."""

    folder: Path
    campaign: str
    capacity: int


async def set_clock(opened: App) -> timedelta:
    """Move the rehearsal's clock to the morning of a working day, and never back.

    A practice that goes on in the same morning keeps its clock.
    """
    real, ledger = datetime.now(UTC), await opened.database.now()
    local, calendar = ledger.astimezone(CHINA), calendar_of("CN", real)
    offset = ledger - real
    if offset > timedelta(minutes=1) and OPENS_AT <= local.time() < _GOES_ON_UNTIL:
        return offset
    day = _working_day(max(real, ledger).astimezone(CHINA).date() + timedelta(days=1), calendar)
    offset = datetime.combine(day, OPENS_AT, CHINA) - real
    await set_rehearsal_clock(opened.database, offset)
    return offset


def _working_day(day: date, calendar: Calendar) -> date:
    """The next day that is no weekend or holiday; the last known one when the calendar ends before."""
    last = calendar.known_until or day
    step = timedelta(days=1 if day <= last else -1)
    while day > last or day.weekday() >= 5 or day in calendar.holidays:
        day += step
    return day


async def prepare(opened: App, practice: Practice, content: Mapping[str, Any], script: Script) -> None:
    """Approve the script as two people do, and set up tenant, line, caller number and campaign; may be repeated."""
    tenant, database = opened.settings.tenant, opened.database
    versions = await script_versions(database, tenant=tenant, name=script.name)
    if not any(v.hash == script.hash and v.approved_until for v in versions):
        await submit_script(database, tenant=tenant, content=content, script=script, by="演练编写人 practice author")
        await approve_script(database, tenant=tenant, script_hash=script.hash, by="演练审核人 practice reviewer")
    until = await database.now() + timedelta(days=365)
    await set_tenant(
        database, tenant=tenant, seat="CN", role=Role.OWN_CUSTOMERS, purposes=[script.purpose], contract_until=until
    )
    await add_caller_number(database, tenant=tenant, number=CALLER_NUMBER, is_own=True, documents_until=until)
    await point_line(opened, practice, script.purpose, port=5070)
    await create_campaign(
        database,
        tenant=tenant,
        name=practice.campaign,
        purpose=script.purpose,
        contact_list=practice.campaign,
        script_hash=script.hash,
        line="practice",
        caller_number=CALLER_NUMBER,
        topics=script.topics,
    )


async def point_line(opened: App, practice: Practice, purpose: Purpose, *, port: int) -> None:
    """Lead the practice line to a port of this machine."""
    line = LineEntry(
        name="practice",
        kind=LineKind.PRACTICE,
        address=f"127.0.0.1:{port}",
        capacity=practice.capacity,
        purposes=frozenset({purpose}),
        documents_until=await opened.database.now() + timedelta(days=365),
    )
    await add_line(opened.database, tenant=opened.settings.tenant, line=line)


def network_command(folder: Path, *, port: int, log: Path, clock_offset_s: float) -> list[str]:
    """The command line of the practice network's own process for the people of a folder."""
    return [
        sys.executable,
        "-m",
        "fairdial.rehearsal",
        *("--personas", str(folder / "personas.yaml")),
        *("--assign", str(folder / "personas-assign.json")),
        *("--clips", str(folder / "persona-clips")),
        *("--log", str(log)),
        *("--sip-port", str(port)),
        *("--clock-offset", f"{clock_offset_s:.3f}"),
    ]


@asynccontextmanager
async def practice_network(folder: Path, log: Path, offset: timedelta) -> AsyncIterator[int]:
    """The practice network as a process of its own; yields its SIP port."""
    port = _free_port()
    command = network_command(folder, port=port, log=log, clock_offset_s=offset.total_seconds())
    command.append("--ends-with-parent")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if process.stdout is None:
            raise LineError("the practice network gave no output")
        ready = await asyncio.wait_for(process.stdout.readline(), 60)
        if not ready.startswith(b"READY"):
            raise LineError(f"the practice network did not start on 127.0.0.1:{port}; its message is above")
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
