"""What no shape foresees is told as a problem, too, with the headers that keep a browser safe."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fairdial.core.access.roles import Role
from fairdial.web.asking import caller
from fairdial.web.server import file_in
from tests.web.stories import code_of, site

NUL = "a\0b"
UNKEEPABLE: list[tuple[str, str, object]] = [
    ("POST", "/users", {"name": NUL, "roles": ["seat"]}),
    ("PATCH", "/users/a%00b", {"roles": ["seat"]}),
    ("POST", "/users/a%00b/link", None),
    ("POST", "/keys", {"name": NUL, "scopes": ["calls:read"], "ends_at": "2026-12-01T00:00:00Z"}),
    ("GET", "/campaigns/a%00b", None),
    ("GET", f"/corrections?after={base64.urlsafe_b64encode(b'[100000000000000000000]').decode()}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), UNKEEPABLE)
def test_what_the_ledger_cannot_keep_is_what_was_sent_wrongly(
    database_url: str, method: str, path: str, body: object
) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = await there.signed_in("wang", list(Role))
            answer = await browser.request(method, f"/api/v1{path}", json=body)
            assert (answer.status_code, code_of(answer)) == (400, "input")

    asyncio.run(story())


def test_signing_in_by_a_name_that_cannot_be_and_a_key_without_a_zone(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            answer = await there.browser().post("/api/v1/session", json={"name": NUL, "password": "x"})
            assert answer.status_code == 400
            browser = await there.signed_in("wang", list(Role))
            key = {"name": "crm", "scopes": ["calls:read"], "ends_at": "2026-12-01T00:00:00"}
            assert (await browser.post("/api/v1/keys", json=key)).status_code == 422

    asyncio.run(story())


def test_a_defect_is_a_problem_with_every_header_and_tells_nothing(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            _break(there.web)
            browser = await there.signed_in("wang", list(Role))
            answer = await browser.get("/api/v1/campaigns")
            assert (answer.status_code, code_of(answer)) == (500, "defect")
            assert "secret" not in answer.text
            good: httpx.Response = await there.browser().get("/api/v1/campaigns")
            for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control"):
                assert answer.headers[name] == good.headers[name]

    asyncio.run(story())


def test_a_page_is_a_file_of_the_console_or_none(tmp_path: Path) -> None:
    console = tmp_path / "console"
    console.mkdir()
    (console / "icon.svg").write_text("x")
    (tmp_path / "secret").write_text("x")
    (console / "link").symlink_to(tmp_path / "secret")
    assert file_in(console, "icon.svg") == console / "icon.svg"
    for name in ("", "a\0b", "a" * 300, "a/" * 5000, "../secret", "link", str(tmp_path / "secret"), "icon.svg/x"):
        assert file_in(console, name) is None


def _break(web: FastAPI) -> None:
    """A server that was given no installation for one of its routes: what nobody foresaw."""

    async def broken() -> None:
        raise ZeroDivisionError("a secret")

    web.dependency_overrides[caller] = broken
