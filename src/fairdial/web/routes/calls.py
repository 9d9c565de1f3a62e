"""Calls: what became of each, why it was made, what was said and how it sounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.ledger.calls.wire import wire_of
from fairdial.ledger.views.calls import CallSeen, call_seen, calls_page
from fairdial.web.asking import Opened, Recordings, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.ranges import Beyond, Part, asked_part
from fairdial.web.recordings import begun, heard, words_along
from fairdial.web.shapes import CallId, OpinionShown
from fairdial.web.which_calls import WhichCalls

router = APIRouter(tags=["calls"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_CALLS))]
Hears = Annotated[Caller, Depends(needs(Permission.HEAR_CALLS))]


class CallShown(BaseModel):
    id: int = Field(examples=[17])
    campaign: str = Field(examples=["renewal"])
    run: int
    line_no: int = Field(description="Line of the list's file.")
    number: str | None = Field(description="Masked; null when the person was erased.", examples=["+86154****0001"])
    region: str | None
    permit_id: UUID
    state: str = Field(examples=["ended"])
    disposition: str | None = Field(examples=["answered"])
    grade: str | None = Field(examples=["A"])
    outcome: str | None
    caller_number: str = Field(description="The number shown to the person.", examples=["+8615499990001"])
    line: str
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    first_word_ms: int | None = Field(description="From the answer to our first word.")
    has_recording: bool


class TurnCorrection(BaseModel):
    """What somebody says a person meant."""

    meaning: str = Field(examples=["busy"])
    heard: str | None = Field(default=None, description="What was said, if it was heard wrong and is not withheld.")
    by: str
    at: datetime


class GradeCorrection(BaseModel):
    """Which grade somebody says was due."""

    grade: str = Field(examples=["B"])
    reason: str | None = Field(default=None, description="Null where words are withheld, and once they were erased.")
    by: str
    at: datetime


class TurnShown(BaseModel):
    """One thing heard and what was answered; what was said is null where words are withheld."""

    position: int
    heard: str | None = Field(examples=["不需要,谢谢"])
    said: str | None
    evidence: str | None = Field(description="The words that gave the meaning.")
    answers: dict[str, str] = Field(description="Values the person gave, by their name.")
    meaning: str | None = Field(examples=["refuse"])
    confidence: float | None
    gap_ms: int | None = Field(description="From the end of their speech to our first sound.")
    interrupted: bool
    heard_at: datetime | None
    said_at: datetime | None
    step: str | None = Field(description="The script's step that was said.", examples=["remind"])
    corrections: list[TurnCorrection] = Field(description="The newest, which stands, first.")


class GradeReason(BaseModel):
    by: str = Field(description="law, rule, tag, ending or interest.", examples=["rule"])
    zh: str
    en: str
    words: list[str] | None = Field(description="The person's; null where words are withheld.")


class VerdictShown(BaseModel):
    """The gate's answer that this call was made on."""

    outcome: str = Field(examples=["allow"])
    decided_at: datetime
    until: datetime | None
    opinions: list[OpinionShown]
    pack_versions: list[str]


class PermitShown(BaseModel):
    id: UUID
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    script_hash: str


class RefusalHeard(BaseModel):
    kind: str = Field(examples=["hard"])
    understood_at: datetime
    durable_at: datetime | None


Turns = list[TurnShown]
Grades = list[GradeCorrection]


class CallDetail(CallShown):
    list: str
    goodbye_ended_at: datetime | None
    sip_status: int | None
    announcement: str | None = Field(description="What the network said.")
    call_id: str | None = Field(description="SIP Call-ID.")
    settled_by: str | None
    settled_with: str | None
    call_back_at: datetime | None
    why: GradeReason | None = Field(description="Why it has its grade; null when no conversation is kept.")
    grade_corrections: Grades = Field(description="The newest, which stands, first.")
    refusal: RefusalHeard | None
    verdict: VerdictShown
    permit: PermitShown
    turns: Turns
    is_withheld: bool = Field(description="Whether words are left out: whoever asks may read general data only.")


class WireShown(BaseModel):
    after_ms: int = Field(description="Since the call's first message.")
    is_ours: bool = Field(description="Whether we sent it.")
    what: str = Field(examples=["INVITE", "180 Ringing"])
    of: str = Field(description="The request it belongs to (CSeq).", examples=["51352 INVITE"])
    has_sdp: bool
    told: list[str] = Field(description="Headers that say why.", examples=[["reason: Q.850;cause=21"]])


