"""A small OpenID Connect provider on loopback: real HTTP, real signatures, and the lies that a test has it tell."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import Key, RSAKey

CLIENT, SECRET = "fairdial", "a secret of the client"
CONSOLE = "http://console"

Claims = dict[str, Any]


def rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid}, private=True)


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _public(key: Key) -> bytes:
    assert isinstance(key, RSAKey)
    return key.as_pem(private=False)


@dataclass
class FakeProvider:
    """What it says of the person who signs in, and how it signs."""

    issuer: str
    key: Key = field(default_factory=lambda: rsa("one"))
    person: Claims = field(default_factory=lambda: {"sub": "248289761001"})
    lies: Claims = field(default_factory=dict)
    sign: Callable[[Claims], str] | None = None
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    is_up: bool = True

    def settings(self, console: str = CONSOLE) -> dict[str, str]:
        return {
            "FAIRDIAL_OIDC_ISSUER": self.issuer,
            "FAIRDIAL_OIDC_CLIENT_ID": CLIENT,
            "FAIRDIAL_OIDC_CLIENT_SECRET": SECRET,
            "FAIRDIAL_OIDC_CONSOLE": console,
            "FAIRDIAL_OIDC_NAME": "企业账号",
        }

    def signed(self, claims: Claims) -> str:
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid)}, claims, self.key)

    def unsigned(self, claims: Claims) -> str:
        """`alg: none`."""
        return f"{self._begun('none', claims)}."

    def by_shared_secret(self, claims: Claims) -> str:
        """HS256 with the public key for a secret: what a verifier that believes the header takes."""
        begun = self._begun("HS256", claims)
        mac = hmac.new(_public(self.key), begun.encode(), hashlib.sha256).digest()
        return f"{begun}.{_encoded(mac)}"

    def _begun(self, alg: str, claims: Claims) -> str:
        """By hand, since no library makes such tokens."""
        header = {"alg": alg, "kid": self.key.kid, "typ": "JWT"}
        return ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))

    def application(self) -> FastAPI:
        web = FastAPI()

        @web.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, str]:
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in ends.items()}

        @web.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @web.get("/authorize")
        async def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
            assert asked["redirect_uri"].endswith("/sign-in/oidc") and asked["client_id"] == CLIENT
            code = f"code-{len(self.codes)}"
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}")

        @web.post("/token")
        async def token(request: Request) -> Response:
            if not self.is_up:
                return Response(status_code=502)
            body = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            asked = self.codes.pop(body["code"], None)
            basic = httpx.BasicAuth(CLIENT, SECRET.replace(" ", "+"))
            [wanted] = [one.headers["Authorization"] for one in basic.auth_flow(httpx.Request("POST", "http://x"))]
            challenge = _encoded(hashlib.sha256(body["code_verifier"].encode()).digest())
            if asked is None or request.headers["Authorization"] != wanted or challenge != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            now = int(time.time())
            claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
            said = {name: value for name, value in (claims | self.person | self.lies).items() if value is not None}
            return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": self.signed(said)})

        return web


@asynccontextmanager
async def provider() -> AsyncIterator[FakeProvider]:
    """A provider that listens until left."""
    door = socket.create_server(("127.0.0.1", 0))
    fake = FakeProvider(issuer=f"http://127.0.0.1:{door.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(fake.application(), log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield fake
    finally:
        server.should_exit = True
        await running


async def come_back(address: str) -> dict[str, str]:
    """Follow the browser to the provider and back: what stands in the address it is sent to."""
    async with httpx.AsyncClient() as client:
        sent = await client.get(address)
    assert sent.status_code == 307, sent.text
    return dict(parse_qsl(urlsplit(sent.headers["Location"]).query))
