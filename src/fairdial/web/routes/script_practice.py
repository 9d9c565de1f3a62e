"""Texts of scripts while they are written: checked, rehearsed, talked with, heard; only clips are kept."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from fairdial.app.clips import lacking, missing_clips, wanted_wordings
from fairdial.app.scripts import STARTER
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.errors import InputError, ModelError, SettingsError
from fairdial.ledger.script_drafts import draft_of
from fairdial.rehearsal.report.coverage import Coverage
from fairdial.rehearsal.report.misunderstandings import Misunderstandings
from fairdial.rehearsal.report.refusals import Refusals
from fairdial.rehearsal.report.report import DeadEnd
from fairdial.rehearsal.report.spread import Spread
from fairdial.voice.render import RATE
from fairdial.voice.sound import read_sound, wav_of
from fairdial.web.asking import Clips, Desk, Opened, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.script_shapes import ScriptChecked, ScriptName, ScriptText, checked
from fairdial.web.shapes import NO_NUL, Name

router = APIRouter(tags=["scripts"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_SCRIPTS))]


Writes = Annotated[Caller, Depends(needs(Permission.WRITE_SCRIPTS))]
ClipName = Annotated[str, InPath(min_length=1, max_length=64, examples=["09fcc62db863794a"])]

_CLIP = re.compile(r"[0-9a-f]{16}")
_AGAIN_S = 5
_MOST_BYTES = 3_000_000
"""29 s at 48 kHz and a header."""


class Text(BaseModel):
    text: ScriptText


class Rehearsal(BaseModel):
    text: ScriptText
    callees: int = Field(default=200, ge=1, le=2000, description="How many people are called.")
    seed: int = Field(default=1, ge=0, le=2**31 - 1, description="The same seed brings the same report.")
    cer: float = Field(default=0.0, ge=0, le=1, description="Share of characters heard wrong.")


class WayTaken(BaseModel):
    from_: str = Field(alias="from", examples=["remind"])
    to: str | None
    on: str = Field(examples=["accept"])
    count: int = Field(description="How many calls went this way, once or more often.")


class RehearsalShown(BaseModel):
    """What `fairdial rehearse --json` tells, and what a drawing of the script shows of it."""

    seed: int
    cer: float
    e5: bool = False
    script: str
    hash: str
    calls: int
    people: dict[str, int]
    outcomes: dict[str, int]
    grades: dict[str, int]
    unfinished: int = Field(description="Calls whose conversation never ended.")
    turns: Spread
    seconds: Spread
    coverage: Coverage
    refusals: Refusals
    understanding: Misunderstandings
    dead_ends: list[DeadEnd]
    ways_taken: list[WayTaken]
    steps_reached: dict[str, int] = Field(description="How many calls came to each step.")


Typed = Annotated[str, Field(max_length=500, pattern=NO_NUL)]


class Conversation(BaseModel):
    """A conversation as far as it has come."""

    text: ScriptText
    values: dict[str, Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]] = Field(
        default_factory=dict, description="Variables; typical ones for those left out.", examples=[{"person": "王女士"}]
    )
    heard: list[Typed] = Field(
        default_factory=list,
        max_length=100,
        description="What the person said, one after another: a sentence; nothing for silence; `/key 1`; `/over WORDS` while"
        " we speak; `/quit`.",
        examples=[["对,我是", "不要再打了"]],
    )


class LineSpoken(BaseModel):
    who: Literal["us", "them"]
    words: str = Field(description="Empty when nobody spoke.")
    meaning: str | None = Field(description="What theirs was taken for.", examples=["refuse_hard"])
    confidence: float | None
    step: str | None = Field(description="Where ours was said, and where theirs was heard.")


class Heard(BaseModel):
    words: str = Field(description="Empty when nothing was said.", examples=["不需要,谢谢"])


class TalkShown(BaseModel):
    lines: list[LineSpoken]
    step: str | None
    is_over: bool
    outcome: str | None
    grade: str | None
    refusal: str | None = Field(description="The kind of refusal that a call would have recorded.", examples=["hard"])


@router.get("/scripts/starter")
async def show_starter(who: Sees) -> Text:
    """A short script without a finding, to begin one's own from."""
    return Text(text=STARTER.read_text(encoding="utf-8"))


@router.post("/scripts/check")
async def check_script(asked: Text, who: Sees, desk: Desk, clips: Clips) -> ScriptChecked:
    """What is wrong with a text, by line and column, where it leads and what it says."""
    return await desk.work(lambda: checked(desk.read(asked.text), clips))


@router.post(
    "/scripts/rehearse", responses={429: {"model": Problem, "description": "A rehearsal of the tenant's goes on."}}
)
async def rehearse_script(asked: Rehearsal, who: Sees, desk: Desk) -> RehearsalShown:
    """Let simulated people answer a text, and report what happened; nobody is called. One rehearsal of a tenant at a time."""
    if desk.is_rehearsing(who.tenant):
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rehearsing",
            "a rehearsal goes on; wait for its end 正在演练,请稍候",
            retry_after_s=_AGAIN_S,
        )
    done = await desk.rehearse(who.tenant, asked.text, callees=asked.callees, seed=asked.seed, cer=asked.cer)
    told, leads = done.report, {(arrow.at, arrow.on): arrow.to for arrow in done.graph.arrows}
    ways = [(taken.branch.at, taken.branch.on, taken.calls) for taken in told.coverage.ways]
    return RehearsalShown(
        seed=asked.seed,
        cer=asked.cer,
        ways_taken=[
            WayTaken.model_validate({"from": at, "to": leads.get((at, on)), "on": on, "count": count})
            for at, on, count in ways
        ],
        steps_reached=dict(told.coverage.steps),
        **{field.name: getattr(told, field.name) for field in fields(told)},
    )


