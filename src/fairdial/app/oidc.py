"""OpenID Connect: the way to a provider and what its answer proves (OpenID Connect Core 1.0, sections 3.1 and 15.5.2).

Authorization code with PKCE (RFC 7636). Nonce and code verifier are derived from the state and a secret that only the browser
holds, so that whoever reads the database can finish nobody's sign-in.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fairdial.errors import ProviderError
from fairdial.settings import OidcSettings, is_private_way

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
"""Signatures that are taken: all with a key that the provider alone has; never `none`, never one with a shared secret."""

_TIMEOUT_S = 5.0
_LEEWAY_S = 30
"""By how much the provider's clock may differ."""

_FRESH = timedelta(hours=1)
"""So long a discovery document and keys are not asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider means; `email` only where it says that it has verified it."""

    issuer: str
    subject: str
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproved:
    """The answer proves nobody; `why` tells which check failed and holds nothing of what was sent."""

    why: str


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Mapping[str, Any]
    keys: KeySet
    at: datetime


class Provider:
    """One provider; its discovery document and keys are kept for an hour."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._known: _Known | None = None

    async def address(self, *, state: str, browser: str) -> str:
        """Where the browser goes to sign in.

        Raises:
            ProviderError: It does not answer, or not as OpenID Connect says.
        """
        metadata = (await self._discovered()).metadata
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": _derived(browser, "nonce", state),
            "code_challenge": create_s256_code_challenge(_derived(browser, "verifier", state)),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(metadata["authorization_endpoint"], list(asked.items())))

    async def identify(self, *, code: str, state: str, browser: str, issuer: str | None) -> Identity | Unproved:
        """Whom a code means.

        Args:
            issuer: The `iss` that came with the code (RFC 9207), where the provider sends one.

        Raises:
            ProviderError: As `address`.
        """
        if issuer is not None and issuer != self._settings.issuer:
            return Unproved(why="issuer")
        known = await self._discovered()
        tokens = await self._tokens(known, code, _derived(browser, "verifier", state))
        if tokens is None:
            return Unproved(why="code")
        try:
            token = await self._read(known, str(tokens.get("id_token", "")))
            claims = self._checked(token, _derived(browser, "nonce", state), tokens.get("access_token"))
        except (JoseError, ValueError, TypeError, KeyError) as error:  # a provider's token may be of any shape
            return Unproved(why=type(error).__name__)
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(issuer=self._settings.issuer, subject=claims["sub"], email=email or None)

    def _checked(self, token: jwt.Token, nonce: str, access_token: object) -> dict[str, Any]:
        claims: dict[str, Any] = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._settings.issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": self._settings.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": self._settings.client_id, "access_token": access_token},
        )
        claims.validate(int(datetime.now(UTC).timestamp()), _LEEWAY_S)  # type: ignore[attr-defined]  # authlib is untyped
        if not isinstance(claims["sub"], str):
            raise TypeError("sub")
        return claims

    async def _read(self, known: _Known, id_token: str) -> jwt.Token:
        """The token, its signature verified; a provider that has changed its keys is asked for them once."""
        try:
            return jwt.decode(id_token, known.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            again = await self._discovered(anew=True)
            return jwt.decode(id_token, again.keys, algorithms=list(ALGORITHMS))

    async def _tokens(self, known: _Known, code: str, verifier: str) -> dict[str, Any] | None:
        """What the code is exchanged for; None when the provider refuses it."""
        own = self._settings
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        ways = known.metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = httpx.BasicAuth(quote_plus(own.client_id), quote_plus(own.client_secret))  # RFC 6749, section 2.3.1
        is_basic = "client_secret_basic" in ways
        if not is_basic:
            asked |= {"client_id": own.client_id, "client_secret": own.client_secret}
        answer = await _ask("POST", known.metadata["token_endpoint"], data=asked, auth=basic if is_basic else None)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            return None
        return _json(answer)

    async def _discovered(self, *, anew: bool = False) -> _Known:
        now = datetime.now(UTC)
        if self._known is None or anew or now - self._known.at > _FRESH:
            issuer = self._settings.issuer
            metadata = _json(await _ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
            if metadata.get("issuer") != issuer:
                raise ProviderError("FAIRDIAL_OIDC_ISSUER is not what its discovery document says 身份提供方名称不符")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_private_way(str(metadata.get(name, "")).partition("?")[0]):
                    raise ProviderError(f"the provider's {name} is no https address 身份提供方地址不安全")
            try:
                keys = KeySet.import_key_set(_json(await _ask("GET", metadata["jwks_uri"])))  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise ProviderError("the provider's keys cannot be read 无法读取身份提供方的密钥") from error
            self._known = _Known(metadata, keys, now)
        return self._known

    @property
    def _redirect_uri(self) -> str:
        return f"{self._settings.console}/sign-in/oidc"


def _derived(browser: str, purpose: str, state: str) -> str:
    """256 bits that nobody has who lacks the browser's secret; 43 characters, as RFC 7636 wants at least."""
    made = hmac.new(browser.encode(), f"{purpose} {state}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


async def _ask(
    method: str, url: str, *, data: Mapping[str, str] | None = None, auth: httpx.BasicAuth | None = None
) -> httpx.Response:
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            return await client.request(method, url, data=data, auth=auth, headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        raise ProviderError(
            f"the provider of sign-ins does not answer ({type(error).__name__}); sign in with a password, or try later"
            " 身份提供方无响应,请用密码登录或稍后再试"
        ) from error


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        read = answer.json() if answer.is_success else None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ProviderError(
            f"the provider of sign-ins answers {answer.status_code}, and not as OpenID Connect says; check"
            " FAIRDIAL_OIDC_ISSUER and the client 身份提供方回答异常,请检查设置"
        )
    return read
