"""Telling the operator's systems of calls that are over: durable jobs, at least once, by whatever process is there.

Every run, worker and server looks every two seconds whether something is due; whoever finds it takes it (`FOR UPDATE SKIP
LOCKED`, procrastinate's). A job whose process died is taken again after half a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from functools import partial

import httpx
import psycopg
from procrastinate import App as Jobs
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from fairdial.app import App
from fairdial.core.webhook import Told, body_of, headers_of, id_of, sample, wait_s
from fairdial.errors import LedgerError
from fairdial.followup.webhook import new_client, post
from fairdial.ledger.database import CONNECTION, Database
from fairdial.ledger.webhooks import Receiver, has_due, note_telling, receiver, receiver_named, told_of
from fairdial.upkeep import Chore

LOOKS_S = 2.0
AT_ONCE = 8
"""Messages on their way at once from one process."""

LAST_S = 20.0
"""Seconds a run that has ended goes on telling; what is left is told by the next process."""

_STALLED_S = 30
_OPTIONS = f"{CONNECTION['options']} -c search_path=jobs,public -c role=fairdial_worker"

_log = logging.getLogger(__name__)


class Untold(Exception):
    """A message was not taken; its job is tried again."""


class _Waits(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        wait = wait_s(job.attempts + 1)
        return None if wait is None else RetryDecision(retry_in={"seconds": wait})


def tell_in_turn(app: App, *, also_at_end: bool = False) -> Chore:
    """The chore by which a process tells what is due; `also_at_end` for a while when it ends, since nobody may follow."""
    telling = partial(tell_due, app.database)
    return Chore(
        name="webhooks", every_s=LOOKS_S, work=telling, last=partial(telling, within_s=LAST_S) if also_at_end else None
    )


async def tell_due(database: Database, *, within_s: float | None = None) -> None:
    """Tell all that is due now.

    Raises:
        LedgerError: The database cannot be reached.
    """
    if not await has_due(database):
        return
    async with new_client() as client:
        jobs = _jobs(database, client)
        try:
            async with jobs.open_async():
                await _take_up_stalled(jobs)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(within_s):
                        await jobs.run_worker_async(
                            queues=["webhooks"],
                            concurrency=AT_ONCE,
                            wait=False,
                            listen_notify=False,
                            delete_jobs="successful",
                            install_signal_handlers=False,
                        )
        except (ConnectorException, psycopg.Error) as error:
            raise LedgerError(f"database cannot be reached: {type(error.__cause__ or error).__name__}") from error


async def try_out(database: Database, *, tenant: str, name: str) -> str | None:
    """Tell a system of a made-up call now; None when it took it, and else why not.

    Raises:
        InputError: There is none of that name.
    """
    to = await receiver_named(database, tenant=tenant, name=name)
    async with new_client() as client:
        return await _send(client, to, sample(await database.now()), message=id_of(0, f"tried-{time.time_ns()}"))


async def _send(client: httpx.AsyncClient, to: Receiver, told: Told, *, message: str) -> str | None:
    """Signed by this machine's clock: the ledger's may be a rehearsal's, and a receiver compares with its own."""
    body = body_of(told)
    headers = headers_of(to.secret, message=message, at=int(time.time()), body=body)
    return await post(client, to.url, headers=headers, body=body)


def _jobs(database: Database, client: httpx.AsyncClient) -> Jobs:
    jobs = Jobs(
        connector=PsycopgConnector(
            conninfo=database.address,
            kwargs=dict(CONNECTION) | {"options": _OPTIONS},
            min_size=1,
            max_size=AT_ONCE // 2,
        )
    )

    @jobs.task(name="tell", queue="webhooks", retry=_Waits())
    async def tell_one(webhook: int, attempt: int, state: str) -> None:
        to = await receiver(database, webhook)
        if to is None:
            return
        told = await told_of(database, attempt=attempt, state=state, names_person=to.names_person)
        if told is None:
            return
        failure = await _send(client, to, told, message=id_of(attempt, state))
        await note_telling(database, webhook, failure=failure)
        if failure is not None:
            _log.warning("webhook %s not told of call %d: %s", to.name, attempt, failure)
            raise Untold

    return jobs


async def _take_up_stalled(jobs: Jobs) -> None:
    """What a process that died was telling is told again."""
    for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_S, queue="webhooks"):
        await jobs.job_manager.retry_job(job)
