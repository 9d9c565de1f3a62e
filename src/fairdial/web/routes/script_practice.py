"""Texts of scripts while they are written: checked, rehearsed, talked with; nothing is kept."""

from __future__ import annotations

from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fairdial.app.scripts import STARTER
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.rehearsal.report.coverage import Coverage
from fairdial.rehearsal.report.misunderstandings import Misunderstandings
from fairdial.rehearsal.report.refusals import Refusals
from fairdial.rehearsal.report.report import DeadEnd
from fairdial.rehearsal.report.spread import Spread
from fairdial.web.asking import Clips, Desk, needs
from fairdial.web.problems import Problem, Refused
from fairdial.web.script_shapes import Checked, ScriptText, checked
from fairdial.web.shapes import NO_NUL

router = APIRouter(tags=["scripts"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_SCRIPTS))]


_AGAIN_S = 5


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


class LineShown(BaseModel):
    who: Literal["us", "them"]
    words: str = Field(description="Empty when nobody spoke.")
    meaning: str | None = Field(description="What theirs was taken for.", examples=["refuse_hard"])
    confidence: float | None
    step: str | None = Field(description="Where ours was said, and where theirs was heard.")


class TalkShown(BaseModel):
    lines: list[LineShown]
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
async def check_script(asked: Text, who: Sees, desk: Desk, clips: Clips) -> Checked:
    """What is wrong with a text, by line and column, where it leads and what it says."""
    return checked(await desk.read(asked.text), clips)


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
            LineShown(
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
