"""A run of a campaign: begun, spread over processes, looked after and ended."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from fairdial.app import App
from fairdial.app.work import Job, Worked, follow_law, work, worker_name
from fairdial.app.worker import start
from fairdial.campaign.dialer import Watcher
from fairdial.campaign.supervisor import Supervisor, SupervisorHands, Worker
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.policy.pack import PLATFORM, Signal
from fairdial.core.script.fields import speakable
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import all_wordings
from fairdial.core.workers import shares
from fairdial.errors import InputError
from fairdial.ledger.calls import attempts
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.suspensions import pull_brakes
from fairdial.ledger.chores import take_turn
from fairdial.ledger.evidence import EvidenceKey, evidence_key, seal, seal_all
from fairdial.ledger.months import make_months_in_turn
from fairdial.ledger.parties import stored_line
from fairdial.ledger.people.contacts import all_fields
from fairdial.ledger.setup import end_run, only_run, start_run, stored_script
from fairdial.line.baresip_line import MOST_CALLS
from fairdial.models import require
from fairdial.retention import run_retention
from fairdial.settings import Settings
from fairdial.tenant_law import LivingLaw, law_of
from fairdial.upkeep import Chore, upkeep
from fairdial.voice.clips import ClipShelf

SEAL_S = 5.0
"""Seconds between two seals of the evidence."""

RETENTION_S = 24 * 3600.0
"""Seconds between two removals of what is over, by one of all workers: a run looks every hour and at its end."""

MONTHS_S = 3600.0
BRAKE_S = 60.0
"""Seconds between two looks at the brakes, by one of all workers; a complaint pulls them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Where a run finds its clips, leaves its recordings, and who is told of its progress.

    Attributes:
        processes: Over how many its calls are spread; 1 makes them in this process. Others read their settings from
            the same environment as this one.
    """

    clips: Path
    recordings: Path
    watcher: Watcher
    processes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a campaign; `was_stopped` when a signal ended it before everybody was asked."""

    task: Task
    was_stopped: bool
    punctuality: Punctuality


class Stoppable(Protocol):
    """A dialer or a supervisor."""

    def stop(self) -> None: ...


async def run_campaign(app: App, campaign: str, options: RunOptions) -> Ran:
    """Run one campaign once: ask for every contact, call whoever may be called.

    One run of a campaign at a time, whatever number of processes it has.

    Raises:
        InputError: The campaign is unknown, clips are missing, or the line carries more than the processes can.
        ModelError: A model file is missing; nothing has been dialled.
        LineError: The line cannot be opened or does not answer any more.
        WorkerError: Workers died again and again.
    """
    async with only_run(app.database, tenant=app.settings.tenant, campaign=campaign):
        return await _run(app, campaign, options)


async def _run(app: App, campaign: str, options: RunOptions) -> Ran:
    tenant = app.settings.tenant
    _require_models(app.settings)
    task = await start_run(app.database, tenant=tenant, campaign=campaign)
    law = LivingLaw(app.database, app.packs, tenant=tenant, law=await law_of(app.database, app.packs, tenant=tenant))
    script = parse_script(await stored_script(app.database, task.script_hash), name=task.script_hash[:12])
    fields = await all_fields(app.database, tenant=tenant, campaign=campaign)
    ClipShelf(options.clips).require(all_wordings(script, speakable(script, fields)))
    spread = _spread((await stored_line(app.database, task.line)).capacity, options.processes)
    _make_folder(options.recordings)
    options.watcher.began(len(fields))
    # What has piled up, such as a long import, is sealed before anybody talks: hashing it would hold up the sound.
    key = await evidence_key(app.database, app.settings.home)
    await seal_all(app.database, key)

    def job(share: int) -> Job:
        folders = {"clips": options.clips.absolute(), "recordings": options.recordings.absolute()}
        return Job(task=task, worker=worker_name(), capacity=share, **folders)

    async with upkeep(_chores(app, law, key, options.recordings)):
        if len(spread) == 1:
            worked = await work(app, job(spread[0]), law, ordered=_stopping_on_signals, watcher=options.watcher)
        else:
            worked = await _supervise(app, job, spread, options.watcher)
    await end_run(app.database, task)
    return Ran(task=task, was_stopped=worked.was_stopped, punctuality=worked.punctuality)


