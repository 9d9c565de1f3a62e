"""A campaign's calls as somebody sees them who watches: words as they are spoken, and the end of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairdial.core.access.roles import Role
from fairdial.core.live_call import LiveCall, Stage
from fairdial.core.policy.case import Level
from fairdial.ledger.people.readers import set_reader
from tests.console.test_pages import AXE, enter, opened
from tests.ledger.stories import TENANT
from tests.web.test_live import OURS, THEIRS, Living, ended, living, talking

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def watches(page: Page, calls: Living, *, level: Level | None) -> None:
    """An operator on the campaign's page."""
    enter(page, calls.there, "li", Role.OPERATOR)
    if level is not None:
        calls.there.do(set_reader(calls.there.there.app.database, tenant=TENANT, name="li", level=level, by="王经理"))
    page.goto(f"{calls.there.base}/campaigns/renewal")
    page.get_by_role("heading", name="正在进行").wait_for()
    page.get_by_text("正在呼叫").first.wait_for()


def test_words_appear_while_they_are_spoken_and_the_end_with_its_name(browser: Browser, database_url: str) -> None:
    with living(database_url) as calls, opened(browser) as page:
        watches(page, calls, level=Level.PRIVATE)
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS[:2], is_final=False, said_last=False))
        page.get_by_text("听写中").wait_for()
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS, meaning="refuse_hard", said_last=False))
        card = page.locator(".living li", has_text=OURS)
        card.get_by_text(THEIRS).wait_for()
        assert "明确拒绝" in card.inner_text() and "offer" in card.inner_text()
        assert page.get_by_text("听写中").count() == 0
        calls.there.do(ended(calls.there.there.app.database))
        calls.tells(LiveCall(attempt_id=1, stage=Stage.OVER))
        card.locator(".mark", has_text="等级 F").wait_for()
        page.get_by_text("刚结束 1").click()
        assert page.locator(".living li").count() == 1
        if AXE.is_file():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_who_may_not_read_words_sees_how_calls_go_and_is_told_why(browser: Browser, database_url: str) -> None:
    with living(database_url) as calls, opened(browser) as page:
        watches(page, calls, level=None)
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS, meaning="ask_price"))
        page.locator(".living").get_by_text("问价格").wait_for()
        assert OURS not in page.content() and THEIRS not in page.content()
        page.get_by_text("您的查看级别看不到对话内容").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_two_hundred_calls_are_shown_and_followed(browser: Browser, database_url: str, width: int) -> None:
    with living(database_url, people=200) as calls, opened(browser) as page:
        page.set_viewport_size({"width": width, "height": 844})
        watches(page, calls, level=Level.PRIVATE)
        for number in range(1, 201):
            calls.tells(talking(number, step="offer", said=f"{OURS} {number}"))
        page.get_by_text("通话中 200").wait_for()
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS, meaning="ask_price", said_last=False))
        page.get_by_text(THEIRS).wait_for()
        assert page.locator(".living li").count() == 200
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
