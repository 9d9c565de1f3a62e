"""Signing in and out, one's own password and second factor."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fairdial.core.access.caller import Caller
from fairdial.core.access.signing_in import LONGEST_SESSION, address_class
from fairdial.errors import InputError
from fairdial.ledger.access.sessions import caller_of_session, end_session, open_session
from fairdial.ledger.access.tries import Wait
from fairdial.ledger.access.users import (
    User,
    WantsCode,
    begin_totp,
    confirm_totp,
    set_password,
    try_own_password,
    try_password,
    use_link,
    user_named,
)
from fairdial.web.asking import COOKIE, Anybody, Opened, address_of
from fairdial.web.problems import Problem, Refused

router = APIRouter(tags=["session"])

Name = Annotated[str, Field(min_length=1, max_length=100, examples=["li.compliance"])]
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class SignIn(BaseModel):
    name: Name
    password: Secret
    code: str | None = Field(default=None, max_length=10, description="Of the second factor, where one is set up.")


class SignInByLink(BaseModel):
    token: Secret


class Who(BaseModel):
    """Who is signed in."""

    name: str
    tenant: str
    roles: list[str]
    permissions: list[str]
    csrf: str | None = Field(description="Send it as `X-CSRF-Token` with every write.")
    has_totp: bool
    came_by_link: bool = Field(description="Whether a new password, or second factor, is set without the old password.")
    now: datetime = Field(description="The ledger's clock; a rehearsal's is shifted, and days are counted by it.")


Present = Annotated[
    Secret | None, Field(description="The present password; not asked of who signed in with a link, having none.")
]


class NewPassword(BaseModel):
    password: Secret
    present: Present = None


class TotpBegun(BaseModel):
    secret: str
    address: str = Field(description="`otpauth:` address, for a QR code.")


class TotpConfirmed(BaseModel):
    secret: Secret
    code: Annotated[str, Field(min_length=6, max_length=10)]
    present: Present = None


@router.post("/session", responses={429: {"model": Problem, "description": "Too many tries."}})
async def sign_in(asked: SignIn, request: Request, response: Response, app: Opened) -> Who:
    """Sign in with a password; the answer sets the session's cookie."""
    found = await try_password(
        app.database, name=asked.name, password=asked.password, code=asked.code, address=address_of(request)
    )
    match found:
        case User():
            return await begin_session(app, found, request, response)
        case Wait(until=until):
            raise await too_many(app, until)
        case WantsCode():
            raise Refused(HTTPStatus.UNAUTHORIZED, "code", "enter the code of your authenticator 请输入动态验证码")
        case _:
            raise Refused(HTTPStatus.UNAUTHORIZED, "password", "name or password is wrong 用户名或密码不正确")


@router.post("/session/link")
async def sign_in_by_link(asked: SignInByLink, request: Request, response: Response, app: Opened) -> Who:
    """Sign in with a link that an administrator made; it is good once."""
    found = await use_link(app.database, asked.token)
    if found is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "link", "the link has been used or is over; ask for another 链接已失效")
    return await begin_session(app, found, request, response, by_link=True)


@router.get("/session")
async def who_is_signed_in(who: Anybody, app: Opened) -> Who:
    """Who asks, and what they may."""
    has_totp = who.session_id is not None and (await user_named(app.database, who.name)).has_totp
    return _told(who, has_totp=has_totp, now=await app.database.now())


@router.delete("/session", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(who: Anybody, response: Response, app: Opened) -> None:
    """End the session."""
    if who.session_id is not None:
        await end_session(app.database, who.session_id)
    response.delete_cookie(COOKIE, path="/")


_TRIES: dict[int | str, dict[str, Any]] = {429: {"model": Problem, "description": "Too many tries."}}


@router.put("/session/password", status_code=HTTPStatus.NO_CONTENT, responses=_TRIES)
async def change_password(asked: NewPassword, who: Anybody, request: Request, response: Response, app: Opened) -> None:
    """Set one's own password; every session ends, and one signs in anew."""
    user = await _proved(app, who, asked.present, request)
    await set_password(app.database, user=user, password=asked.password)
    response.delete_cookie(COOKIE, path="/")


@router.post("/session/totp")
async def begin_second_factor(who: Anybody, app: Opened) -> TotpBegun:
    """A secret for an authenticator; it counts once a code of it was sent."""
    secret, address = await begin_totp(await _person(app, who))
    return TotpBegun(secret=secret, address=address)


@router.put("/session/totp", status_code=HTTPStatus.NO_CONTENT, responses=_TRIES)
async def confirm_second_factor(asked: TotpConfirmed, who: Anybody, request: Request, app: Opened) -> None:
    """Ask for a code at every sign-in from now on."""
    user = await _proved(app, who, asked.present, request)
    await confirm_totp(app.database, user=user, secret=asked.secret, code=asked.code)


async def begin_session(app: Opened, user: User, request: Request, response: Response, *, by_link: bool = False) -> Who:
    """Sign somebody in: the answer sets the cookie."""
    neighbourhood = address_class(address_of(request))
    token, _ = await open_session(app.database, user=user, address_class=neighbourhood, by_link=by_link)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST_SESSION.total_seconds()),
        path="/",
        secure=request.app.state.is_secure,
        httponly=True,
        samesite="strict",
    )
    who = await caller_of_session(app.database, token, address_class=neighbourhood)
    if who is None:
        raise InputError("the session ended at once; sign in again 请重新登录")
    return _told(who, has_totp=user.has_totp, now=await app.database.now())


async def too_many(app: Opened, until: datetime) -> Refused:
    """The problem of who must wait."""
    wait_s = int((until - await app.database.now()).total_seconds()) + 1
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS, "wait", f"too many tries; wait {wait_s} s 请稍候再试", retry_after_s=wait_s
    )


async def _person(app: Opened, who: Caller) -> User:
    if who.session_id is None:
        raise Refused(HTTPStatus.FORBIDDEN, "person", "only a person has a password, not a key 密钥没有密码")
    return await user_named(app.database, who.name)


async def _proved(app: Opened, who: Caller, present: str | None, request: Request) -> User:
    """Who asks, if they know their password: whoever sits down at an open screen takes nobody's way in."""
    user = await _person(app, who)
    if who.came_by_link:
        return user
    if present is not None:
        found = await try_own_password(app.database, user=user, password=present, address=address_of(request))
        if isinstance(found, Wait):
            raise await too_many(app, found.until)
        if found:
            return user
    raise Refused(
        HTTPStatus.FORBIDDEN,
        "present-password",
        "enter your present password; who has none signs in with a link from an administrator"
        " 请输入当前密码;没有密码时请管理员生成登录链接",
    )


def _told(who: Caller, *, has_totp: bool, now: datetime) -> Who:
    return Who(
        name=who.name,
        tenant=who.tenant,
        roles=sorted(who.roles),
        permissions=sorted(who.permissions),
        csrf=who.csrf,
        has_totp=has_totp,
        came_by_link=who.came_by_link,
        now=now,
    )
