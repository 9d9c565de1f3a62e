"""Signing in at the company's provider, in a real browser: there and back, to the page that was wanted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fairdial.core.access.roles import Role
from fairdial.ledger.access.identities import link_identity
from fairdial.ledger.access.users import add_user
from tests.console.served import Served, served
from tests.console.test_pages import AXE, opened
from tests.ledger.stories import TENANT
from tests.web.provider import FakeProvider, provider

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@contextmanager
def provider_beside() -> Iterator[FakeProvider]:
    """A provider in a thread of its own."""
    found: list[FakeProvider] = []
    is_up, is_over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with provider() as fake:
            found.append(fake)
            is_up.set()
            await asyncio.to_thread(is_over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert is_up.wait(30)
    try:
        yield found[0]
    finally:
        is_over.set()
        thread.join(30)


async def _linked(console: Served, fake: FakeProvider) -> None:
    database = console.there.app.database
    await add_user(database, tenant=TENANT, name="li", roles=[Role.AUDITOR], by="王经理")
    await link_identity(
        database, tenant=TENANT, name="li", issuer=fake.issuer, subject="248289761001", email=None, by="王经理"
    )


def test_one_goes_to_the_provider_and_stands_where_one_wanted_to_be(browser: Browser, database_url: str) -> None:
    with provider_beside() as fake, served(database_url, settings=fake.settings) as console, opened(browser) as page:
        page.goto(f"{console.base}/lists?sort=name")
        go = page.get_by_role("button", name="使用 企业账号 登录")
        go.wait_for()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
        go.click()
        page.get_by_text("该账号未关联用户").wait_for()
        console.do(_linked(console, fake))
        page.get_by_role("button", name="回到登录页").click()
        page.goto(f"{console.base}/lists?sort=name")
        page.get_by_role("button", name="使用 企业账号 登录").click()
        page.locator("nav").first.wait_for()
        assert page.url == f"{console.base}/lists?sort=name"
        page.reload()
        page.locator("nav").first.wait_for()


def test_an_answer_that_was_used_is_told_in_words_and_leads_back(browser: Browser, database_url: str) -> None:
    with (
        provider_beside() as fake,
        served(database_url, settings=fake.settings) as console,
        opened(browser, language="en-US") as page,
    ):
        page.goto(f"{console.base}/sign-in/oidc?state=used&code=used")
        page.get_by_text("begin again").wait_for()
        page.get_by_role("button", name="Back to signing in").click()
        page.get_by_role("button", name="Continue with 企业账号").wait_for()


@pytest.mark.parametrize(
    ("language", "name", "told", "not_told"),
    [("zh-CN", "用户名", "用户名或密码不正确", "is wrong"), ("en-GB", "Name", "name or password is wrong", "不正确")],
)
def test_what_the_server_says_is_said_in_the_language_of_the_page(
    browser: Browser, console: Served, language: str, name: str, told: str, not_told: str
) -> None:
    with opened(browser, language=language) as page:
        page.goto(console.base)
        page.get_by_label(name, exact=True).fill("nobody")
        page.locator("input[type=password]").fill("wrong password")
        page.keyboard.press("Enter")
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert told in alert.inner_text() and not_told not in alert.inner_text()