@router.get("/calls")
async def list_calls(
    who: Sees,
    app: Opened,
    wanted: WhichCalls,
    after: After = None,
    limit: PageSize = 50,
) -> Page[CallShown]:
    """A page of calls, the newest first."""
    key = key_of(after, int)
    before = int(key[0]) if key else None
    rows = await calls_page(app.database, tenant=who.tenant, wanted=wanted, before=before, limit=limit)
    items = [CallShown.model_validate(_row(row)) for row in rows]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/calls/{call_id}")
async def show_call(
    call_id: CallId,
    who: Sees,
    app: Opened,
    words: Annotated[
        bool | None,
        Query(description="Whether what was said is asked for; without it, it is shown to whoever may read it."),
    ] = None,
) -> CallDetail:
    """One call: how it went, why it was made, and what was said if whoever asks may read it.

    That words were read is recorded, once in ten minutes; so is asking for words that one may not read.
    """
    seen = await call_seen(app.database, tenant=who.tenant, call_id=call_id, by=who.name, words=words)
    if seen is None:
        raise not_found("call")
    return _detail(seen)


@router.get("/calls/{call_id}/wire")
async def wire_of_call(call_id: CallId, who: Sees, app: Opened) -> list[WireShown]:
    """The SIP messages of a call in order, without numbers; empty when it sent none."""
    passed = await wire_of(app.database, tenant=who.tenant, call=str(call_id))
    if passed is None:
        raise not_found("call")
    return [WireShown.model_validate(one, from_attributes=True) for one in passed]


class _Vtt(PlainTextResponse):
    media_type = "text/vtt"


_SOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
        "description": "Stereo, 8000 Hz: the person on the left, the system on the right.",
    },
    206: {
        "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The part that was asked for.",
    },
    409: {"model": Problem, "description": "Its file was altered or cut off."},
    416: {"model": Problem, "description": "It has no such part."},
}


@router.get("/calls/{call_id}/recording", response_class=StreamingResponse, responses=_SOUND)
async def hear_call(
    call_id: CallId,
    who: Hears,
    app: Opened,
    folder: Recordings,
    wanted: Annotated[str | None, Header(alias="Range", max_length=200, examples=["bytes=0-65535"])] = None,
) -> Response:
    """How a call sounded, or a part of it; opened if it is sealed. That it was heard is recorded, once in ten minutes."""
    recording = await heard(app, who, call_id, folder)
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": f'inline; filename="call-{call_id}.wav"'}
    part = asked_part(wanted, recording.size)
    if isinstance(part, Beyond):
        raise Refused(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "range",
            f"the recording has {recording.size} bytes 超出录音长度",
            headers=headers | {"Content-Range": f"bytes */{recording.size}"},
        )
    status = HTTPStatus.OK
    if part is not None:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{recording.size}"
    first, last = (part.first, part.last) if isinstance(part, Part) else (0, recording.size - 1)
    headers["Content-Length"] = str(last + 1 - first)
    return StreamingResponse(await begun(recording, first, last), status, headers, media_type="audio/wav")


@router.get(
    "/calls/{call_id}/transcript.vtt",
    response_class=_Vtt,
    responses={
        409: {"model": Problem, "description": "The recording's file was altered or cut off."},
    },
)
async def read_along(call_id: CallId, who: Hears, app: Opened, folder: Recordings) -> Response:
    """A call's words laid along its recording. That it was heard is recorded, once in ten minutes."""
    return _Vtt(await words_along(await heard(app, who, call_id, folder)))


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "number": masked(row["number"]) if row.get("number") else None}


def _detail(seen: CallSeen) -> CallDetail:
    call, why = seen.call, seen.why
    words: dict[str, Any] = {"heard": None, "said": None, "evidence": None, "answers": {}}
    return CallDetail.model_validate(
        {
            **_row(call),
            "why": why and {"by": why.by, "zh": why.zh, "en": why.en, "words": None if seen.is_withheld else why.words},
            "grade_corrections": [dict(one) for one in seen.grade_corrections],
            "refusal": None if call["refusal_kind"] is None else {**call, "kind": call["refusal_kind"]},
            "verdict": {**call, "outcome": call["verdict"]},
            "permit": {**call, "id": call["permit_id"]},
            "turns": [
                {**words, **turn, "corrections": [dict(one) for one in turn["corrections"]]} for turn in seen.turns
            ],
            "is_withheld": seen.is_withheld,
        }
    )
