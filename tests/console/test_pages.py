"""What somebody sees who opens the console: their own pages, in words, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from fairdial.core.access.roles import Role
from tests.console.served import Served
from tests.ledger.test_vault import WHO, a_full_call
from tests.web.stories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
MOST_BYTES = 400_000

MENU = {
    Role.OPERATOR: ["今日", "外呼任务", "话术", "名单", "通话", "线路", "合规", "报表", "个人"],
    Role.WRITER: ["今日", "外呼任务", "话术", "通话", "报表"],
    Role.REVIEWER: ["今日", "外呼任务", "话术", "通话"],
    Role.COMPLIANCE: ["今日", "外呼任务", "话术", "名单", "通话", "线路", "合规", "报表", "个人"],
    Role.SEAT: ["通话", "合规"],
    Role.AUDITOR: ["今日", "外呼任务", "话术", "名单", "通话", "线路", "合规", "报表", "个人"],
    Role.ADMINISTRATOR: ["今日", "外呼任务", "话术", "线路", "合规", "报表", "用户与密钥"],
}
"""Besides one's own account, which everybody has."""

PAGES = [
    "/", "/campaigns", "/campaigns/renewal", "/campaigns/renewal/contacts", "/campaigns/new/plan?list=renewal",
    "/lists", "/lists/renewal", "/calls", "/calls/1", "/compliance", "/people",
    "/lines", "/compliance/law", "/compliance/gate", "/compliance/evidence", "/compliance/reads", "/compliance/retention",
    "/scripts", "/scripts/course-trial", "/users", "/account",
    "/reports?first=2026-11-01&last=2026-12-31", "/reports/ab", "/reports/day", "/calls?stage=answered&hour=10",
]  # fmt: skip


WORD_OF = {
    "/campaigns": "外呼任务", "/scripts": "话术", "/lists": "名单", "/calls": "通话", "/lines": "线路",
    "/compliance": "合规", "/reports": "报表", "/people": "个人", "/users": "用户与密钥",
}  # fmt: skip

PARTS_OF_SOME = {path for path in PAGES if path.startswith(("/compliance/", "/campaigns/new"))}
"""Within a page of the menu, and not for everybody who has that page."""


_IS_WHOLE = "() => document.querySelector('main h1, main h2') && !document.querySelector('main .waiting')"


