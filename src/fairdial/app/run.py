"""A run of a campaign: begun, spread over processes, looked after and ended."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from fairdial.app import App
from fairdial.app.line_watch import WATCH_S, watch_lines
from fairdial.app.run_watch import RunWatch
from fairdial.app.webhooks import tell_in_turn
from fairdial.app.work import Job, Worked, follow_law, work, worker_name
from fairdial.app.worker import start
from fairdial.campaign.dialer import Watcher
from fairdial.campaign.supervisor import Supervisor, SupervisorHands, Worker
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.policy.pack import PLATFORM, Signal
from fairdial.core.script.clip import Wording
from fairdial.core.script.fields import speakable
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import ScriptWordings
from fairdial.core.workers import shares
from fairdial.errors import FairdialError, InputError
from fairdial.ledger.caller_names import weigh_callers
from fairdial.ledger.calls import attempts
from fairdial.ledger.calls.answer_hours import count_answers
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.presence import Presence
from fairdial.ledger.calls.run_orders import is_stopped
from fairdial.ledger.calls.runs import end_run, join_run, member, start_run
from fairdial.ledger.calls.suspensions import pull_brakes
from fairdial.ledger.chores import take_turn
from fairdial.ledger.database import Database
from fairdial.ledger.evidence import EvidenceKey, chain_state, evidence_key, seal, seal_all
from fairdial.ledger.lines import weigh
from fairdial.ledger.months import make_months_in_turn
from fairdial.ledger.parties import stored_line
from fairdial.ledger.people.contacts import fields_in_parts
from fairdial.ledger.setup import stored_script
from fairdial.line.baresip_line import MOST_CALLS
from fairdial.models import require_run
from fairdial.retention import run_retention
from fairdial.tenant_law import LivingLaw, law_of
from fairdial.upkeep import Chore, upkeep
from fairdial.voice.clips import ClipShelf

SEAL_S = 5.0
"""Seconds between two seals of the evidence."""

UNSEALED_S = 15.0
"""Seconds between two counts of what waits to be sealed."""

RETENTION_S = 24 * 3600.0
"""Seconds between two removals of what is over, by one of all workers: a run looks every hour and at its end."""

CALLERS_S = 300.0
"""Seconds between two looks at how a campaign's caller numbers are taken."""
ANSWERS_S = 6 * 3600.0
"""Seconds between two counts of when people answer, by one of all workers, where a campaign learns from it."""

MONTHS_S = 3600.0
BRAKE_S = 60.0
"""Seconds between two looks at the brakes, by one of all workers; a complaint pulls them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Where a run finds its clips, leaves its recordings, and who is told of its progress.

    Attributes:
        processes: Over how many its calls are spread; 1 makes them in this process. Others read their settings from
            the same environment as this one.
        order: What it was ordered by, whose run other workers carry beside this one; None to run it alone.
        stays: Whether it goes on until nobody will be due any more, and not only until nobody is due now.
        drain_s: Seconds that living calls get to end when this part of an ordered run is left to others.
    """

    clips: Path
    recordings: Path
    watcher: Watcher
    processes: int = 1
    order: int | None = None
    stays: bool = False
    drain_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a campaign; `was_stopped` when a signal ended it, or this part of it, before everybody was asked; no `task` when
    there was nothing left to do."""

    task: Task | None
    was_stopped: bool
    punctuality: Punctuality


class Stoppable(Protocol):
    """A dialer or a supervisor."""

    def stop(self) -> None: ...

    def drain(self, within_s: float) -> None: ...


async def run_campaign(app: App, campaign: str, options: RunOptions) -> Ran:
    """Run one campaign once: ask for every contact, call whoever may be called.

    One run of a campaign at a time, whatever number of processes it has. A run that was ordered is carried by every worker that
    joins it; the last one to have nothing left ends it. Of an order that is over nothing is done.

    Raises:
        InputError: The campaign is unknown or run by others, clips are missing, or the line carries more than the processes can.
        ModelError: A model file is missing; nothing has been dialled.
        LineError: The line cannot be opened or does not answer any more.
        WorkerError: Workers died again and again.
    """
    runs = app.watch.meters.runs
    try:
        ran = await _run(app, campaign, options)
    except FairdialError as error:
        runs.labels(error.code).inc()
        raise
    runs.labels("stopped" if ran.was_stopped else "done").inc()
    return ran


async def _run(app: App, campaign: str, options: RunOptions) -> Ran:
    tenant = app.settings.tenant
    async with member(app.database, tenant=tenant, campaign=campaign, order=options.order) as presence:
        require_run(app.settings.recognition.engines, app.settings.models)
        if options.order is None:
            task: Task | None = await start_run(app.database, tenant=tenant, campaign=campaign)
        else:
            task = await join_run(app.database, order=options.order)
        if task is None:
            return Ran(task=None, was_stopped=False, punctuality=Punctuality())
        worked = await _carry(app, campaign, task, options)
        await _leave(app.database, task, options.order, presence, was_stopped=worked.was_stopped)
    return Ran(task=task, was_stopped=worked.was_stopped, punctuality=worked.punctuality)


async def _leave(database: Database, task: Task, order: int | None, presence: Presence, *, was_stopped: bool) -> None:
    """End the run, unless it is an ordered one that others carry on, or may: then whoever is last does."""
    if order is not None:
        if was_stopped and not await is_stopped(database, order=order):
            return
        if not await presence.is_last():
            return
    await end_run(database, task, order=order)


async def _carry(app: App, campaign: str, task: Task, options: RunOptions) -> Worked:
    """Carry a run, or a part of it, until nobody is left to be asked or it is stopped."""
    tenant = app.settings.tenant
    law = LivingLaw(app.database, app.packs, tenant=tenant, law=await law_of(app.database, app.packs, tenant=tenant))
    script = parse_script(await stored_script(app.database, task.script_hash), name=task.script_hash[:12])
    people, said, wordings = 0, ScriptWordings(script), dict[Wording, None]()
    async for part in fields_in_parts(app.database, tenant=tenant, campaign=campaign):
        people += len(part)
        wordings |= dict.fromkeys(said.of(speakable(script, part)))
    ClipShelf(options.clips).require(wordings)
    capacity = sum([(await stored_line(app.database, one)).capacity for one in task.all_lines])
    spread = _spread(capacity, options)
    _make_folder(options.recordings)
    options.watcher.began(people)
    # What has piled up, such as a long import, is sealed before anybody talks: hashing it would hold up the sound.
    key = await evidence_key(app.database, app.settings.home)
    await seal_all(app.database, key)

    def job(share: int) -> Job:
        folders = {"clips": options.clips.absolute(), "recordings": options.recordings.absolute()}
        return Job(task=task, worker=worker_name(), capacity=share, stays=options.stays, **folders)

    ordered = partial(_stopping_on_signals, drain_s=None if options.order is None else options.drain_s)

    watch = RunWatch(app.watch, task)
    watcher = watch.watcher(options.watcher)
    async with upkeep(app.watch.chores(_chores(app, task, law, key, options.recordings))):
        if len(spread) == 1:
            return await work(app, job(spread[0]), law, ordered=ordered, watcher=watcher)
        return await _supervise(app, job, spread, ordered, watcher, watch)


async def _supervise(
    app: App,
    job: Callable[[int], Job],
    spread: Sequence[int],
    ordered: Callable[[Stoppable], AbstractContextManager[None]],
    watcher: Watcher,
    watch: RunWatch,
) -> Worked:
    """Have workers of these shares carry the run's calls."""

    async def start_one(share: int) -> Worker:
        return await start(job(share))

    async def settle(worker: str) -> None:
        watch.settled(await attempts.settle_worker(app.database, worker))

    hands = SupervisorHands(start=start_one, settle=settle)
    supervisor = Supervisor(hands, shares=spread, watcher=watcher)
    with ordered(supervisor):
        await supervisor.run()
    return Worked(was_stopped=supervisor.was_stopped, punctuality=supervisor.punctuality)


