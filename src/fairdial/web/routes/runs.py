"""Runs of a campaign: start, stop, and watch its calls as they happen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.pacing.limits import Limit
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.ledger.calls.run_orders import RunStands, Standing, standing, want_run, want_stop
from fairdial.ledger.calls.runs import require_startable
from fairdial.ledger.database import Database
from fairdial.ledger.people.readers import may_read
from fairdial.ledger.views.campaigns import campaign_named
from fairdial.ledger.views.living import note_watched
from fairdial.web.asking import Opened, caller_of, needs
from fairdial.web.live import Hub
from fairdial.web.live_events import View, events
from fairdial.web.problems import Refused, not_found

router = APIRouter(tags=["runs"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]
Operator = Annotated[Caller, Depends(needs(Permission.RUN_CAMPAIGNS))]


_TRIES, _TRY_S = 15, 0.1
"""For so long whoever starts a run waits to hear that it is refused at once."""


def hub(request: Request) -> Hub:
    """The server's one watcher of living calls."""
    one: Hub = request.app.state.live
    return one


Watching = Annotated[Hub, Depends(hub)]


class RunState(BaseModel):
    """How the newest run stands, whoever runs it."""

    state: RunStands = Field(description="`waiting` until a worker has taken it.", examples=["running"])
    is_running: bool = Field(description="Whether it waits for a worker, runs or is being stopped.")
    by: str | None = Field(description="Who started it; null when a command line did.", examples=["wang"])
    at: datetime | None = Field(description="When they did.")
    taken_by: str | None = Field(
        description="The workers that carry it.", examples=["host-1-4711-1f09ab3c, host-2-9-a1"]
    )
    last_words: str | None = Field(description="Why the newest run did not end well; null when it did.")
    held_by: Limit | None = Field(description="While it runs, the limit without which more calls would start.")


class LivingCall(BaseModel):
    """One call as it stands; data of the event `call`."""

    id: int
    number: str = Field(description="Masked.", examples=["+86154****0001"])
    region: str | None
    state: str = Field(examples=["dialing"])
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    disposition: str | None
    grade: str | None
    outcome: str | None
    step: str | None = Field(default=None, description="Of the script.", examples=["offer"])
    said: str | None = Field(default=None, description="What we say, or said last; null where words are withheld.")
    heard: str | None = Field(default=None, description="What the person says, or said last; null where withheld.")
    is_final: bool = Field(default=True, description="Whether `heard` is understood; false while they may go on.")
    meaning: str | None = Field(default=None, examples=["ask_price"])
    confidence: float | None = None
    said_last: bool = Field(default=True, description="Whether `said` is newer than `heard`.")


class LiveCalls(BaseModel):
    """Data of the event `calls`."""

    now: datetime = Field(description="The ledger's clock.")
    is_whole: bool = Field(description="Whether calls that are not here are gone; false when a reader catches up.")
    is_withheld: bool = Field(description="Whether words are left out: whoever asks may read general data only.")
    calls: list[LivingCall]
    gone: list[int]


@router.get("/campaigns/{name}/run")
async def show_run(name: str, who: Sees, app: Opened) -> RunState:
    """Whether the campaign runs, or waits for a worker to run it."""
    await _known(app.database, who, name)
    return _told(await standing(app.database, tenant=who.tenant, campaign=name))


@router.post("/campaigns/{name}/run", status_code=HTTPStatus.ACCEPTED)
async def start_run(name: str, who: Operator, app: Opened) -> RunState:
    """Have a worker ask the gate for everybody and call whoever may be called."""
    await _known(app.database, who, name)
    await require_startable(app.database, tenant=who.tenant, campaign=name)
    await want_run(app.database, tenant=who.tenant, campaign=name, by=who.name)
    stands = await standing(app.database, tenant=who.tenant, campaign=name)
    for _ in range(_TRIES):
        if stands.state is RunStands.ENDED and stands.last_words is not None:
            raise InputError(stands.last_words)
        await asyncio.sleep(_TRY_S)
        stands = await standing(app.database, tenant=who.tenant, campaign=name)
    return _told(stands)


@router.post("/campaigns/{name}/run/stop", status_code=HTTPStatus.ACCEPTED)
async def stop_run(name: str, who: Operator, app: Opened) -> None:
    """Start no more calls; the living ones say goodbye."""
    await _known(app.database, who, name)
    if await want_stop(app.database, tenant=who.tenant, campaign=name, by=who.name):
        return
    if (await standing(app.database, tenant=who.tenant, campaign=name)).state is RunStands.RUNNING:
        raise Refused(
            HTTPStatus.CONFLICT,
            "run-elsewhere",
            f"{name} is run from a command line; Ctrl-C stops it there 请在命令行停止",
        )
    raise Refused(HTTPStatus.CONFLICT, "not-running", f"no run of {name} goes on 任务没有在运行")


def _told(stands: Standing) -> RunState:
    is_running = stands.state in (RunStands.WAITING, RunStands.RUNNING, RunStands.STOPPING)
    return RunState(is_running=is_running, **asdict(stands))


class _Events(StreamingResponse):
    media_type = "text/event-stream"


@router.get(
    "/campaigns/{name}/live",
    response_class=_Events,
    responses={
        200: {
            "model": LiveCalls,
            "description": "Server-sent events. `calls` first: a `LiveCalls` with every call that lives, or with those that"
            " changed since the event named in `Last-Event-ID`. Then `call`: a `LivingCall` that changed; `gone`: the id of"
            " one that ended a while ago. A comment every ten seconds says that the stream lives.",
        }
    },
)
async def watch_run(
    name: str,
    who: Sees,
    app: Opened,
    request: Request,
    hub: Watching,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=60, examples=["1f09ab3c-41"])] = None,
) -> StreamingResponse:
    """The calls of the newest run that live now, and each as it changes: step, and what is being said.

    Words are private: whoever may read them is told, and that they did is an event, once in ten minutes.
    """
    campaign = await _known(app.database, who, name)
    reads = partial(may_read, app.database, tenant=who.tenant, by=who.name, level=Level.PRIVATE)
    with_words = who.may(Permission.SEE_CALLS) and await reads()
    if with_words:
        await note_watched(app.database, tenant=who.tenant, campaign=name, by=who.name)

    async def still_may() -> bool:
        try:
            now = await caller_of(request)
        except Refused:
            return False
        return now.may(Permission.SEE_CAMPAIGNS) and (not with_words or await reads())

    view = View(campaign_id=int(campaign["id"]), since=last, with_words=with_words, still_may=still_may)
    return _Events(events(hub, app.database, view), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _known(database: Database, who: Caller, name: str) -> Mapping[str, Any]:
    row = await campaign_named(database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    return dict(row)