@contextmanager
def opened(browser: Browser, *, language: str = "zh-CN", theme: str = "light") -> Iterator[Page]:
    """A page of a browser that has never been here; every failure inside it fails the test."""
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    context = browser.new_context(locale=language, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(20_000)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda told: failures.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    context.close()
    assert failures == []


def enter(page: Page, console: Served, name: str, *roles: Role) -> None:
    """In by a link, to the first page; a password is set another time."""
    page.goto(console.link_for(name, roles))
    page.locator("input[type=password]").first.wait_for()
    page.goto(console.base)
    page.locator("nav").first.wait_for()


def test_a_link_leads_to_a_password_and_on_to_a_campaigns_funnel(browser: Browser, console: Served) -> None:
    console.do(a_full_call(console.there.app.database))
    with opened(browser) as page:
        page.goto(console.link_for("wang", [Role.OPERATOR]))
        page.get_by_label("新密码").fill(PASSWORD)
        page.get_by_label("再输入一次").fill(PASSWORD)
        page.get_by_role("button", name="设置密码").click()
        page.get_by_text("没有许可的呼叫").wait_for()
        assert "#" not in page.url, "the token is gone from the address"
        assert page.locator(".promise .great").inner_text() == "0"
        page.get_by_role("navigation").get_by_role("link", name="外呼任务").click()
        page.get_by_role("link", name="renewal").click()
        funnel = page.get_by_role("table", name="从名单到接通")
        assert funnel.get_by_role("row", name="已接通").inner_text().split() == ["已接通", "1", "100%"]
        page.get_by_role("button", name="退出登录").click()
        page.get_by_label("用户名").fill("wang")
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.get_by_text("没有许可的呼叫").wait_for()


def test_each_role_sees_its_own_menu_and_is_told_when_a_page_is_not_theirs(browser: Browser, console: Served) -> None:
    for role, menu in MENU.items():
        with opened(browser) as page:
            enter(page, console, role.value, role)
            links = page.get_by_role("navigation", name="主菜单").get_by_role("link")
            assert links.all_inner_texts() == [*menu, "我的账号"], role
            if "用户与密钥" not in menu:
                page.goto(f"{console.base}/users")
                page.get_by_role("heading", name="您的角色看不到这个页面").wait_for()


def test_each_role_walks_every_address_and_sees_its_page_or_is_told_that_it_is_not_theirs(
    browser: Browser, console: Served
) -> None:
    console.do(a_full_call(console.there.app.database))
    console.keep_script("course-trial")
    for role, menu in MENU.items():
        with opened(browser) as page:
            walks_everywhere(page, console, role, menu)


def walks_everywhere(page: Page, console: Served, role: Role, menu: list[str]) -> None:
    failed: list[str] = []
    page.on("response", lambda told: failed.append(f"{told.status} {told.url}") if told.status >= 400 else None)
    enter(page, console, role.value, role)
    for path in PAGES:
        failed.clear()
        page.evaluate("(path) => history.pushState(null, '', path)", path)
        page.wait_for_function(_IS_WHOLE)
        is_refused = page.get_by_role("heading", name="您的角色看不到这个页面").count() == 1
        assert failed == [] and page.locator(".problem, main > [role=alert] h1").count() == 0, (role, path, failed)
        first = "/" + path.split("/")[1].split("?")[0]
        if first not in ("/", "/account"):
            is_mine = WORD_OF[first] in menu
            assert is_refused or is_mine, (role, path, "it is shown")
            assert not is_refused or not is_mine or path in PARTS_OF_SOME, (role, path, "it is refused")


def test_an_expired_sign_in_asks_in_place_and_what_was_entered_is_done_once(browser: Browser, console: Served) -> None:
    with opened(browser, language="en-GB") as page:
        page.goto(console.link_for("wang", [Role.ADMINISTRATOR]))
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("Once more").fill(PASSWORD)
        page.get_by_role("button", name="Set password").click()
        page.get_by_role("link", name="Users & keys").click()
        page.get_by_role("button", name="Add user").click()
        page.get_by_label("Name", exact=True).fill("li")
        page.get_by_label("Auditor (reads only)").check()
        page.context.clear_cookies()
        page.get_by_role("button", name="Save").click()
        again = page.get_by_role("dialog", name="Your sign-in has expired")
        again.locator("input[type=password]").fill(PASSWORD)
        again.get_by_role("button", name="Sign in", exact=True).click()
        link = page.get_by_role("dialog", name="Sign-in link for li")
        assert f"{console.base}/sign-in#" in link.get_by_role("textbox").input_value()
        link.get_by_role("button", name="Close").click()
        assert page.get_by_role("cell", name="li", exact=True).count() == 1


def test_why_somebody_is_not_called_is_told_with_its_citation_and_no_number(browser: Browser, console: Served) -> None:
    console.do(a_full_call(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "zhou", Role.COMPLIANCE)
        page.get_by_role("link", name="个人").click()
        page.get_by_label("电话号码").fill(WHO)
        page.get_by_role("button", name="查找").click()
        page.get_by_role("heading", name="本人说过什么").wait_for()
        assert "拒绝：本企业所有外呼" in page.locator("main").inner_text()
        assert WHO not in page.url and WHO not in page.locator("main").inner_text()
        page.get_by_text("条规则不反对").first.click()
        assert "个人信息保护法第13条" in page.locator("main").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_no_page_has_a_serious_fault_for_those_who_do_not_see_it_or_asks_another_server(
    browser: Browser, console: Served, language: str, theme: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is missing: cd console && npm ci")
    console.do(a_full_call(console.there.app.database))
    console.keep_script("course-trial")
    with opened(browser, language=language, theme=theme) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        enter(page, console, "all", *Role)
        for path in PAGES:
            page.goto(console.base + path)
            page.wait_for_load_state("networkidle")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run({resultTypes: ['violations']})")
            serious = [
                (one["id"], one["nodes"][0]["html"])
                for one in found["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == [], path
            assert page.locator(".problem").count() == 0, path
            page.set_viewport_size({"width": 390, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide to read"
            page.set_viewport_size({"width": 1280, "height": 800})
        assert {url for url in asked if not url.startswith((console.base, "data:", "blob:"))} == set()


def test_the_first_page_comes_in_four_hundred_kilobytes(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        page.goto(console.base)
        page.get_by_label("用户名").wait_for()
        sizes = "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"
        assert 100_000 < page.evaluate(sizes) <= MOST_BYTES
