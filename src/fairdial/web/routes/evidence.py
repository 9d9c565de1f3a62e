"""Evidence: exported as one file, checked again, and the proof of a single call."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from datetime import date
from http import HTTPStatus
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.evidence_check import Broken, Proven
from fairdial.core.evidence_proof import proof_line
from fairdial.ledger.calls.evidence import events_of_call, proofs_of_call
from fairdial.ledger.evidence import (
    chain_state,
    day_span,
    evidence_key,
    export,
    lines_in,
    note_export,
    seal_all,
    verify,
)
from fairdial.ledger.parties import other_tenants
from fairdial.ledger.views.calls import has_attempt
from fairdial.web.asking import Opened, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import CallId

router = APIRouter(tags=["evidence"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_COMPLIANCE))]
SeesCalls = Annotated[Caller, Depends(needs(Permission.SEE_CALLS))]
Exports = Annotated[Caller, Depends(needs(Permission.EXPORT_EVIDENCE))]

MOST_BYTES = 64 << 20
"""Of a file that is checked here; a greater one is checked where it lies."""

MEDIA_TYPE = "application/x-ndjson"

Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1), description="In Beijing.")]


class ChainShown(BaseModel):
    """How far the evidence chain of the installation reaches."""

    public_key: str | None = Field(description="Of the key that signs; hand it over by another way than a file.")
    seals: int
    sealed_at: str | None = Field(description="When the last seal was made.")
    unsealed: int = Field(description="Events that wait for the next seal; 10000 stands for more.")


class Span(BaseModel):
    first: Day = Field(examples=["2026-11-01"])
    last: Day = Field(description="Included.", examples=["2026-11-30"])


class Checked(BaseModel):
    """What the verifier found; `line` and `problem` name the first thing that is wrong."""

    is_genuine: bool
    public_key: str | None = Field(description="Of the key that signed all of it; null when it is not genuine.")
    is_ours: bool = Field(description="Whether that is the key of this installation.")
    first_seal: int | None = None
    seals: int | None = None
    events: int | None = None
    line: int | None = None
    problem: str | None = None


class SealedEventShown(BaseModel):
    id: int
    at: str = Field(examples=["2026-11-25T01:40:00.000000Z"])
    kind: str = Field(examples=["permit.insert"])
    seal: int | None = Field(description="Number of the seal over it; null until it is sealed.")
    sealed_at: str | None


class CallEvidence(BaseModel):
    public_key: str | None
    events: list[SealedEventShown] = Field(description="In the order of the chain.")


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        "description": "The file; `fairdial evidence verify FILE` checks it without database and network.",
    },
    409: {"model": Problem, "description": "Other tenants' events stand in the same chain."},
}


class _Lines(PlainTextResponse):
    media_type = MEDIA_TYPE


@router.get("/evidence")
async def show_chain(who: Sees, app: Opened) -> ChainShown:
    """How far the chain reaches, and the public key that a stranger compares."""
    state = await chain_state(app.database)
    return ChainShown(
        public_key=state.public_key, seals=state.seals, sealed_at=state.sealed_at, unsealed=state.unsealed
    )


@router.post("/evidence/exports", response_class=StreamingResponse, responses=_FILE)
async def export_evidence(asked: Span, who: Exports, app: Opened) -> StreamingResponse:
    """Every sealed event of a span of days as one file; that it was exported is an event, sealed with the rest."""
    if await other_tenants(app.database, who.tenant):
        raise Refused(
            HTTPStatus.CONFLICT,
            "several-tenants",
            "one chain holds the events of every tenant here; the operator exports it with `fairdial evidence export`,"
            " and each call's own proof is on its page. 证据链含其他企业的事件,请平台运营方导出;每通电话的证明见其页面",
        )
    since, until = day_span(asked.first, asked.last)
    key = await evidence_key(app.database, app.settings.home)
    await note_export(app.database, tenant=who.tenant, by=who.name, first=asked.first, last=asked.last)
    await seal_all(app.database, key)
    lines = export(app.database, key, since=since, until=until)
    head = await anext(lines)
    name = f"evidence-{asked.first}-{asked.last}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_written(head, lines), headers=headers, media_type=MEDIA_TYPE)


@router.post(
    "/evidence/verify",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            "description": f"An exported file or the proof of a call, at most {MOST_BYTES >> 20} MiB.",
        }
    },
    responses={413: {"model": Problem, "description": "It is checked where it lies."}},
)
async def verify_evidence(
    request: Request,
    who: Sees,
    app: Opened,
    public_key: Annotated[
        str | None, Query(pattern="^[0-9a-fA-F]{64}$", description="The key that must have signed it.")
    ] = None,
) -> Checked:
    """Check a file as anybody can offline; it is read and not kept."""
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > MOST_BYTES:
        raise _too_large()
    with tempfile.TemporaryFile() as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            await run_in_threadpool(file.write, chunk)
        file.seek(0)
        answer = await run_in_threadpool(_check, file, public_key)
    ours = (await chain_state(app.database)).public_key
    if isinstance(answer, Broken):
        return Checked(is_genuine=False, public_key=None, is_ours=False, line=answer.line, problem=answer.problem)
    return Checked(
        is_genuine=True,
        public_key=answer.public_key,
        is_ours=answer.public_key == ours,
        first_seal=answer.first,
        seals=answer.seals,
        events=answer.events,
    )


@router.get("/calls/{call_id}/evidence")
async def show_call_evidence(call_id: CallId, who: SeesCalls, app: Opened) -> CallEvidence:
    """What the chain holds of the making of one call, and which seal stands over it."""
    if not await has_attempt(app.database, tenant=who.tenant, call_id=call_id):
        raise not_found("call")
    found = await events_of_call(app.database, tenant=who.tenant, call_id=call_id)
    events = [
        SealedEventShown(id=one.event.id, at=one.event.at, kind=one.event.kind, seal=one.seal, sealed_at=one.sealed_at)
        for one in found
    ]
    return CallEvidence(public_key=(await chain_state(app.database)).public_key, events=events)


@router.get(
    "/calls/{call_id}/evidence/proof",
    response_class=_Lines,
    responses={409: {"model": Problem, "description": "Nothing of it is sealed yet."}},
)
async def prove_call(call_id: CallId, who: SeesCalls, app: Opened) -> _Lines:
    """The proof that a call's events stand under signed seals, a line each; `fairdial evidence verify FILE` checks it."""
    if not await has_attempt(app.database, tenant=who.tenant, call_id=call_id):
        raise not_found("call")
    proofs = await proofs_of_call(app.database, tenant=who.tenant, call_id=call_id)
    if not proofs:
        raise Refused(
            HTTPStatus.CONFLICT,
            "unsealed",
            "nothing of this call is sealed yet; ask again in some seconds 尚未封存,请稍后再试",
        )
    headers = {"Content-Disposition": f'attachment; filename="call-{call_id}-proof.jsonl"'}
    return _Lines("".join(proof_line(one) + "\n" for one in proofs), headers=headers)


def _check(file: IO[bytes], public_key: str | None) -> Proven | Broken:
    return verify(lines_in(file), public_key=public_key)


async def _written(head: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield head + "\n"
    async for line in rest:
        yield line + "\n"


def _too_large() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"more than {MOST_BYTES >> 20} MiB; check it where it lies: fairdial evidence verify FILE"
        " 文件过大,请在本地核对",
        headers={"Connection": "close"},
    )
