"""One process's part of a run: its loop, its sound, its telephone, its share of the line's calls."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fairdial.app import App
from fairdial.app.addressing import Addressing
from fairdial.app.routing import Routing
from fairdial.app.run_watch import RunWatch
from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.campaign.dialer import MOST_CLAIMED, Calls, Dialer, Hands, Watcher
from fairdial.core.campaign.life import CampaignState
from fairdial.core.campaign.plan import held_room
from fairdial.core.hearing.endpoint import Endpoint
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.pacing.limits import Limit, Plan, Room
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.case import LineKind
from fairdial.core.script.fields import values_of
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import ScriptWordings
from fairdial.core.trunk import Trunk
from fairdial.errors import LedgerError
from fairdial.ledger.calls import attempts, claims
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.limits import held_now
from fairdial.ledger.calls.live import LiveFeed
from fairdial.ledger.calls.runs import note_held
from fairdial.ledger.calls.wakes import moving_campaigns, refusing_persons
from fairdial.ledger.edge_keys import EdgeSigner
from fairdial.ledger.parties import line_password, stored_line
from fairdial.ledger.setup import stored_script
from fairdial.line.baresip_line import open_lines
from fairdial.line.media_ports import own_media_ports
from fairdial.line.options import EdgeWay, LineOptions, is_loopback
from fairdial.models import require
from fairdial.tenant_law import LivingLaw
from fairdial.upkeep import Chore
from fairdial.voice.announcement_shelf import AnnouncementShelf
from fairdial.voice.chooser import open_chooser
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.ears import LocalEars
from fairdial.voice.endings import load_endings
from fairdial.voice.keeping import require_space
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.vad import SileroVad

HANGS_S = 30.0
"""Seconds after which a loop that stands still is hung: twice a lease, so that everything it held is free."""

_BEAT_S, _HELD_S = 5.0, 2.0

LAW_S = 5.0
"""Seconds after which a running campaign follows newly stored adjustments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process is to do of a run; plain data, so that it can be told to another process.

    Attributes:
        worker: Who holds the claims and attempts of this process; no two processes share a name.
        capacity: Calls at once that this process carries.
        stays: Whether it goes on until nobody will be due any more.
    """

    task: Task
    worker: str
    capacity: int
    clips: Path
    recordings: Path
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """How a process's part ended; `was_stopped` when it was told to before nobody was left."""

    was_stopped: bool
    punctuality: Punctuality


Ordered = Callable[[Dialer], AbstractContextManager[object]]
"""Joins a dialer to whoever may stop it, for as long as it runs."""


