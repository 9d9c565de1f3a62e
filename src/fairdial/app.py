"""Composition root: the only place where hands are joined to decisions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.campaign.dialer import Calls, Dialer, Hands, Watcher
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.pack import Pack
from fairdial.core.script.fields import speakable, values_of
from fairdial.core.script.model import Script, parse_script
from fairdial.core.script.speech import all_wordings
from fairdial.errors import LedgerError
from fairdial.ledger import attempts, claims
from fairdial.ledger.book import LedgerBook
from fairdial.ledger.contacts import addressee, all_fields
from fairdial.ledger.database import Database, open_database
from fairdial.ledger.evidence import evidence_key, seal, seal_all
from fairdial.ledger.facts import Task
from fairdial.ledger.keys import KeySettings
from fairdial.ledger.parties import stored_line
from fairdial.ledger.permits import ask
from fairdial.ledger.setup import end_run, only_run, start_run, stored_script
from fairdial.ledger.wakes import refusing_persons
from fairdial.line.baresip_line import LineOptions, open_line
from fairdial.models import require
from fairdial.packs import calendar_of, load_packs
from fairdial.settings import Settings, read_settings
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.ears import LocalEars
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.vad import SileroVad

SEAL_S = 5.0
"""Seconds between two seals of the evidence."""


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
    ears = await asyncio.to_thread(_open_ears, app.settings.models)
    vad = SileroVad(require("silero-vad", app.settings.models))
    task = await start_run(app.database, tenant=tenant, campaign=campaign)
    script = parse_script(await stored_script(app.database, task.script_hash), name=task.script_hash[:12])
    clips = ClipShelf(options.clips)
    fields = await all_fields(app.database, tenant=tenant, campaign=campaign)
    clips.require(all_wordings(script, speakable(script, fields)))
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
        async with (
            _sealing(app),
            open_line(line_options) as open_trunk,
            running(VoiceClock(vad)) as clock,
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
            )
            dialer = Dialer(_hands(app, task, script, tools), capacity=line_options.capacity, watcher=options.watcher)
            async with _hearing_refusals(app, dialer):
                with _stopping_on_signals(dialer.stop, enabled=options.handle_signals):
                    await dialer.run()
    finally:
        ears.close()
    await end_run(app.database, task)
    return Ran(task=task, was_stopped=dialer.was_stopped)


@asynccontextmanager
async def _sealing(app: App) -> AsyncIterator[None]:
    """Seal what happens every few seconds beside the run, and once more at its end.

    What has piled up before, such as a long import, is sealed before anybody talks: hashing it would hold up the sound.
    """
    key = evidence_key(app.settings.home)
    await seal_all(app.database, key)

    async def keep_sealing() -> None:
        while True:
            await asyncio.sleep(SEAL_S)
            try:
                await seal(app.database, key)
            except LedgerError as error:
                logging.getLogger(__name__).warning("not sealed: %s; it is tried again", error.code)

    try:
        async with _beside(keep_sealing()):
            yield
    finally:
        await seal_all(app.database, key)


@asynccontextmanager
async def _hearing_refusals(app: App, dialer: Dialer) -> AsyncIterator[None]:
    """Tell the dialer of refusals as they are committed."""

    async def hear() -> None:
        async for person in refusing_persons(app.database):
            dialer.refused(person)

    async with _beside(hear()):
        yield


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something in the background until the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _open_ears(models: Path) -> LocalEars:
    recogniser = WhisperRecogniser(require("whisper-base", models))
    return LocalEars(recogniser, Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding()))


def _hands(app: App, task: Task, script: Script, tools: CallTools) -> Hands:
    worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    database = app.database

    async def claim(count: int) -> list[Claimed]:
        return await claims.claim(database, task, count=count, worker=worker)

    async def ask_gate(contacts: Sequence[Claimed]) -> list[tuple[Verdict, Permit | None]]:
        answers = await ask(database, contacts, task, app.packs, calendar_of, worker=worker)
        return [(answer.verdict, answer.permit) for answer in answers]

    async def place(permit: Permit) -> Calls:
        person = await addressee(database, permit.contact_id)
        values = values_of(script, person.fields)
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
