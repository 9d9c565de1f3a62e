"""Runs of a campaign: start, stop, and watch its calls as they happen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from fairdial.app.runs import Runs
from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.ledger.database import Database
from fairdial.ledger.views.campaigns import campaign_named
from fairdial.ledger.views.living import living
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import Refused, not_found

router = APIRouter(tags=["runs"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CAMPAIGNS))]
Operator = Annotated[Caller, Depends(needs(Permission.RUN_CAMPAIGNS))]

_LOOK_S = 0.4
"""Seconds between two looks at the ledger; a change is told within half a second."""


def runs(request: Request) -> Runs:
    """The runs that this server has started."""
    held: Runs = request.app.state.runs
    return held


Held = Annotated[Runs, Depends(runs)]


class RunState(BaseModel):
    """Whether a run goes on that this server started."""

    is_running: bool
    last_words: str | None = Field(description="Why the newest run did not end well; null when it did.")


class LivingCall(BaseModel):
    """One call as it stands; data of the event `calls` is a list of these."""

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


@router.get("/campaigns/{name}/run")
async def show_run(name: str, who: Sees, app: Opened, held: Held) -> RunState:
    """Whether the campaign runs here."""
    await _known(app.database, who, name)
    return RunState(is_running=held.is_running(who.tenant, name), last_words=held.last_words(who.tenant, name))


@router.post("/campaigns/{name}/run", status_code=HTTPStatus.ACCEPTED)
async def start_run(name: str, who: Operator, app: Opened, held: Held) -> RunState:
    """Ask the gate for everybody and call whoever may be called."""
    await _known(app.database, who, name)
    await held.start(who.tenant, name)
    return RunState(is_running=held.is_running(who.tenant, name), last_words=None)


@router.post("/campaigns/{name}/run/stop", status_code=HTTPStatus.ACCEPTED)
async def stop_run(name: str, who: Operator, app: Opened, held: Held) -> None:
    """Start no more calls; the living ones say goodbye."""
    await _known(app.database, who, name)
    if not held.stop(who.tenant, name):
        raise Refused(HTTPStatus.CONFLICT, "not-running", f"no run of {name} goes on here 任务没有在运行")


@router.get(
    "/campaigns/{name}/live",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "Server-sent events `calls`: all calls that live now, whenever one has changed.",
        }
    },
)
async def watch_run(name: str, who: Sees, app: Opened, request: Request) -> StreamingResponse:
    """Every call of the newest run that lives now, told anew whenever one changes; who reconnects misses nothing."""
    campaign = await _known(app.database, who, name)
    return StreamingResponse(
        _changes(app.database, int(campaign["id"]), request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _changes(database: Database, campaign_id: int, request: Request) -> AsyncIterator[str]:
    told: list[dict[str, Any]] | None = None
    while not await request.is_disconnected():
        calls = [_shown(row).model_dump(mode="json") for row in await living(database, campaign_id=campaign_id)]
        if calls != told:
            told = calls
            yield f"event: calls\ndata: {json.dumps(calls, ensure_ascii=False)}\n\n"
        else:
            yield ": still here\n\n"
        await asyncio.sleep(_LOOK_S)


async def _known(database: Database, who: Caller, name: str) -> Mapping[str, Any]:
    row = await campaign_named(database, tenant=who.tenant, name=name)
    if row is None:
        raise not_found("campaign")
    return dict(row)


def _shown(row: dict[str, Any]) -> LivingCall:
    names = set(LivingCall.model_fields) - {"number"}
    return LivingCall(number=masked(row.get("number", "")), **{name: row[name] for name in names})