def _spread(capacity: int, options: RunOptions) -> tuple[int, ...]:
    """The shares of a line's calls; of a run that others carry, too, no more than the processes can.

    Raises:
        InputError: One of them is more than a process carries.
    """
    if options.order is not None:
        capacity = min(capacity, MOST_CALLS * options.processes)
    spread = shares(capacity, processes=options.processes)
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


def _chores(app: App, task: Task, law: LivingLaw, key: EvidenceKey, recordings: Path) -> list[Chore]:
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

    async def count_unsealed() -> None:
        app.watch.meters.unsealed.set((await chain_state(app.database)).unsealed)

    async def callers_in_turn() -> None:
        numbers = task.all_caller_numbers
        if await take_turn(app.database, f"callers {numbers[0]}", every=timedelta(seconds=CALLERS_S)):
            await weigh_callers(app.database, numbers)

    async def answers_in_turn() -> None:
        tenant = app.settings.tenant
        if await take_turn(app.database, f"answers {tenant}", every=timedelta(seconds=ANSWERS_S)):
            await count_answers(app.database, tenant=tenant)

    async def months_in_turn() -> None:
        if strays := await make_months_in_turn(app.database):
            logging.getLogger(__name__).error(
                "%d rows of calls and events came before their month had a partition; see docs/why/scale.md", strays
            )

    return [
        follow_law(law),
        Chore(name="months", every_s=MONTHS_S, work=months_in_turn, last=months_in_turn),
        Chore(name="answers", every_s=ANSWERS_S / 6, work=answers_in_turn, last=answers_in_turn),
        Chore(name="callers", every_s=CALLERS_S, work=callers_in_turn),
        Chore(
            name="lines",
            every_s=WATCH_S,
            work=partial(watch_lines, app.database, task.all_lines),
            last=partial(weigh, app.database, task.all_lines),
        ),
        Chore(name="brakes", every_s=BRAKE_S, work=brakes_in_turn, last=brakes),
        Chore(name="retention", every_s=RETENTION_S / 24, work=retention_in_turn, last=retention_in_turn),
        Chore(name="unsealed", every_s=UNSEALED_S, work=count_unsealed),
        Chore(
            name="seal",
            every_s=SEAL_S,
            work=partial(seal, app.database, key),
            last=partial(seal_all, app.database, key),
        ),
        tell_in_turn(app, also_at_end=True),
    ]


@contextmanager
def _stopping_on_signals(whoever: Stoppable, *, drain_s: float | None) -> Iterator[None]:
    """Ctrl-C or SIGTERM stops politely; a second one ends at once, as usual. With `drain_s` SIGTERM leaves the run to others."""
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    def once() -> None:
        restore()
        whoever.stop()

    def leave(within_s: float) -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        whoever.drain(within_s)

    loop.add_signal_handler(signal.SIGINT, once)
    if drain_s is None:
        loop.add_signal_handler(signal.SIGTERM, once)
    else:
        loop.add_signal_handler(signal.SIGTERM, leave, drain_s)
    try:
        yield
    finally:
        restore()
