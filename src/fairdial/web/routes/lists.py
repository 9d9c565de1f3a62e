"""Lists and the contacts on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.ledger.people.intake import lists
from fairdial.ledger.views.contacts import contacts_page
from fairdial.ledger.views.provenance import consents_page, list_files
from fairdial.web.asking import Opened, needs
from fairdial.web.paging import After, Page, PageSize, cursor, key_of
from fairdial.web.problems import not_found

router = APIRouter(tags=["lists"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_LISTS))]


class ListShown(BaseModel):
    name: str
    people: int
    file: str | None
    imported_at: datetime | None


class ContactShown(BaseModel):
    id: int
    line_no: int
    number: str = Field(description="Masked; `POST /people/show` shows it to who may, with a reason.")
    region: str | None
    kind: str
    basis: str | None
    data_source: str | None
    outcome: str | None = Field(description="The gate's newest answer; null while nobody has asked.")
    until: datetime | None = Field(description="Until when they wait.")
    rules: list[str] = Field(description="Rules that speak against calling them now.")


class FileShown(BaseModel):
    """A file that was taken into a list."""

    file: str
    sha256: str
    accepted: int
    rejected: int
    imported_at: datetime
    upload: int | None = Field(description="Its number among `/lists/imports`; null when it came by the command line.")
    by: str | None = Field(description="Who sent it.")


class ConsentShown(BaseModel):
    """A consent as its evidence was given; the evidence itself is shown by `POST /people/show`, with a reason."""

    id: int
    number: str | None = Field(description="Masked; null when no list holds it.", examples=["+86154****0001"])
    lists: list[str]
    purposes: list[str] = Field(examples=[["service"]])
    channels: list[str] = Field(examples=[["call"]])
    form: str = Field(examples=["written"])
    artificial_voice: bool
    any_hour: bool
    obtained_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    recorded_at: datetime


@router.get("/lists")
async def list_lists(who: Sees, app: Opened) -> list[ListShown]:
    """The tenant's lists by name."""
    return [ListShown.model_validate(dict(row)) for row in await lists(app.database, tenant=who.tenant)]


@router.get("/lists/{name}/contacts")
async def list_contacts(
    name: str,
    who: Sees,
    app: Opened,
    after: After = None,
    limit: PageSize = 50,
    region: Annotated[str | None, Query(max_length=60, description="Only contacts of this region.")] = None,
) -> Page[ContactShown]:
    """A page of a list's contacts, each with what was last decided about them."""
    key = key_of(after, int)
    rows = await contacts_page(
        app.database,
        tenant=who.tenant,
        contact_list=name,
        after=int(key[0]) if key else 0,
        limit=limit,
        region=region,
    )
    if rows is None:
        raise not_found("list")
    items = [_shown(row) for row in rows]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


@router.get("/lists/{name}/imports")
async def list_files_of(name: str, who: Sees, app: Opened) -> list[FileShown]:
    """Every file that was taken into a list, the newest first."""
    rows = await list_files(app.database, tenant=who.tenant, contact_list=name)
    if rows is None:
        raise not_found("list")
    return [FileShown.model_validate(dict(row)) for row in rows]


@router.get("/consents")
async def list_consents(
    who: Sees,
    app: Opened,
    after: After = None,
    limit: PageSize = 50,
    contact_list: Annotated[
        str | None, Query(alias="list", max_length=200, pattern=r"^[^\x00]*$", description="Only people of this list.")
    ] = None,
) -> Page[ConsentShown]:
    """A page of consents, the newest first."""
    key = key_of(after, int)
    before = int(key[0]) if key else None
    rows = await consents_page(app.database, tenant=who.tenant, contact_list=contact_list, before=before, limit=limit)
    items = [
        ConsentShown.model_validate({**row, "number": masked(row["number"]) if row.get("number") else None})
        for row in rows
    ]
    return Page(items=items, next=cursor(items[-1].id) if len(items) == limit else None)


def _shown(row: dict[str, Any]) -> ContactShown:
    against = [str(one["rule_id"]) for one in row["opinions"] or () if one.get("outcome") != "allow"]
    return ContactShown(
        id=row["id"],
        line_no=row["line_no"],
        number=masked(row.get("number", "")),
        region=row["region"],
        kind=row["number_kind"],
        basis=row["basis"],
        data_source=row["data_source"],
        outcome=row["outcome"],
        until=row["until"],
        rules=against,
    )
