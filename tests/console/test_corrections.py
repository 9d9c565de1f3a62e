"""Somebody reads a call, and says by keyboard what a sentence meant and which grade was due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.ledger.people.readers import set_reader
from tests.console.served import Served
from tests.console.test_pages import AXE, enter, opened
from tests.ledger.stories import TENANT
from tests.web.test_corrections import HEARD, a_talk

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_sentence_and_a_grade_are_corrected_by_keyboard_and_stand_beside_what_was_found(
    browser: Browser, console: Served
) -> None:
    database = console.there.app.database
    console.do(a_talk(database))
    for name in ("li", "wu"):
        console.do(set_reader(database, tenant=TENANT, name=name, level=Level.PRIVATE, by="王经理"))
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/calls/1")
        page.get_by_role("button", name=f"更正“{HEARD[0]}”").focus()
        page.keyboard.press("Enter")
        form = page.get_by_role("dialog", name="这句话是什么意思")
        form.get_by_label("意思是").focus()
        page.keyboard.type("正忙")
        page.keyboard.press("Enter")
        form.get_by_label("实际说的话").fill("我在开车")
        if AXE.is_file():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        form.get_by_role("button", name="保存").press("Enter")
        page.get_by_text("更正：正忙").wait_for()
        first = page.get_by_role("listitem").filter(has_text=HEARD[0])
        assert "同意" in first.inner_text() and "实际说的是“我在开车”" in first.inner_text()
        page.get_by_role("button", name="更正等级").press("Enter")
        form = page.get_by_role("dialog", name="等级应该是什么")
        form.get_by_text("C", exact=True).click()
        form.get_by_label("理由").fill("她说在开车")
        form.get_by_role("button", name="保存").press("Enter")
        page.get_by_text("更正为 C").wait_for()
        assert "她说在开车" in page.locator(".facts").first.inner_text()
    with opened(browser) as page:
        enter(page, console, "wu", Role.AUDITOR)
        page.goto(f"{console.base}/calls/1")
        page.get_by_text("更正：正忙").wait_for()
        assert page.get_by_role("button", name="更正").count() == 0, "an auditor reads only"
