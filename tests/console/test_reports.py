"""Reports in the page: a figure leads to its calls, versions are compared honestly, files carry their mark."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairdial.core.access.roles import Role
from fairdial.ledger.report_exports import traced
from tests.console.served import Served
from tests.console.test_pages import enter, opened
from tests.ledger.stories import TENANT
from tests.web.test_reports import calls_made, compared_versions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHINA = timezone(timedelta(hours=8))
SPAN = "first=2026-11-01&last=2026-12-31"


def test_a_figure_leads_to_the_calls_behind_it_and_back(browser: Browser, console: Served) -> None:
    console.do(calls_made(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.get_by_role("navigation", name="主菜单").get_by_role("link", name="报表").click()
        page.goto(f"{console.base}/reports?{SPAN}")
        row = page.get_by_role("table", name="按外呼任务").get_by_role("row").filter(has_text="renewal")
        assert row.get_by_role("cell").nth(2).inner_text() == "10"
        page.get_by_role("img", name="接通率图").first.wait_for()
        page.locator(".chart svg").first.wait_for()
        row.get_by_role("link", name="renewal, 接通，").click()
        page.get_by_role("heading", name="通话", exact=True).wait_for()
        page.get_by_role("table").wait_for()
        assert page.get_by_role("table").get_by_role("row").count() == 1 + 7
        page.get_by_role("button", name="去掉：接通").click()
        page.get_by_role("table").get_by_role("row").nth(10).wait_for()
        page.go_back()
        page.get_by_label("分组").click()
        page.get_by_title("时段").click()
        page.get_by_role("table", name="按时段").wait_for()
        assert "by=hour" in page.url and page.get_by_role("link", name="合计, 拨打，").inner_text() == "10"


def test_the_best_hour_is_only_called_so_when_it_is_clear(browser: Browser, console: Served) -> None:
    console.do(calls_made(console.there.app.database))
    with opened(browser, language="en-GB") as page:
        enter(page, console, "li", Role.WRITER)
        page.goto(f"{console.base}/reports?{SPAN}")
        page.get_by_role("heading", name="Best hours").wait_for()
        page.get_by_text("No hour is clearly better than the 70% of the whole day").wait_for()


def test_a_comparison_says_that_chance_gave_nobody_their_version(browser: Browser, console: Served) -> None:
    console.do(compared_versions(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "li", Role.WRITER)
        page.goto(f"{console.base}/reports/ab?{SPAN}")
        page.get_by_text("这不是随机对照").wait_for()
        table = page.get_by_role("table", name="两个版本的结果")
        assert "看不出差别" in table.get_by_role("row").filter(has_text="对方开口").inner_text()
        assert "两个版本拨打的是不同名单" in page.locator("main").inner_text()


@pytest.mark.parametrize("kind", ["XLSX", "CSV"])
def test_an_export_is_saved_under_its_mark_which_is_an_event(browser: Browser, console: Served, kind: str) -> None:
    console.do(calls_made(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "li", Role.AUDITOR)
        page.goto(f"{console.base}/reports?{SPAN}")
        with page.expect_download() as begun:
            page.get_by_role("button", name=f"导出 {kind}").click()
        mark = Path(begun.value.suggested_filename).stem.rpartition("-")[2]
        told = console.do(traced(console.there.app.database, tenant=TENANT, mark=mark))
        assert told is not None and told["by"] == "li"
        page.goto(f"{console.base}/reports/day")
        page.get_by_label("日期").fill("2026-11-25")
        with page.expect_download() as begun:
            page.get_by_role("button", name="下载 PDF").click()
        assert Path(begun.value.path()).read_bytes().startswith(b"%PDF")


def test_who_sees_reports_and_no_calls_sees_figures_that_lead_nowhere(browser: Browser, console: Served) -> None:
    console.do(calls_made(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "wang", Role.ADMINISTRATOR)
        page.goto(f"{console.base}/reports?{SPAN}")
        table = page.get_by_role("table", name="按外呼任务")
        table.wait_for()
        assert table.get_by_role("link").count() == 0


def test_the_days_asked_for_at_first_are_those_of_the_ledgers_clock(browser: Browser, console: Served) -> None:
    console.do(calls_made(console.there.app.database))
    with opened(browser) as page:
        enter(page, console, "li", Role.COMPLIANCE)
        today = console.do(console.there.app.database.now()).astimezone(CHINA).date().isoformat()
        page.goto(f"{console.base}/reports")
        assert page.get_by_label("截止日").input_value() == today
        page.goto(f"{console.base}/compliance/evidence")
        assert page.get_by_label("截止日").input_value() == today
