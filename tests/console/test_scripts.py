"""Writing a script on the canvas: what is drawn is what is written, and nothing of anybody's is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fairdial.core.access.roles import Role
from tests.console.served import Served
from tests.console.test_pages import enter, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXAMPLE = Path("examples/course-trial/script.yaml")


def begin(page: Page, console: Served, name: str, title: str) -> None:
    page.goto(f"{console.base}/scripts")
    page.get_by_role("button", name="新建话术").click()
    page.get_by_label("名称", exact=True).fill(name)
    page.get_by_label("标题", exact=True).fill(title)
    page.get_by_role("button", name="新建并打开").click()
    page.locator(".react-flow__node").first.wait_for()


def test_play(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        page.set_viewport_size({"width": 1440, "height": 1000})
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call", "我的话术")
        page.wait_for_timeout(1500)
        page.screenshot(path="/tmp/canvas_shots/new.png", full_page=True)
        page.locator(".react-flow__node").nth(1).click()
        page.wait_for_timeout(1000)
        page.screenshot(path="/tmp/canvas_shots/step.png", full_page=True)


def test_play2(browser: Browser, console: Served) -> None:
    with opened(browser, theme="dark", language="en-GB") as page:
        page.set_viewport_size({"width": 1440, "height": 1000})
        enter(page, console, "li", Role.WRITER)
        page.evaluate("""async (text) => { const who = await (await fetch('/api/v1/session')).json();
          return (await fetch('/api/v1/scripts/course-trial', {method: 'PUT', body: JSON.stringify({text}), headers: {'Content-Type': 'application/json',
          'If-None-Match': '*', 'X-CSRF-Token': who.csrf}})).status }""", EXAMPLE.read_text())
        page.goto(f"{console.base}/scripts/course-trial")
        page.locator(".react-flow__node").first.wait_for()
        page.wait_for_timeout(1500)
        page.locator(".react-flow__node").nth(2).click()
        page.wait_for_timeout(700)
        page.screenshot(path="/tmp/canvas_shots/course.png", full_page=True)
        page.get_by_role("tab", name="Talk to it").click()
        page.wait_for_timeout(700)
        page.screenshot(path="/tmp/canvas_shots/talk.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(700)
        page.screenshot(path="/tmp/canvas_shots/phone.png", full_page=True)
