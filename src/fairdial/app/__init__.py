"""Composition root: the only place where hands are joined to decisions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.campaign.dialer import Calls, Dialer, Hands, Watcher
from fairdial.core.hearing.endpoint import Endpoint
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.pack import PLATFORM, Pack, Signal
from fairdial.core.script.fields import speakable, values_of
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import all_wordings
from fairdial.ledger.calls import attempts, claims
from fairdial.ledger.calls.book import LedgerBook
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import ask
from fairdial.ledger.calls.suspensions import pull_brakes
from fairdial.ledger.calls.wakes import refusing_persons
from fairdial.ledger.chores import take_turn
from fairdial.ledger.database import Database, open_database
from fairdial.ledger.evidence import EvidenceKey, evidence_key, seal, seal_all
from fairdial.ledger.parties import stored_line
from fairdial.ledger.people.contacts import addressee, all_fields
from fairdial.ledger.protection.keys import KeySettings
from fairdial.ledger.setup import end_run, only_run, start_run, stored_script
from fairdial.line.baresip_line import LineOptions, open_line
from fairdial.models import require
from fairdial.packs import calendar_of, load_packs
from fairdial.retention import run_retention
from fairdial.settings import Settings, read_settings
from fairdial.tenant_law import LivingLaw, law_of
from fairdial.upkeep import Chore, upkeep
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

SEAL_S = 5.0
"""Seconds between two seals of the evidence."""

LAW_S = 5.0
"""Seconds after which a running campaign follows newly stored adjustments."""

RETENTION_S = 24 * 3600.0
"""Seconds between two removals of what is over, by one of all workers: a run looks every hour and at its end."""

BRAKE_S = 60.0
"""Seconds between two looks at the brakes, by one of all workers; a complaint pulls them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An open installation: settings, ledger and law."""

    settings: Settings
    database: Database
    packs: Mapping[str, Pack]


@asynccontextmanager
async def open_app(settings: Settings | None = None) -> AsyncIterator[App]:
    """Read the settings, load the law, open the ledger.

    Raises:
        SettingsError: A setting or a rule pack is wrong.
        LedgerError: The database cannot be opened.
    """
    read = settings or read_settings(os.environ)
    packs = load_packs(read.rulepacks)
    keys = KeySettings(folder=read.home, number=read.number_key, master=read.master_key)
    async with open_database(url=read.database_url, keys=keys) as database:
        yield App(settings=read, database=database, packs=packs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Where a run finds its clips, leaves its recordings, and who is told of its progress."""

    clips: Path
    recordings: Path
    watcher: Watcher
    capacity: int | None = None
    limits: CallLimits = field(default_factory=CallLimits)
    handle_signals: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a campaign; `was_stopped` when a signal ended it before everybody was asked."""

    task: Task
    was_stopped: bool
    punctuality: Punctuality


async def run_campaign(app: App, campaign: str, options: RunOptions) -> Ran:
    """Run one campaign once: ask for every contact, call whoever may be called.

    One process runs a campaign at a time.

    Raises:
        InputError: The campaign is unknown or clips are missing.
        ModelError: A model file is missing; nothing has been dialled.
        LineError: The line cannot be opened.
    """
    async with only_run(app.database, tenant=app.settings.tenant, campaign=campaign):
        return await _run(app, campaign, options)


async def _run(app: App, campaign: str, options: RunOptions) -> Ran:
    tenant = app.settings.tenant
    recognition = await open_recognition(app.settings.recognition, app.settings.models)
    vad = SileroVad(require("silero-vad", app.settings.models))
    task = await start_run(app.database, tenant=tenant, campaign=campaign)
    law = LivingLaw(app.database, app.packs, tenant=tenant, law=await law_of(app.database, app.packs, tenant=tenant))
    script = parse_script(await stored_script(app.database, task.script_hash), name=task.script_hash[:12])
    clips = ClipShelf(options.clips)
    fields = await all_fields(app.database, tenant=tenant, campaign=campaign)
    clips.require(all_wordings(script, speakable(script, fields)))
    ears = LocalEars(recognition, await asyncio.to_thread(_meanings, script))
    line = await stored_line(app.database, task.line)
    line_options = LineOptions(
        name=task.line,
        kind=line.kind,
        address=line.address,
        capacity=min(line.capacity, options.capacity or line.capacity),
    )
    options.recordings.mkdir(parents=True, exist_ok=True)
    options.watcher.began(len(fields))
    try:
        # What has piled up, such as a long import, is sealed before anybody talks: hashing it would hold up the sound.
        key = await evidence_key(app.database, app.settings.home)
        await seal_all(app.database, key)
        async with (
            upkeep(_chores(app, law, key, options.recordings)),
            open_line(line_options) as open_trunk,
            running(VoiceClock(vad)) as clock,
            open_chooser(app.settings.chooser) as chooser,
        ):
            tools = CallTools(
                line=open_trunk,
                clock=clock,
                clips=clips,
                ears=ears,
                book=LedgerBook(app.database),
                recordings=options.recordings,
                taking=TurnTaking(),
                limits=options.limits,
                seals_recordings=app.settings.seals_recordings,
                endpoint=Endpoint(endings=load_endings()),
                chooser=chooser,
                announcements=announcement_shelf(app.settings),
            )
            dialer = Dialer(
                _hands(app, task, law, script, tools), capacity=line_options.capacity, watcher=options.watcher
            )
            async with _hearing_refusals(app, dialer):
                with _stopping_on_signals(dialer.stop, enabled=options.handle_signals):
                    await dialer.run()
    finally:
        await ears.close()
    await end_run(app.database, task)
    return Ran(task=task, was_stopped=dialer.was_stopped, punctuality=clock.punctuality)


def announcement_shelf(settings: Settings) -> AnnouncementShelf:
    """Recordings of networks that this installation has heard."""
    return AnnouncementShelf(settings.home / "announcements")


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

    return [
        Chore(name="adjustments", every_s=LAW_S, work=law.refresh),
        Chore(name="brakes", every_s=BRAKE_S, work=brakes_in_turn, last=brakes),
        Chore(name="retention", every_s=RETENTION_S / 24, work=retention_in_turn, last=retention_in_turn),
        Chore(
            name="seal",
            every_s=SEAL_S,
            work=partial(seal, app.database, key),
            last=partial(seal_all, app.database, key),
        ),
    ]


@asynccontextmanager
async def _hearing_refusals(app: App, dialer: Dialer) -> AsyncIterator[None]:
    """Tell the dialer of refusals as they are committed, until the block ends."""

    async def hear() -> None:
        async for person in refusing_persons(app.database):
            dialer.refused(person)

    task = asyncio.create_task(hear(), name="refusals")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _meanings(script: Script) -> Meanings:
    """What sentences mean to this script: as everywhere, and by its own examples."""
    return Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding(), examples=script.understand)


def _hands(app: App, task: Task, law: LivingLaw, script: Script, tools: CallTools) -> Hands:
    worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    database = app.database

    async def claim(count: int) -> list[Claimed]:
        require_space(tools.recordings, least_mb=app.settings.min_free_mb)
        return await claims.claim(database, task, count=count, worker=worker)

    async def ask_gate(contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
        answers = await ask(database, contacts, task, law.packs, calendar_of, worker=worker)
        return {contact: (answer.verdict, answer.permit) for contact, answer in answers.items()}

    async def place(permit: Permit) -> Calls:
        person = await addressee(database, permit.contact_id)
        values = values_of(script, person.fields)
        await asyncio.to_thread(lambda: tools.clips.warm(all_wordings(script, [values])))
        return Conduct(CallPlan(permit=permit, script=script, values=values, zone=person.zone), tools)

    async def give_back(permit: Permit) -> None:
        await attempts.give_back(database, attempt_id=permit.attempt_id)

    async def settle() -> None:
        await attempts.settle_dead(database)

    return Hands(
        claim=claim,
        ask=ask_gate,
        place=place,
        give_back=give_back,
        renew=partial(claims.renew, database, worker=worker),
        settle=settle,
        held_elsewhere=partial(claims.held_elsewhere, database, task, worker=worker),
    )


class _stopping_on_signals:
    """Ctrl-C or SIGTERM stops politely; a second one ends at once, as usual."""

    def __init__(self, stop: Callable[[], None], *, enabled: bool) -> None:
        self._stop, self._enabled = stop, enabled

    def __enter__(self) -> None:
        if self._enabled:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._once)

    def __exit__(self, *_: object) -> None:
        if self._enabled:
            self._restore()

    def _once(self) -> None:
        self._restore()
        self._stop()

    def _restore(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
