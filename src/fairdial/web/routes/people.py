"""One person, named by their number in the body, never in an address: found, shown, exported, erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.masking import masked
from fairdial.core.access.roles import Permission
from fairdial.core.policy.case import Level
from fairdial.errors import InputError
from fairdial.given_number import require_number
from fairdial.ledger.people.person import everything
from fairdial.ledger.views.people import Found, is_known, person_found
from fairdial.retention import erase_person
from fairdial.web.asking import Opened, Recordings, needs
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.shapes import OpinionShown, PhoneNumber, Why

router = APIRouter(tags=["people"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_PEOPLE))]
Erases = Annotated[Caller, Depends(needs(Permission.ERASE_PEOPLE))]


class Whose(BaseModel):
    number: PhoneNumber


class Asked(Whose):
    reason: Why
    level: Level = Field(default=Level.SENSITIVE, description="Read no more than this; one must be allowed it.")


class ToErase(Whose):
    reason: Why
    missing_are_gone: bool = Field(default=False, description="Recordings whose files are not found no longer exist.")


Rows = list[dict[str, Any]]


class PersonKnown(BaseModel):
    """Everything a tenant knows of a person, up to the level that was asked for."""

    contacts: Rows
    consents: Rows
    refusals: Rows
    complaints: Rows
    earlier_contacts: Rows
    calls: Rows
    turns: Rows
    conversations: Rows
    verdicts: Rows
    follow_ups: Rows
    call_backs: Rows


class PersonErased(BaseModel):
    refusals_kept: int = Field(description="Found by the keyed hash of the number and nothing else.")
    recordings_removed: int


class VerdictFound(BaseModel):
    outcome: str = Field(examples=["deny"])
    decided_at: datetime
    until: datetime | None
    opinions: list[OpinionShown] = Field(description="Every rule that spoke, with its citation and the facts it saw.")
    pack_versions: list[str]


class CallFound(BaseModel):
    id: int
    state: str
    disposition: str | None
    outcome: str | None
    grade: str | None
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


class CampaignFound(BaseModel):
    """What one campaign had to do with a contact."""

    campaign: str = Field(examples=["renewal"])
    purpose: str
    outcome: str | None = Field(description="What came of it; null while it is open.")
    not_before: datetime | None
    verdict: VerdictFound | None = Field(description="The gate's newest answer; null when it was never asked.")
    calls: list[CallFound]


class ContactFound(BaseModel):
    id: int
    list: str
    line_no: int
    number: str | None = Field(description="Masked; null when it was erased.", examples=["+86154****0001"])
    region: str | None
    kind: str
    basis: str | None
    data_source: str | None
    campaigns: Campaigns


Campaigns = list[CampaignFound]


class ConsentFound(BaseModel):
    purposes: list[str]
    channels: list[str]
    form: str
    artificial_voice: bool
    any_hour: bool
    obtained_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None


class RefusalFound(BaseModel):
    id: int
    scope: str
    purpose: str | None
    source: str
    kind: str
    call: int | None
    understood_at: datetime
    durable_at: datetime | None


class ComplaintFound(BaseModel):
    id: int
    category: str
    source: str
    received_at: datetime
    closed_at: datetime | None


class PersonFound(BaseModel):
    """Why somebody was, or was not, called."""

    contacts: list[ContactFound]
    consents: list[ConsentFound]
    refusals: list[RefusalFound]
    complaints: list[ComplaintFound]


@router.post("/people/find")
async def find_person(asked: Whose, who: Sees, app: Opened) -> PersonFound:
    """Where a person stands, in every campaign, and the newest verdict with its citations; numbers stay masked."""
    number = require_number(asked.number, app.packs).e164
    found = await person_found(app.database, tenant=who.tenant, number=number)
    if found is None:
        raise not_found("person")
    return _found(found)


@router.post("/people/show")
async def show_person(asked: Asked, who: Sees, app: Opened) -> PersonKnown:
    """Everything known about a person; the reading, its reason, and a refused one are recorded."""
    return PersonKnown.model_validate(await _known(asked, who, app))


@router.post("/people/export", response_model=PersonKnown)
async def export_person(asked: Asked, who: Sees, app: Opened) -> Response:
    """The same as a file, for the person who asks."""
    known = PersonKnown.model_validate(await _known(asked, who, app)).model_dump_json(indent=1)
    headers = {"Content-Disposition": 'attachment; filename="person.json"'}
    return Response(known + "\n", headers=headers, media_type="application/json")


@router.post("/people/erase", responses={409: {"model": Problem, "description": "They are being called right now."}})
async def erase(asked: ToErase, who: Erases, app: Opened, folder: Recordings) -> PersonErased:
    """Erase a person's data; refusals stay as keyed hashes, so that they are never called again."""
    number = await _number_known(asked, who, app)
    try:
        erased = await erase_person(
            app.database,
            tenant=who.tenant,
            number=number,
            by=who.name,
            reason=asked.reason,
            recordings=folder,
            missing_are_gone=asked.missing_are_gone,
        )
    except InputError as error:
        raise Refused(HTTPStatus.CONFLICT, "not-erased", str(error)) from error
    return PersonErased(refusals_kept=erased.refusals_kept, recordings_removed=erased.recordings_removed)


async def _known(asked: Asked, who: Caller, app: Opened) -> dict[str, list[dict[str, Any]]]:
    number = await _number_known(asked, who, app)
    return await everything(
        app.database, tenant=who.tenant, number=number, by=who.name, level=asked.level, reason=asked.reason
    )


async def _number_known(asked: Whose, who: Caller, app: Opened) -> str:
    number = require_number(asked.number, app.packs).e164
    if not await is_known(app.database, tenant=who.tenant, number=number):
        raise not_found("person")
    return number


def _found(found: Found) -> PersonFound:
    def verdict(row: Mapping[str, Any]) -> dict[str, Any] | None:
        return None if row["verdict"] is None else {**row, "outcome": row["verdict"]}

    def campaigns(contact: int) -> list[dict[str, Any]]:
        return [
            {**row, "verdict": verdict(row), "calls": _calls(found, contact, row["campaign"])}
            for row in found.asked
            if row["contact_id"] == contact
        ]

    return PersonFound.model_validate(
        {
            "contacts": [
                {
                    **row,
                    "kind": row["number_kind"],
                    "number": masked(row["number"]) if row.get("number") else None,
                    "campaigns": campaigns(row["id"]),
                }
                for row in found.contacts
            ],
            **{name: [dict(row) for row in getattr(found, name)] for name in ("consents", "refusals", "complaints")},
        }
    )


def _calls(found: Found, contact: int, campaign: str) -> list[dict[str, Any]]:
    return [dict(row) for row in found.calls if row["contact_id"] == contact and row["campaign"] == campaign]
