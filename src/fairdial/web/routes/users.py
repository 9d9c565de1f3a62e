"""Users and keys of the tenant."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission, Role
from fairdial.core.policy.case import Level
from fairdial.ledger.access import sessions
from fairdial.ledger.access import users as accounts
from fairdial.ledger.people.readers import readers, set_reader
from fairdial.ledger.seen import Overtaken
from fairdial.web.asking import Opened, needs
from fairdial.web.preconditions import OVERTAKEN, IfMatch, changed, seen
from fairdial.web.problems import not_found
from fairdial.web.routes.session import Name

router = APIRouter(tags=["users"])

Manager = Annotated[Caller, Depends(needs(Permission.MANAGE_USERS))]


class UserShown(BaseModel):
    name: str
    roles: list[Role]
    is_active: bool
    has_totp: bool
    has_password: bool
    has_oidc: bool = Field(description="Linked to somebody at an OpenID Connect provider.")
    reads: Level = Field(description="Up to which level they read what is known of people.")
    made_by: str
    made_at: datetime
    etag: str = Field(description="Send it as `If-Match` when you change them.")


class NewUser(BaseModel):
    name: Name
    roles: list[Role] = Field(min_length=1, max_length=10)


class UserChange(BaseModel):
    roles: list[Role] | None = Field(default=None, min_length=1, max_length=10)
    is_active: bool | None = None


class ReadingLevel(BaseModel):
    level: Level = Field(description="`private`: what was said; `sensitive`: recordings, too.")


class Link(BaseModel):
    token: str = Field(description="Good once, for a day: /sign-in#token signs in with it.")


class KeyShown(BaseModel):
    id: int
    name: str
    scopes: list[Permission]
    made_by: str
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


class NewKey(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["crm"])]
    scopes: list[Permission] = Field(min_length=1, max_length=30)
    ends_at: AwareDatetime


class MadeKey(BaseModel):
    key: str = Field(description="Shown this once.")


@router.get("/users")
async def list_users(who: Manager, app: Opened) -> list[UserShown]:
    """Everybody who may sign in."""
    rows = await accounts.users(app.database, tenant=who.tenant)
    levels = {row["name"]: row["level"] for row in await readers(app.database, tenant=who.tenant)}
    return [
        UserShown.model_validate(
            {
                **row,
                "reads": levels.get(row["name"], Level.GENERAL),
                "etag": accounts.user_etag(row["roles"], row["is_active"]),
            }
        )
        for row in rows
    ]


@router.post("/users", status_code=HTTPStatus.CREATED)
async def add_user(asked: NewUser, who: Manager, app: Opened) -> Link:
    """Let somebody sign in; the link is theirs."""
    await accounts.add_user(app.database, tenant=who.tenant, name=asked.name, roles=asked.roles, by=who.name)
    return Link(token=await accounts.make_link(app.database, tenant=who.tenant, name=asked.name, by=who.name))


@router.patch("/users/{name}", status_code=HTTPStatus.NO_CONTENT, responses=OVERTAKEN)
async def change_user(name: str, asked: UserChange, who: Manager, app: Opened, if_match: IfMatch = None) -> None:
    """Change what somebody may do, or shut them out; not oneself."""
    kept = await accounts.change_user(
        app.database,
        tenant=who.tenant,
        name=name,
        roles=asked.roles,
        is_active=asked.is_active,
        by=who.name,
        seen=seen(if_match),
    )
    if isinstance(kept, Overtaken):
        raise changed(next((one for one in await list_users(who, app) if one.name == name), None))


@router.put("/users/{name}/level", status_code=HTTPStatus.NO_CONTENT)
async def set_level(name: str, asked: ReadingLevel, who: Manager, app: Opened) -> None:
    """Say up to which level somebody may read, as `fairdial reader set` does; nobody raises their own."""
    if all(one["name"] != name for one in await accounts.users(app.database, tenant=who.tenant)):
        raise not_found("user")
    await set_reader(app.database, tenant=who.tenant, name=name, level=asked.level, by=who.name)


@router.post("/users/{name}/link", status_code=HTTPStatus.CREATED)
async def make_link(name: str, who: Manager, app: Opened) -> Link:
    """A new way in for somebody who forgot their password."""
    return Link(token=await accounts.make_link(app.database, tenant=who.tenant, name=name, by=who.name))


@router.get("/keys")
async def list_keys(who: Manager, app: Opened) -> list[KeyShown]:
    """Keys of programs, without the keys themselves."""
    return [KeyShown.model_validate(dict(row)) for row in await sessions.api_keys(app.database, tenant=who.tenant)]


@router.post("/keys", status_code=HTTPStatus.CREATED)
async def make_key(asked: NewKey, who: Manager, app: Opened) -> MadeKey:
    """A key for a program, shown once."""
    key = await sessions.make_key(
        app.database, tenant=who.tenant, name=asked.name, scopes=asked.scopes, ends_at=asked.ends_at, by=who.name
    )
    return MadeKey(key=key)


@router.delete("/keys/{key_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke_key(key_id: int, who: Manager, app: Opened) -> None:
    """End a key now."""
    if not await sessions.revoke_key(app.database, tenant=who.tenant, key_id=key_id, by=who.name):
        raise not_found("key")
