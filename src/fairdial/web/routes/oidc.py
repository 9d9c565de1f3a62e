"""Signing in at an OpenID Connect provider. The console goes there and brings its answer back; no address of the API redirects."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response
from pydantic import BaseModel, Field

from fairdial.app.oidc import Provider, Unproved
from fairdial.ledger.access.identities import (
    SIGN_IN_LASTS,
    begin_sign_in,
    count_failure,
    take_begun,
    user_of_identity,
)
from fairdial.ledger.access.secrets import new_token
from fairdial.ledger.access.tries import Wait
from fairdial.web.asking import Opened, address_of, opened
from fairdial.web.problems import Problem, Refused, not_found
from fairdial.web.routes.session import Who, begin_session, too_many

router = APIRouter(tags=["session"])

BROWSER = "fairdial_oidc"
_PATH = "/api/v1/session/oidc"


class Ways(BaseModel):
    """How one may sign in here, besides by password or link."""

    oidc: str | None = Field(description="What the OpenID Connect provider is called; null without one.")


class OidcAsked(BaseModel):
    leads_to: str = Field(
        default="/",
        max_length=2000,
        pattern=r"^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$",
        description="Page of the console to stand on afterwards: a path, never another origin's address.",
        examples=["/campaigns"],
    )


class OidcBegun(BaseModel):
    address: str = Field(description="Go there. The provider sends the browser back to /sign-in/oidc with its answer.")


class OidcAnswer(BaseModel):
    """What stood in the address the provider sent the browser back to."""

    state: str = Field(min_length=1, max_length=200)
    code: str | None = Field(default=None, min_length=1, max_length=4000)
    error: str | None = Field(default=None, max_length=200, description="Why the provider let nobody in.")
    iss: str | None = Field(default=None, max_length=2000)


class OidcSignedIn(BaseModel):
    who: Who
    leads_to: str = Field(description="A path of the console.")


def provider(request: Request) -> Provider:
    """Who is asked; kept while the server runs, with what it told of itself."""
    settings = opened(request).settings.oidc
    if settings is None:
        raise not_found("provider of sign-ins; FAIRDIAL_OIDC_ISSUER names one")
    held: Provider | None = getattr(request.app.state, "provider", None)
    if held is None:
        held = request.app.state.provider = Provider(settings)
    return held


Asked = Annotated[Provider, Depends(provider)]


@router.get("/session/ways")
async def ways_to_sign_in(app: Opened) -> Ways:
    """How one may sign in here; anybody may ask."""
    return Ways(oidc=None if app.settings.oidc is None else app.settings.oidc.name)


@router.post("/session/oidc", responses={429: {"model": Problem, "description": "Too many tries."}})
async def begin_oidc(asked: OidcAsked, request: Request, response: Response, app: Opened, there: Asked) -> OidcBegun:
    """Begin to sign in at the provider; the answer binds it to this browser for ten minutes."""
    browser = new_token()
    begun = await begin_sign_in(app.database, browser=browser, leads_to=asked.leads_to, address=address_of(request))
    if isinstance(begun, Wait):
        raise await too_many(app, begun.until)
    address = await there.address(state=begun, browser=browser)
    response.set_cookie(
        BROWSER,
        browser,
        max_age=int(SIGN_IN_LASTS.total_seconds()),
        path=_PATH,
        secure=request.app.state.is_secure,
        httponly=True,
        samesite="strict",
    )
    return OidcBegun(address=address)


@router.post("/session/oidc/answer", responses={429: {"model": Problem, "description": "Too many tries."}})
async def sign_in_by_oidc(
    asked: OidcAnswer,
    request: Request,
    response: Response,
    app: Opened,
    there: Asked,
    browser: Annotated[str, Cookie(alias=BROWSER, max_length=200, description="Of who began.")] = "",
) -> OidcSignedIn:
    """Sign in with what the provider answered, once, in the browser that began; the answer sets the session's cookie."""
    address = address_of(request)
    begun = await take_begun(app.database, state=asked.state, browser=browser, address=address)
    if isinstance(begun, Wait):
        raise await too_many(app, begun.until)
    if begun is None:
        raise _refused("oidc-state", "this sign-in began elsewhere, is over or was answered; begin again 请重新登录")
    if asked.code is None:
        raise _refused(
            "oidc-refused", "the provider let nobody in; try again or ask its administrator 身份提供方未放行"
        )
    found = await there.identify(code=asked.code, state=asked.state, browser=browser, issuer=asked.iss)
    if isinstance(found, Unproved):
        await count_failure(app.database, address=address)
        raise _refused(
            "oidc", f"the provider's answer proves nobody ({found.why}); begin again 身份校验未通过,请重新登录"
        )
    user = await user_of_identity(app.database, issuer=found.issuer, subject=found.subject, email=found.email)
    if user is None:
        await count_failure(app.database, address=address)
        raise _refused(
            "oidc-unknown",
            "nobody here is linked to this account; ask an administrator for `fairdial user link-oidc`"
            " 该账号未关联用户,请联系管理员",
        )
    response.delete_cookie(BROWSER, path=_PATH)
    return OidcSignedIn(who=await begin_session(app, user, request, response), leads_to=begun.leads_to)


def _refused(code: str, detail: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, code, detail)