async def _supervise(app: App, job: Callable[[int], Job], spread: Sequence[int], watcher: Watcher) -> Worked:
    """Have workers of these shares carry the run's calls."""

    async def start_one(share: int) -> Worker:
        return await start(job(share))

    hands = SupervisorHands(start=start_one, settle=partial(attempts.settle_worker, app.database))
    supervisor = Supervisor(hands, shares=spread, watcher=watcher)
    with _stopping_on_signals(supervisor):
        await supervisor.run()
    return Worked(was_stopped=supervisor.was_stopped, punctuality=supervisor.punctuality)


def _spread(capacity: int, processes: int) -> tuple[int, ...]:
    """The shares of a line's calls.

    Raises:
        InputError: One of them is more than a process carries.
    """
    spread = shares(capacity, processes=processes)
    if spread[0] > MOST_CALLS:
        raise InputError(
            f"the line carries {capacity} calls and a process {MOST_CALLS}; run it with --processes"
            f" {-(-capacity // MOST_CALLS)} or more 请增加进程数"
        )
    return spread


def _make_folder(recordings: Path) -> None:
    """Make the folder of recordings.

    Raises:
        InputError: It cannot be one.
    """
    try:
        recordings.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--recordings {recordings}: cannot be made a folder ({error.strerror}); name another 无法建立录音文件夹"
        ) from error


def _require_models(settings: Settings) -> None:
    """See that no run is begun without the models it needs.

    Raises:
        ModelError: A file is missing or differs.
    """
    require("silero-vad", settings.models)
    if "whisper" in settings.recognition.engines:
        require("whisper-base", settings.models)


def _chores(app: App, law: LivingLaw, key: EvidenceKey, recordings: Path) -> list[Chore]:
    """What is done beside a run, in the order of its last time: what brakes and retention write is sealed."""
    rates = [brake for brake in app.packs[PLATFORM].brakes if brake.signal is not Signal.COMPLAINT]
    brakes = partial(pull_brakes, app.database, rates)

    async def brakes_in_turn() -> None:
        if await take_turn(app.database, "brakes", every=timedelta(seconds=BRAKE_S)):
            await brakes()

    async def retention_in_turn() -> None:
        tenant = app.settings.tenant
        if await take_turn(app.database, f"retention {tenant}", every=timedelta(seconds=RETENTION_S)):
            removed = await run_retention(app.database, law.packs, tenant=tenant, recordings=recordings, by="daily run")
            if removed.not_found:
                logging.getLogger(__name__).warning("%d recordings are over but not found", len(removed.not_found))

    async def months_in_turn() -> None:
        if strays := await make_months_in_turn(app.database):
            logging.getLogger(__name__).error(
                "%d rows of calls and events came before their month had a partition; see docs/why/scale.md", strays
            )

    return [
        follow_law(law),
        Chore(name="months", every_s=MONTHS_S, work=months_in_turn, last=months_in_turn),
        Chore(name="brakes", every_s=BRAKE_S, work=brakes_in_turn, last=brakes),
        Chore(name="retention", every_s=RETENTION_S / 24, work=retention_in_turn, last=retention_in_turn),
        Chore(
            name="seal",
            every_s=SEAL_S,
            work=partial(seal, app.database, key),
            last=partial(seal_all, app.database, key),
        ),
    ]


@contextmanager
def _stopping_on_signals(whoever: Stoppable) -> Iterator[None]:
    """Ctrl-C or SIGTERM stops politely; a second one ends at once, as usual."""
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    def once() -> None:
        restore()
        whoever.stop()

    for number in signals:
        loop.add_signal_handler(number, once)
    try:
        yield
    finally:
        restore()
