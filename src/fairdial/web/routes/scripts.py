"""Scripts from draft to approved version: edited without losing another's words, submitted, read, approved by somebody else."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from fairdial.app.scripts import approve_sound, compared_with, may_be_named, read_version, submit_draft
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.spoken import spoken_changes
from fairdial.errors import InputError
from fairdial.ledger.script_drafts import Draft, Overtaken, draft_of, drafts, save_draft, written_version
from fairdial.ledger.scripts import Version, comment_on_script, reject_script, script_versions
from fairdial.ledger.setup import stored_script
from fairdial.review.blocks import blocks
from fairdial.review.write_docx import docx_of
from fairdial.review.write_html import html_of
from fairdial.web.asking import Clips, Desk, Opened, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.script_shapes import (
    CommentShown,
    DraftShown,
    GraphShown,
    Hash,
    ScriptName,
    ScriptShown,
    ScriptText,
    VersionShown,
    WordingShown,
    comment_shown,
    draft_shown,
    graph_shown,
    version_shown,
    wordings_shown,
)
from fairdial.web.shapes import NO_NUL, Name, Sentence

router = APIRouter(tags=["scripts"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_SCRIPTS))]
Writes = Annotated[Caller, Depends(needs(Permission.WRITE_SCRIPTS))]
Reviews = Annotated[Caller, Depends(needs(Permission.REVIEW_SCRIPTS))]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="The etag of the text this was made from, in quotes."),
]
IfNew = Annotated[str | None, Header(alias="If-None-Match", max_length=200, description="`*` for a new script.")]


class Changed(Problem):
    """Somebody else has written since."""

    current: DraftShown | None = Field(description="What stands there now, to be merged with; null: nothing.")


_EDITED: dict[int | str, dict[str, Any]] = {
    412: {"model": Changed, "description": "Somebody else has written since; merge and try again."},
    428: {"model": Problem, "description": "It does not say which text it was made from."},
}
_REVIEWED: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "It waits for no review, or is of who asks."}
}


class Edited(BaseModel):
    text: ScriptText


class Why(BaseModel):
    reason: Sentence | None = None


class Rejection(BaseModel):
    reason: Sentence = Field(examples=["开场没有说明来意"])


class NewComment(BaseModel):
    at: Name | None = Field(default=None, description="The step it is about.", examples=["remind"])
    words: Sentence = Field(examples=["这一句太长"])


class VersionDetail(BaseModel):
    version: VersionShown
    text: str
    graph: GraphShown
    wordings: list[WordingShown]


class ChangeShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: str = Field(description="A step, or a part of the script.", examples=["remind"])
    before: str | None
    after: str | None


class Diff(BaseModel):
    against: str | None = Field(description="The version it was compared with; null when there was none.")
    changes: list[ChangeShown]


class DocumentFormat(StrEnum):
    DOCX = "docx"
    HTML = "html"


_MEDIA = {
    DocumentFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    DocumentFormat.HTML: "text/html; charset=utf-8",
}
Against = Annotated[
    str | None, Query(min_length=1, max_length=64, pattern=NO_NUL, description="Hash of a version, or how it begins.")
]
Format = Annotated[DocumentFormat, Query()]


@router.get("/scripts")
async def list_scripts(who: Sees, app: Opened) -> list[ScriptShown]:
    """Every script that somebody edits or has submitted, by name."""
    edited = {one.name: one for one in await drafts(app.database, tenant=who.tenant)}
    versions: dict[str, list[Version]] = {}
    for version in await script_versions(app.database, tenant=who.tenant):
        versions.setdefault(version.name, []).append(version)
    return [_listed(name, edited.get(name), versions.get(name, [])) for name in sorted(edited | versions)]


@router.get("/scripts/{name}")
async def show_script(name: ScriptName, who: Sees, app: Opened, response: Response) -> DraftShown:
    """The text of a script; of one that nobody edits, that of its newest version."""
    draft = await draft_of(app.database, tenant=who.tenant, name=name)
    if draft is None:
        raise not_found("script")
    response.headers["ETag"] = f'"{draft.etag}"'
    return draft_shown(draft)


@router.put("/scripts/{name}", responses=_EDITED)
async def write_script(
    name: ScriptName,
    edited: Edited,
    who: Writes,
    app: Opened,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNew = None,
) -> DraftShown:
    """Keep a text, with errors or without, in the place of the one it was made from."""
    is_new = if_match is None and if_none_match == "*"
    if if_match is None and not is_new:
        raise _unsaid()
    if not may_be_named(name):
        raise InputError(
            f"{name} is no name for a script here; letters, digits, _, - and . make one 请换一个名称:文字、数字、_、-、."
        )
    kept = await save_draft(
        app.database,
        tenant=who.tenant,
        name=name,
        written=edited.text,
        by=who.name,
        seen=None if if_match is None else _etag(if_match),
    )
    if isinstance(kept, Overtaken):
        raise _changed(kept.current)
    response.headers["ETag"] = f'"{kept.etag}"'
    return draft_shown(kept)


@router.post("/scripts/{name}/submit", responses={**_EDITED, **_REVIEWED})
async def submit_script(
    name: ScriptName, why: Why, who: Writes, app: Opened, desk: Desk, if_match: IfMatch = None
) -> VersionShown:
    """Make a version of the text and ask for its review; a text with an error is not taken."""
    if if_match is None:
        raise _unsaid()
    draft = await draft_of(app.database, tenant=who.tenant, name=name)
    if draft is None:
        raise not_found("script")
    if draft.etag != _etag(if_match):
        raise _changed(draft)
    return version_shown(
        await submit_draft(app.database, await desk.loaded(), draft, tenant=who.tenant, by=who.name, reason=why.reason)
    )


@router.get("/scripts/{name}/versions")
async def list_versions(name: ScriptName, who: Sees, app: Opened) -> list[VersionShown]:
    """What was submitted and what became of it, the newest first."""
    found = await script_versions(app.database, tenant=who.tenant, name=name)
    if not found and await draft_of(app.database, tenant=who.tenant, name=name) is None:
        raise not_found("script")
    return [version_shown(version) for version in found]


@router.get("/scripts/{name}/versions/{version}")
async def show_version(
    name: ScriptName, version: Hash, who: Sees, app: Opened, desk: Desk, clips: Clips
) -> VersionDetail:
    """One version: its text, where it leads, and what it says."""
    found = await _version(app, who, name, version)
    written = await written_version(app.database, tenant=who.tenant, script_hash=version)
    assert written is not None, "it was found"

    def work() -> VersionDetail:
        read = read_version(version, written, desk.standards)
        assert read.graph is not None, "what is kept is a script"
        return VersionDetail(
            version=version_shown(found),
            text=written.text,
            graph=graph_shown(read.graph),
            wordings=wordings_shown(read, clips),
        )

    return await desk.work(work)


@router.post("/scripts/{name}/versions/{version}/approve", responses=_REVIEWED)
async def approve_version(
    name: ScriptName, version: Hash, why: Why, who: Reviews, app: Opened, desk: Desk
) -> VersionShown:
    """Let a version be dialled for 180 days; whoever submitted it cannot."""
    found = await _version(app, who, name, version)
    await approve_sound(app.database, await desk.loaded(), found, tenant=who.tenant, by=who.name, reason=why.reason)
    return version_shown(await _version(app, who, name, version))


@router.post("/scripts/{name}/versions/{version}/reject", responses=_REVIEWED)
async def reject_version(name: ScriptName, version: Hash, why: Rejection, who: Reviews, app: Opened) -> VersionShown:
    """Reject a version, or take back its approval: it is not dialled from now on."""
    await _version(app, who, name, version)
    await reject_script(app.database, tenant=who.tenant, script_hash=version, by=who.name, reason=why.reason)
    return version_shown(await _version(app, who, name, version))


@router.post("/scripts/{name}/versions/{version}/comments", status_code=HTTPStatus.CREATED)
async def comment_on_version(name: ScriptName, version: Hash, said: NewComment, who: Sees, app: Opened) -> CommentShown:
    """Say something about a version, or about one of its steps; it stays as it was said."""
    await _version(app, who, name, version)
    return comment_shown(
        await comment_on_script(
            app.database, tenant=who.tenant, script_hash=version, at=said.at, words=said.words, by=who.name
        )
    )


@router.get("/scripts/{name}/versions/{version}/diff")
async def compare_version(name: ScriptName, version: Hash, who: Sees, app: Opened, against: Against = None) -> Diff:
    """What is said that was not said before, place by place; compared with the version that is approved if none is named."""
    script = await _script(app, who, name, version)
    other = await compared_with(app.database, tenant=who.tenant, script=script, against=against)
    changes = await asyncio.to_thread(spoken_changes, other, script)
    return Diff(
        against=other.hash if other else None, changes=[ChangeShown.model_validate(change) for change in changes]
    )


@router.get(
    "/scripts/{name}/versions/{version}/document",
    response_class=Response,
    responses={
        200: {
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _MEDIA.values()},
            "description": "Every line, branch and clip in the order of a conversation, as a file.",
        }
    },
)
async def download_document(
    name: ScriptName, version: Hash, who: Sees, app: Opened, clips: Clips, format: Format = DocumentFormat.DOCX
) -> Response:
    """The document for a carrier or a reviewer on paper; the page holds the clips that the server has."""
    script = await _script(app, who, name, version)

    def work() -> bytes:
        told = blocks(script)
        return docx_of(told) if format is DocumentFormat.DOCX else html_of(told, clips=clips).encode()

    file = quote(f"{name}-{version[:12]}.{format}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{file}"}
    return Response(await asyncio.to_thread(work), media_type=_MEDIA[format], headers=headers)


async def _script(app: Opened, who: Caller, name: str, version: str) -> Script:
    await _version(app, who, name, version)
    return parse_script(await stored_script(app.database, version), name=version[:12])


def _listed(name: str, draft: Draft | None, versions: list[Version]) -> ScriptShown:
    newest = versions[0] if versions else None
    approved = next((version for version in versions if version.approved_until), None)
    shown = version_shown(newest) if newest else None
    edited_at = draft.edited_at if draft else newest.stored_at if newest else None
    assert edited_at is not None, "one of the two named it"
    return ScriptShown(
        name=name,
        title=newest.title if newest else None,
        edited_at=edited_at,
        edited_by=draft.edited_by if draft else shown.submitted_by if shown else None,
        has_draft=draft is not None and draft.is_edited,
        newest=shown,
        approved=version_shown(approved) if approved else None,
    )


async def _version(app: Opened, who: Caller, name: str, version: str) -> Version:
    found = await script_versions(app.database, tenant=who.tenant, name=name)
    one = next((one for one in found if one.hash == version), None)
    if one is None:
        raise not_found("version")
    return one


def _etag(header: str) -> str:
    return header.strip().removeprefix("W/").strip('"')


def _unsaid() -> Refused:
    return Refused(
        HTTPStatus.PRECONDITION_REQUIRED,
        "precondition",
        "send If-Match with the etag of the text you began from, or If-None-Match: * for a new script 请先载入最新内容",
    )


def _changed(current: Draft | None) -> Refused:
    by = f" by {current.edited_by}" if current and current.edited_by else ""
    return Refused(
        HTTPStatus.PRECONDITION_FAILED,
        "changed",
        f"it was changed{by} meanwhile; merge both and save again 内容已被他人修改,请合并后再保存",
        members={"current": draft_shown(current).model_dump(mode="json") if current else None},
    )
