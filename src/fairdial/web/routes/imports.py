"""Lists taken in by upload: sent, looked at, its columns chosen, checked, taken in or given up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from fairdial.app.imports import Imports, TooLarge
from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.core.contacts.columns import COLUMNS, REQUIRED, proposed
from fairdial.core.contacts.number import Number, read_number
from fairdial.core.policy.pack import Pack
from fairdial.ledger.people.uploads import (
    Orders,
    UploadState,
    rejected_page,
    show_evidence,
    upload_of,
    uploads_page,
)
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import Id, Name

router = APIRouter(tags=["imports"])

Imports_ = Annotated[Caller, Depends(needs(Permission.IMPORT_LISTS))]
FileName = Annotated[
    str, Query(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$", description="As the file is called.")
]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file's own bytes.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_TOO_LARGE: dict[int | str, dict[str, Any]] = {413: {"model": Problem, "description": "It is too large."}}
_MOST_EVIDENCE = 64 * 2**20
_DIGITS, _DAY = re.compile(r"\+?[0-9]{7,}"), re.compile(r"(19|20)[0-9]{6}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def imports(request: Request) -> Imports:
    """The uploads that this server works at."""
    held: Imports = request.app.state.imports
    return held


Held = Annotated[Imports, Depends(imports)]


class FieldShown(BaseModel):
    """What a list may hold, and the headers by which it is found."""

    name: str = Field(examples=["number"])
    headers: list[str] = Field(examples=[["电话", "手机", "号码", "number", "phone"]])
    is_required: bool


class OrdersAsked(BaseModel):
    """How the file is to be read."""

    list: Name = Field(description="A new list, or one to which people are added.", examples=["renewals"])
    places: dict[str, int] = Field(
        description="The column of each field, counted from 0.", examples=[{"name": 0, "number": 2, "source": 7}]
    )
    same: dict[str, Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]] = Field(
        default_factory=dict,
        description="What holds for every row whose own cell is empty, by field.",
        examples=[{"basis": "existing_customer"}],
    )


class ImportShown(BaseModel):
    """One upload as it stands."""

    id: int
    file_name: str
    sha256: str
    size: int = Field(description="Bytes.")
    encoding: str = Field(description="`xlsx`, or the encoding of a CSV.", examples=["gb18030"])
    header: list[str]
    state: UploadState
    was_lost: bool = Field(description="Whoever worked at it is silent; it can be begun anew.")
    orders: OrdersAsked | None
    rows_done: int = Field(description="Rows written so far while it is `importing`.")
    rows_total: int | None
    accepted: int | None = Field(description="Rows that can be used, or were taken in.")
    rejected: int = Field(description="Rows that cannot; `bad` tells why.")
    evidence_shown: int = Field(description="Evidence files that were shown.")
    evidence_named: int | None = Field(description="Evidence files the list names.")
    evidence_missing: list[str] = Field(
        description="Those of them that were not shown, the first 200; to who uploaded."
    )
    problem: str | None = Field(description="Why the file as a whole cannot be read.")
    uploaded_by: str
    uploaded_at: datetime
    ended_at: datetime | None


class Preview(BaseModel):
    """What a file begins with; numbers are masked."""

    header: list[str]
    rows: list[list[str]]
    fields: list[FieldShown]
    proposed: dict[str, int] = Field(
        description="The column of each field, as its header tells.", examples=[{"number": 2}]
    )


class BadRow(BaseModel):
    """A row that is not taken in."""

    line: int
    column: str | None
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str


class EvidenceSeen(BaseModel):
    file_name: str
    sha256: str


@router.get("/lists/imports")
async def list_imports(who: Imports_, app: Opened, after: After = None, limit: PageSize = 50) -> Page[ImportShown]:
    """A page of uploads, the newest first."""
    key = key_of(after, int)
    before = int(key[0]) if key else None
    rows = await uploads_page(app.database, tenant=who.tenant, before=before, limit=limit)
    items = [_shown(row, who, app) for row in rows]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.post("/lists/imports", status_code=HTTPStatus.CREATED, openapi_extra=_FILE, responses=_TOO_LARGE)
async def upload_list(request: Request, who: Imports_, app: Opened, held: Held, file_name: FileName) -> ImportShown:
    """Send a CSV or XLSX file; nobody is taken in by that alone."""
    most = app.settings.most_list_mb * 2**20
    _refuse_early(request, most)
    try:
        upload, _ = await held.receive(
            app, request.stream(), tenant=who.tenant, by=who.name, file_name=_last(file_name)[:200]
        )
    except TooLarge as error:
        raise _too_large(most) from error
    return await _found(app, who, upload)


@router.get("/lists/imports/{import_id}")
async def show_import(import_id: Id, who: Imports_, app: Opened) -> ImportShown:
    """How far an upload has come."""
    return await _found(app, who, import_id)


@router.get("/lists/imports/{import_id}/preview")
async def preview_import(import_id: Id, who: Imports_, app: Opened, held: Held) -> Preview:
    """The first rows of a file, shown to whoever sent it."""
    shown = await _found(app, who, import_id)
    head = await held.look(app, tenant=who.tenant, upload=import_id) if shown.uploaded_by == who.name else None
    if head is None:
        raise not_found("preview")
    return Preview(
        header=[_plain(cell, app.packs) for cell in head.table.header],
        rows=[[_plain(cell, app.packs) for cell in cells] for _, cells in head.table.rows],
        fields=[
            FieldShown(name=name, headers=list(headers), is_required=name in REQUIRED)
            for name, headers in COLUMNS.items()
        ],
        proposed=proposed(head.table.header),
    )


@router.post("/lists/imports/{import_id}/check", status_code=HTTPStatus.ACCEPTED)
async def check_import(import_id: Id, asked: OrdersAsked, who: Imports_, app: Opened, held: Held) -> ImportShown:
    """Read every row and say which cannot be used, and which evidence is missing; nobody is taken in."""
    return await _work(import_id, asked, who, app, held, is_import=False)


@router.post("/lists/imports/{import_id}/start", status_code=HTTPStatus.ACCEPTED)
async def start_import(import_id: Id, asked: OrdersAsked, who: Imports_, app: Opened, held: Held) -> ImportShown:
    """Take every row that can be used into a list, all of them or none."""
    return await _work(import_id, asked, who, app, held, is_import=True)


@router.post("/lists/imports/{import_id}/cancel", status_code=HTTPStatus.NO_CONTENT)
async def cancel_import(import_id: Id, who: Imports_, app: Opened, held: Held) -> None:
    """Give an upload up: its file is removed, and nobody on it is taken in."""
    await _found(app, who, import_id)
    if not await held.cancel(app, tenant=who.tenant, upload=import_id):
        raise Refused(HTTPStatus.CONFLICT, "over", "this import is over already 导入已结束")


@router.post(
    "/lists/imports/{import_id}/evidence", status_code=HTTPStatus.CREATED, openapi_extra=_FILE, responses=_TOO_LARGE
)
async def show_evidence_file(
    request: Request, import_id: Id, who: Imports_, app: Opened, file_name: FileName
) -> EvidenceSeen:
    """Show an evidence file that rows of the list name; its SHA-256 is kept, the file stays yours to keep."""
    shown = await _found(app, who, import_id)
    if shown.ended_at is not None:
        raise Refused(HTTPStatus.CONFLICT, "over", "this import is over already 导入已结束")
    _refuse_early(request, _MOST_EVIDENCE)
    digest = await _digest(request.stream())
    await show_evidence(app.database, tenant=who.tenant, upload=import_id, file_name=file_name, sha256=digest)
    return EvidenceSeen(file_name=file_name, sha256=digest)


@router.get("/lists/imports/{import_id}/bad")
async def list_bad_rows(
    import_id: Id, who: Imports_, app: Opened, after: After = None, limit: PageSize = 50
) -> Page[BadRow]:
    """A page of the rows that cannot be used: line, column, why, and what to do."""
    await _found(app, who, import_id)
    key = key_of(after, int)
    begins = int(key[0]) if key else 0
    rows = await rejected_page(app.database, upload=import_id, after=begins, limit=limit)
    items = [BadRow.model_validate(row) for row in rows]
    return Page(items=items, next=cursor(begins + limit) if len(items) == limit else None)


@router.get(
    "/lists/imports/{import_id}/bad.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "All of them, as a spreadsheet reads them."}},
)
async def download_bad_rows(
    import_id: Id, who: Imports_, app: Opened, language: Annotated[str, Query(pattern="^(zh|en)$")] = "zh"
) -> Response:
    """Every row that cannot be used, as a file."""
    await _found(app, who, import_id)
    rows = await rejected_page(app.database, upload=import_id, after=0, limit=None)
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(("行", "列", "原因", "处理办法") if language == "zh" else ("line", "column", "reason", "remedy"))
    for row in rows:
        cells = (row["line"], row["column"] or "", row[f"reason_{language}"], row[f"remedy_{language}"])
        writer.writerow([_inert(str(cell)) for cell in cells])
    headers = {"Content-Disposition": f'attachment; filename="bad-rows-{import_id}.csv"'}
    return Response("\ufeff" + table.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _work(
    import_id: int, asked: OrdersAsked, who: Caller, app: Opened, held: Imports, *, is_import: bool
) -> ImportShown:
    await _found(app, who, import_id)
    orders = Orders(list=asked.list, places=asked.places, same=asked.same)
    await held.work(app, tenant=who.tenant, upload=import_id, orders=orders, is_import=is_import)
    return await _found(app, who, import_id)


async def _found(app: Opened, who: Caller, import_id: int) -> ImportShown:
    row = await upload_of(app.database, tenant=who.tenant, upload=import_id)
    if row is None:
        raise not_found("import")
    return _shown(row, who, app)


def _shown(row: RowMapping, who: Caller, app: Opened) -> ImportShown:
    is_own = row["uploaded_by"] == who.name
    return ImportShown.model_validate(
        {
            **row,
            "sha256": row["file_sha256"],
            "header": [_plain(cell, app.packs) for cell in row["header"]],
            "evidence_missing": row["evidence_missing"] if is_own else [],
        }
    )


def _refuse_early(request: Request, most: int) -> None:
    """Answer a body that says it is too large before it is read."""
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > most:
        raise _too_large(most)


def _too_large(most: int) -> Refused:
    megabytes = most // 2**20
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"a file has at most {megabytes} MB; split it into several files 文件不得超过 {megabytes} MB,请拆分",
        headers={"Connection": "close"},
    )


async def _digest(pieces: AsyncIterator[bytes]) -> str:
    found, size = sha256(), 0
    async for piece in pieces:
        size += len(piece)
        if size > _MOST_EVIDENCE:
            raise _too_large(_MOST_EVIDENCE)
        found.update(piece)
    if not size:
        raise Refused(HTTPStatus.BAD_REQUEST, "input", "the file is empty 文件是空的")
    return found.hexdigest()


def _plain(cell: str, packs: Mapping[str, Pack]) -> str:
    """A cell to look at: short, its numbers masked."""
    if isinstance(number := read_number(cell, packs), Number):
        return masked(number.e164)
    if _SHA256.fullmatch(cell):
        return cell
    return _DIGITS.sub(lambda found: found[0] if _DAY.fullmatch(found[0]) else masked(found[0]), cell[:200])


def _inert(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _last(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2] or path