@router.post("/scripts/talk")
async def talk_with_script(asked: Conversation, who: Sees, desk: Desk) -> TalkShown:
    """Go through a conversation with everything that was said so far; nobody is called, nothing is kept."""
    talked = await desk.talk(asked.text, values=asked.values, heard=asked.heard)
    return TalkShown(
        lines=[
            LineSpoken(
                who="us" if line.is_ours else "them",
                words=line.words,
                meaning=line.meaning,
                confidence=line.confidence,
                step=line.step,
            )
            for line in talked.lines
        ],
        step=talked.step,
        is_over=talked.is_over,
        outcome=talked.outcome,
        grade=talked.grade,
        refusal=talked.refusal,
    )


_WAV: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/scripts/hear",
    openapi_extra=_WAV,
    responses={409: {"model": Problem, "description": "No recogniser is installed."}},
)
async def hear_words(request: Request, who: Sees, desk: Desk) -> Heard:
    """Write down what was said into a microphone, by the recogniser of calls: WAV, 16-bit PCM, mono, 29 s at most."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _MOST_BYTES:
            raise InputError("it is longer than 29 s; say less 录音过长")
    try:
        return Heard(words=await desk.hear(bytes(content)))
    except (ModelError, SettingsError) as error:
        raise Refused(HTTPStatus.CONFLICT, "no-recogniser", str(error)) from error


@router.get(
    "/scripts/clips/{clip}",
    response_class=Response,
    responses={
        200: {
            "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
            "description": "Mono, 24,000 Hz.",
        }
    },
)
async def hear_clip(clip: ClipName, who: Sees, clips: Clips) -> Response:
    """One clip, by what it says."""
    path = clips / f"{clip}.ogg" if clips and _CLIP.fullmatch(clip) else None
    if path is None or not path.is_file():
        raise not_found("clip")
    samples = await asyncio.to_thread(read_sound, path, rate_hz=RATE)
    return Response(
        wav_of(samples, rate_hz=RATE), media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"}
    )


class ToRender(BaseModel):
    """Of what, and for whom, clips are made."""

    hash: Annotated[str, Field(max_length=64, pattern=NO_NUL)] | None = Field(
        default=None, description="A version; without it, the text as it stands."
    )
    list: Name | None = Field(
        default=None, description="A list: what is said to everybody on it.", examples=["renewal"]
    )


class Begun(BaseModel):
    missing: int = Field(description="How many clips are to be made; with 0 nothing was begun.")


class ClipsLacking(BaseModel):
    """What a run would miss; null where this server has no folder of clips to look into."""

    everybody: int | None = Field(description="Clips of what is said to whoever answers.", examples=[0])
    people: int | None = Field(
        description="Clips that hold something of a person, such as their name; of a long list its first people's.",
        examples=[3],
    )


class RenderingShown(BaseModel):
    is_running: bool
    done: int
    total: int
    last_words: str | None = Field(description="Why it did not end well; null when it did.")


@router.post(
    "/scripts/{name}/render",
    status_code=HTTPStatus.ACCEPTED,
    responses={409: {"model": Problem, "description": "Nobody here speaks, or clips are being made."}},
)
async def render_clips(name: ScriptName, asked: ToRender, who: Writes, app: Opened, desk: Desk, clips: Clips) -> Begun:
    """Have the missing clips of a script spoken, into the folder of clips of this server."""
    if await draft_of(app.database, tenant=who.tenant, name=name) is None:
        raise not_found("script")
    wanted = await wanted_wordings(
        app.database, tenant=who.tenant, name=name, version=asked.hash, contact_list=asked.list
    )
    if (wrong := await desk.renders.why_not()) is not None:
        raise Refused(HTTPStatus.CONFLICT, "cannot-render", wrong)
    assert clips is not None, "there is nothing against it"
    missing = len(missing_clips(wanted, clips))
    if missing:
        await desk.renders.start(who.tenant, name, version=asked.hash, contact_list=asked.list, missing=missing)
    return Begun(missing=missing)


@router.get("/scripts/{name}/lacking")
async def show_lacking(
    name: ScriptName,
    who: Sees,
    app: Opened,
    clips: Clips,
    list: Annotated[Name | None, Query(description="Who would be called; without it, nobody.")] = None,
    hash: Annotated[str | None, Query(max_length=64, pattern=NO_NUL, description="A version.")] = None,
) -> ClipsLacking:
    """Which clips a run over a list would miss: nobody is called while one is."""
    if hash is None and await draft_of(app.database, tenant=who.tenant, name=name) is None:
        raise not_found("script")
    if clips is None:
        return ClipsLacking(everybody=None, people=None)
    found = await lacking(app.database, clips, tenant=who.tenant, name=name, version=hash, contact_list=list)
    return ClipsLacking(everybody=found.everybody, people=found.people)


@router.get("/scripts/{name}/render")
async def show_rendering(name: ScriptName, who: Sees, app: Opened, desk: Desk) -> RenderingShown:
    """How far the newest rendering of a script has come."""
    if await draft_of(app.database, tenant=who.tenant, name=name) is None:
        raise not_found("script")
    return RenderingShown.model_validate(desk.renders.newest(who.tenant, name), from_attributes=True)
