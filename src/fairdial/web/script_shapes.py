"""Scripts as the API shows them: drafts, versions, what is wrong, where it leads, what is said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from fairdial.app.scripts import Read
from fairdial.core.script.clip import clip_id
from fairdial.core.script.finding import Severity
from fairdial.core.script.review import Review, ReviewState
from fairdial.core.script.spoken import WayKind
from fairdial.ledger.script_drafts import Draft
from fairdial.ledger.scripts import Comment, Version
from fairdial.review.graph import Graph, PointKind
from fairdial.shaped_yaml import MOST_BYTES, sentence
from fairdial.web.shapes import NO_NUL

_MOST_FINDINGS = 500

ScriptName = Annotated[
    str,
    InPath(
        min_length=1,
        max_length=60,
        pattern=NO_NUL,
        description="As `script:` in its text.",
        examples=["insurance-renewal"],
    ),
]
Hash = Annotated[str, InPath(min_length=1, max_length=64, pattern=NO_NUL, description="SHA-256 of its content.")]
ScriptText = Annotated[
    str,
    Field(
        max_length=MOST_BYTES,
        pattern=NO_NUL,
        description=f"YAML, {MOST_BYTES // 1024} KB in UTF-8 at most.",
        examples=["script: my-first-script\ntitle: 我的第一个话术\n"],
    ),
]


class ReviewShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    state: ReviewState
    by: str
    at: datetime
    reason: str | None


class CommentShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: str | None = Field(description="The step it is about; null for the whole script.", examples=["remind"])
    words: str = Field(examples=["这一句太长"])
    by: str
    written_at: datetime


class VersionShown(BaseModel):
    """A content that was submitted, by its hash, and what happened to it."""

    hash: str
    name: str = Field(examples=["insurance-renewal"])
    title: str
    stored_at: datetime
    state: str = Field(description="The last thing that happened: stored, submitted, approved, rejected.")
    approved_until: datetime | None = Field(description="Until when it may be dialled; null: it may not.")
    submitted_by: str | None
    reviews: list[ReviewShown]
    comments: list[CommentShown]


class DraftShown(BaseModel):
    """The text of a script as it stands now."""

    name: str
    text: str
    etag: str = Field(description="Names the text; `If-Match` carries it in quotes.")
    edited_at: datetime
    edited_by: str | None


class ScriptShown(BaseModel):
    name: str = Field(examples=["insurance-renewal"])
    title: str | None
    edited_at: datetime
    edited_by: str | None
    has_draft: bool = Field(description="Whether its text is another than that of its newest version.")
    newest: VersionShown | None
    approved: VersionShown | None


class FindingShown(BaseModel):
    level: Severity
    line: int | None = Field(description="From 1.")
    column: int | None
    code: str | None = Field(description="Stable name of what is looked for.", examples=["unknown-line"])
    where: str | None = Field(description="The place in the content.", examples=["steps.remind.next.accept"])
    words: str = Field(description="What is wrong and what to write, Chinese and English, as the command says it.")
    zh: str
    en: str


class StepShown(BaseModel):
    """A step, one that ends the call, or a branch at which nobody speaks."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["remind"])
    kind: PointKind
    title: str | None
    says: list[str]
    line: int | None
    grade: str | None = Field(description="Of what ends the call.")
    outcome: str | None
    refusal: str | None = Field(description="The kind of refusal that is recorded there.")


class WayShown(BaseModel):
    """Where an answer leads."""

    from_: str = Field(alias="from", description="A step or branch; `anywhere` for what is understood at every step.")
    to: str | None = Field(description="Null where it is answered and asked again, or the call ends.")
    on: str = Field(description="Names the way; a rehearsal counts it under the same.", examples=["refuse_soft"])
    kind: WayKind
    zh: str = Field(examples=["婉拒"])
    en: str = Field(examples=["declines politely"])
    says: list[str]


class GraphShown(BaseModel):
    begin: str
    steps: list[StepShown]
    ways: list[WayShown]


class WordingShown(BaseModel):
    """A piece of speech that is the same for everybody."""

    clip: str = Field(description="Name of its clip, by what it says.", examples=["09fcc62db863794a"])
    text: str
    has_clip: bool


class ScriptChecked(BaseModel):
    findings: list[FindingShown]
    graph: GraphShown | None = Field(description="Null when the text is no script.")
    wordings: list[WordingShown]
    hash: str | None


def version_shown(version: Version) -> VersionShown:
    return VersionShown(
        hash=version.hash,
        name=version.name,
        title=version.title,
        stored_at=version.stored_at,
        state=version.reviews[-1].state if version.reviews else "stored",
        approved_until=version.approved_until,
        submitted_by=submitter(version.reviews),
        reviews=[ReviewShown.model_validate(one) for one in version.reviews],
        comments=[comment_shown(one) for one in version.comments],
    )


def submitter(reviews: tuple[Review, ...]) -> str | None:
    return next((one.by for one in reversed(reviews) if one.state is ReviewState.SUBMITTED), None)


def comment_shown(comment: Comment) -> CommentShown:
    return CommentShown.model_validate(comment)


def draft_shown(draft: Draft) -> DraftShown:
    return DraftShown(
        name=draft.name, text=draft.text, etag=draft.etag, edited_at=draft.edited_at, edited_by=draft.edited_by
    )


def checked(found: Read, clips: Path | None) -> ScriptChecked:
    return ScriptChecked(
        findings=findings_shown(found),
        graph=None if found.graph is None else graph_shown(found.graph),
        wordings=wordings_shown(found, clips),
        hash=found.script.hash if found.script else None,
    )


def findings_shown(found: Read) -> list[FindingShown]:
    placed = ((finding, found.examined.place(finding)[1]) for finding in found.findings[:_MOST_FINDINGS])
    return [
        FindingShown(
            level=finding.severity,
            line=at.line,
            column=at.column,
            code=finding.rule,
            where=".".join(map(str, finding.path)) or None,
            words=sentence(finding),
            zh=f"{finding.zh};{finding.fix_zh}",
            en=f"{finding.en}; {finding.fix_en}",
        )
        for finding, at in placed
    ]


def graph_shown(graph: Graph) -> GraphShown:
    return GraphShown(
        begin=graph.begin,
        steps=[StepShown.model_validate(point) for point in graph.points],
        ways=[
            WayShown.model_validate(
                {"from": a.at, "to": a.to, "on": a.on, "kind": a.kind, "zh": a.zh, "en": a.en, "says": a.says}
            )
            for a in graph.arrows
        ],
    )


def wordings_shown(found: Read, clips: Path | None) -> list[WordingShown]:
    return [
        WordingShown(clip=clip_id(one.wording), text=one.wording.text, has_clip=one.is_here)
        for one in found.clips(clips)
    ]