def worker_name() -> str:
    """A name that no other process has had."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def follow_law(law: LivingLaw) -> Chore:
    """The chore by which a process follows newly stored adjustments."""
    return Chore(name="adjustments", every_s=LAW_S, work=law.refresh)


async def work(app: App, job: Job, law: LivingLaw, *, ordered: Ordered, watcher: Watcher) -> Worked:
    """Claim, ask and call until nobody is left to be asked.

    Raises:
        InputError: Clips are missing.
        ModelError: A model file is missing; nothing has been dialled.
        LineError: The line cannot be opened or does not answer any more.
    """
    watch = RunWatch(app.watch, job.task)
    recognition = await open_recognition(app.settings.recognition, app.settings.models, failed=watch.recogniser_failed)
    vad = SileroVad(require("silero-vad", app.settings.models))
    script = parse_script(await stored_script(app.database, job.task.script_hash), name=job.task.script_hash[:12])
    ears = LocalEars(recognition, await asyncio.to_thread(_meanings, script))
    lines = [await line_options(app, name) for name in job.task.all_lines]
    feed = LiveFeed(app.database, campaign_id=job.task.campaign_id)
    try:
        async with (
            own_media_ports() as ports,
            open_lines([replace(one, rtp_ports=ports) for one in lines], capacity=job.capacity) as open_trunk,
            running(VoiceClock(vad)) as clock,
            open_chooser(app.settings.chooser) as chooser,
        ):
            watch.sound(open_trunk, clock)
            tools = CallTools(
                line=open_trunk,
                clock=clock,
                clips=ClipShelf(job.clips),
                ears=watch.ears(ears),
                book=watch.book(LedgerBook(app.database)),
                recordings=job.recordings,
                taking=TurnTaking(),
                limits=CallLimits(),
                seals_recordings=app.settings.seals_recordings,
                endpoint=Endpoint(endings=load_endings()),
                chooser=chooser,
                announcements=AnnouncementShelf(app.settings.announcements),
                tell=watch.tell(feed.tell),
            )
            held = _Held(app, job.task)
            told = replace(watcher, held=held.tell(watcher.held))
            hands = watch.hands(_hands(app, job, law, script, tools, watch))
            dialer = Dialer(hands, capacity=job.capacity, watcher=told, stays=job.stays)
            pauses = _hear_pauses(app, dialer, job)
            async with _beside(_hear_refusals(app, dialer), pauses, feed.run(), held.keep(), watched()):
                with ordered(dialer):
                    await dialer.run()
    finally:
        await ears.close()
    return Worked(was_stopped=dialer.was_stopped, punctuality=clock.punctuality)


async def line_options(app: App, name: str) -> LineOptions:
    """What a stored line is opened with."""
    line = await stored_line(app.database, name)
    return LineOptions(
        name=name,
        kind=line.kind,
        address=line.address,
        capacity=line.capacity,
        trunk=line.trunk or Trunk(),
        password=await line_password(app.database, name),
        edge=edge_way(app, line.kind),
    )


def edge_way(app: App, kind: LineKind) -> EdgeWay | None:
    """The edge that calls go through, where there is one; practice goes to none that is elsewhere."""
    address = app.settings.edge
    if address is None or (kind is LineKind.PRACTICE and not is_loopback(address.rpartition(":")[0])):
        return None
    return EdgeWay(address=address, sign=EdgeSigner(app.database))


class _Held:
    """Keeps in the ledger what holds a run, when it has changed, once in a while."""

    def __init__(self, app: App, task: Task) -> None:
        self._app, self._task = app, task
        self._newest: Limit | None = None

    def tell(self, also: Callable[[Plan], None]) -> Callable[[Plan], None]:
        def told(planned: Plan) -> None:
            self._newest = planned.held_by
            also(planned)

        return told

    async def keep(self) -> None:
        kept: Limit | None = None
        while True:
            await asyncio.sleep(_HELD_S)
            if self._newest is not None and self._newest is not kept:
                with contextlib.suppress(LedgerError):
                    newest = self._newest
                    await note_held(self._app.database, self._task, newest)
                    kept = newest


async def watched() -> None:
    """Have the interpreter end this process when the loop stands still: its claims and calls are then another's to settle.

    The watch is a thread that needs neither the loop nor the interpreter's lock; it says where the process stood.
    """
    try:
        while True:
            faulthandler.dump_traceback_later(HANGS_S, exit=True)
            await asyncio.sleep(_BEAT_S)
    finally:
        faulthandler.cancel_dump_traceback_later()


async def _hear_refusals(app: App, dialer: Dialer) -> None:
    """Tell the dialer of refusals as they are committed."""
    async for person in refusing_persons(app.database):
        dialer.refused(person)


async def _hear_pauses(app: App, dialer: Dialer, job: Job) -> None:
    """Have the dialer start no more calls as soon as its campaign does not run; one that stays waits for a paused one."""
    async for states in moving_campaigns(app.database):
        state = states.get(job.task.campaign_id)
        if state is not CampaignState.RUNNING and not (job.stays and state is CampaignState.PAUSED):
            dialer.finish()


@asynccontextmanager
async def _beside(*works: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Have these go on, none of which ends by itself, until the block ends."""
    tasks = [asyncio.create_task(one) for one in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _meanings(script: Script) -> Meanings:
    """What sentences mean to this script: as everywhere, and by its own examples; has read one, so that nobody's waits for a dictionary."""
    meanings = Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding(), examples=script.understand)
    meanings.of("今天天气不错")
    return meanings


def _hands(app: App, job: Job, law: LivingLaw, script: Script, tools: CallTools, watch: RunWatch) -> Hands:
    database, task, worker = app.database, job.task, job.worker
    people, wordings = Addressing(database), ScriptWordings(script)

    routing = Routing(database, task, law, worker=worker, patience_s=app.settings.line_patience_s, stays=job.stays)

    async def room(carried: int) -> Room:
        held = await held_now(database, task.campaign_id)
        if held is not None:
            return held_room(held)
        lines = await routing.lines()
        due = await claims.due_now(database, task, most=MOST_CLAIMED)
        return Room(lines=lines, due=due, worker=carried if carried < sum(one.free for one in lines) else None)

    async def is_due_later() -> bool:
        held = await held_now(database, task.campaign_id)
        return not (held is not None and held.is_over) and await claims.is_due_later(database, task)

    async def claim(count: int) -> list[Claimed]:
        require_space(tools.recordings, least_mb=app.settings.min_free_mb)
        return await routing.claim(count)

    async def place(permit: Permit) -> Calls:
        person = await people.of(permit)
        values = values_of(script, person.fields)
        await asyncio.to_thread(lambda: tools.clips.warm(wordings.of([values])))
        return Conduct(CallPlan(permit=permit, script=script, values=values, zone=person.zone), tools)

    async def give_back(permit: Permit) -> None:
        await attempts.give_back(database, attempt_id=permit.attempt_id)

    async def settle() -> None:
        watch.settled(await attempts.settle_dead(database))

    return Hands(
        room=room,
        claim=claim,
        ask=people.ahead(routing.ask),
        place=place,
        give_back=give_back,
        renew=partial(claims.renew, database, worker=worker),
        settle=settle,
        held_elsewhere=routing.held_elsewhere,
        is_due_later=is_due_later,
        release=partial(claims.release, database, worker=worker),
    )
