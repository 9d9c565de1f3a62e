"""What a process needs to do its work, check by check; see `fairdial.observe.health`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from fairdial.app import App
from fairdial.errors import LedgerError, LineError
from fairdial.ledger.database import is_schema_older
from fairdial.models import require_run
from fairdial.observe.health import Check
from fairdial.observe.joined import Joined
from fairdial.voice.keeping import require_space


def checks_of(app: App, *, recordings: Path | None, joined: Joined | None = None) -> dict[str, Check]:
    """The checks of one process.

    Args:
        recordings: Where recordings go; None for a process that makes no calls and starts none.
        joined: What the processes of this machine have told; with it a SIP stack that stopped in any of them is told of.
    """

    async def database() -> None:
        async with app.database.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrations() -> None:
        if await is_schema_older(app.database):
            raise LedgerError("the schema is older than this version; start it anew 数据库结构较旧,请重启以迁移")

    async def models() -> None:
        await asyncio.to_thread(require_run, app.settings.recognition.engines, app.settings.models)

    async def disk() -> None:
        if recordings is not None:
            folder = next(one for one in (recordings.absolute(), *recordings.absolute().parents) if one.is_dir())
            await asyncio.to_thread(require_space, folder, least_mb=app.settings.min_free_mb)

    async def sip() -> None:
        if joined is not None and await asyncio.to_thread(joined.value, "fairdial_sip_stack_stopped") > 0:
            raise LineError("a SIP stack has stopped; its run ends, start it again SIP 协议栈已停止")

    checks: dict[str, Check] = {"database": database, "migrations": migrations}
    if recordings is not None:
        checks |= {"models": models, "disk": disk}
    return checks | {"sip": sip} if joined is not None else checks
