"""Lines, law, the gate, evidence, readings and retention, as those see them who answer for the calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Level
from fairdial.ledger.evidence import evidence_key, seal_all
from fairdial.ledger.people.readers import set_reader
from tests.console.served import Served, served
from tests.console.test_pages import enter, opened
from tests.ledger.stories import TENANT, campaign, person
from tests.ledger.test_vault import WHO, a_full_call

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def verdict_of(page: Page) -> str:
    """The gate's answer in the simulator."""
    return page.locator(".answer [role=status]").inner_text()


def test_a_fact_is_changed_and_the_verdict_changes_at_once_with_its_rule(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.COMPLIANCE)
        page.get_by_role("link", name="合规").click()
        page.get_by_role("link", name="试一试").click()
        page.locator(".answer .mark", has_text="准许").first.wait_for()
        page.get_by_label("本人已拒绝").check()
        page.locator(".answer .mark.bad", has_text="不得呼叫").first.wait_for()
        assert "CN-REFUSAL" in page.locator(".answer").inner_text()
        page.get_by_label("本人已拒绝").uncheck()
        page.get_by_label("时刻").fill("2026-11-25T22:30:00+08:00")
        page.locator(".answer .mark.wait", has_text="以后再呼").first.wait_for()
        assert "之后可以" in verdict_of(page)
        page.get_by_label("时刻").fill("tomorrow")
        page.locator(".answer [role=alert]", has_text="“now”不是时间").wait_for()
        page.get_by_role("button", name="恢复").click()
        page.locator(".answer .mark.good", has_text="准许").first.wait_for()


def test_a_worked_example_of_the_law_opens_in_the_simulator(browser: Browser, console: Served) -> None:
    with opened(browser, language="en-GB") as page:
        enter(page, console, "li", Role.AUDITOR)
        page.get_by_role("link", name="Compliance").click()
        page.get_by_role("link", name="Rules").click()
        page.get_by_placeholder("Find in the rules").fill("CN-REFUSAL")
        rule = page.get_by_role("article").filter(has_text="CN-REFUSAL").first
        rule.get_by_text("worked example").click()
        assert "text read" in rule.inner_text()
        rule.locator(".example", has_text="Denied").first.get_by_role("link", name="Open in the simulator").click()
        page.locator(".answer .mark.bad").first.wait_for()
        assert "rule=CN-REFUSAL" in page.url


def test_a_contacts_own_facts_are_tried_from_the_page_of_the_person(browser: Browser, console: Served) -> None:
    console.do(campaign(console.there.app.database, [person(1)]))
    with opened(browser) as page:
        enter(page, console, "li", Role.COMPLIANCE)
        page.get_by_role("link", name="个人").click()
        page.get_by_label("电话号码").fill(WHO)
        page.get_by_role("button", name="查找").click()
        page.get_by_role("heading", name="本人说过什么").wait_for()
        page.goto(f"{console.base}/compliance/gate?campaign=renewal&contact=1")
        page.locator(".answer .mark.good", has_text="准许").first.wait_for()
        assert WHO not in page.content()


def test_an_administrator_adds_a_line_and_one_who_suspends_it_does_not_lift_it(
    browser: Browser, console: Served
) -> None:
    with opened(browser) as page:
        enter(page, console, "wang", Role.ADMINISTRATOR, Role.COMPLIANCE)
        page.get_by_role("link", name="线路").click()
        page.get_by_role("button", name="登记线路").click()
        form = page.get_by_role("dialog")
        form.get_by_label("线路", exact=True).fill("trunk-1")
        form.get_by_label("SIP 地址").fill("192.0.2.10")
        form.get_by_label("演练线路").check()
        form.get_by_label("资质文件有效期至").fill("2026-12-10")
        form.get_by_role("button", name="保存").click()
        form.get_by_role("alert").filter(has_text="主机:端口").wait_for()
        form.get_by_label("SIP 地址").fill("192.0.2.10:5060")
        form.get_by_role("button", name="保存").click()
        row = page.get_by_role("row").filter(has_text="trunk-1")
        row.get_by_text("即将到期").wait_for()
        assert "0 / 10 路" in row.inner_text()
        page.get_by_role("link", name="今日").click()
        page.get_by_role("heading", name="资质文件须更新").wait_for()
        page.get_by_role("link", name="trunk-1").click()
        row.get_by_role("button", name="停用").click()
        page.get_by_role("dialog").get_by_label("理由").fill("运营商要求")
        page.get_by_role("dialog").get_by_role("button", name="停用").click()
        row.get_by_text("须由他人解除").wait_for()
        assert "运营商要求" in row.inner_text()


@pytest.fixture
def sealed(browser: Browser, database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A server whose signing key lies in a folder of the test's own."""
    with served(database_url, home=tmp_path) as there:
        yield there


def test_evidence_is_exported_verified_in_the_page_and_a_changed_byte_is_named(
    browser: Browser, sealed: Served, tmp_path: Path
) -> None:
    app = sealed.there.app

    async def a_sealed_call() -> None:
        await a_full_call(app.database)
        await seal_all(app.database, await evidence_key(app.database, app.settings.home))

    sealed.do(a_sealed_call())
    with opened(browser) as page:
        enter(page, sealed, "li", Role.COMPLIANCE)
        page.goto(f"{sealed.base}/compliance/evidence")
        page.get_by_label("起始日").fill("2026-11-25")
        page.get_by_label("截止日").fill("2026-11-25")
        with page.expect_download() as begun:
            page.get_by_role("button", name="导出文件").click()
        path = tmp_path / begun.value.suggested_filename
        begun.value.save_as(path)
        page.get_by_label("选择文件").set_input_files(path)
        page.get_by_text("可信：全部内容与封存时一致").wait_for()
        path.write_bytes(path.read_bytes().replace(b"permit.insert", b"permit.insErt", 1))
        page.get_by_label("选择文件").set_input_files(path)
        page.get_by_text("不可信：第").wait_for()
        page.goto(f"{sealed.base}/calls/1")
        with page.expect_download() as begun:
            page.get_by_role("button", name="下载证明").click()
        assert begun.value.suggested_filename == "call-1-proof.jsonl"


def test_a_reading_stands_in_the_list_of_readings_with_a_masked_number(browser: Browser, console: Served) -> None:
    database = console.there.app.database
    console.do(a_full_call(database))
    console.do(set_reader(database, tenant=TENANT, name="li", level=Level.PRIVATE, by="王经理"))
    with opened(browser) as page:
        enter(page, console, "li", Role.COMPLIANCE)
        page.goto(f"{console.base}/calls/1")
        page.get_by_text("我姓欧阳").wait_for()
        page.goto(f"{console.base}/compliance/reads")
        row = page.get_by_role("row").filter(has_text="对话内容").first
        row.wait_for()
        assert "li" in row.inner_text() and "+86154****0001" in row.inner_text()
        assert WHO not in page.content()


def test_what_is_over_is_removed_from_the_page_and_the_run_is_told(browser: Browser, console: Served) -> None:
    database = console.there.app.database
    console.do(a_full_call(database))

    async def years_pass() -> None:
        async with database.transaction() as connection:
            await connection.exec_driver_sql("UPDATE attempt SET ended_at = ended_at - interval '9 years'")

    console.do(years_pass())
    with opened(browser) as page:
        enter(page, console, "li", Role.COMPLIANCE)
        page.goto(f"{console.base}/compliance/retention")
        page.get_by_role("cell", name="对话轮次").wait_for()
        page.get_by_role("button", name="立即删除到期数据").click()
        page.get_by_role("dialog").get_by_role("button", name="立即删除到期数据").click()
        page.get_by_text("已删除").first.wait_for()
        page.get_by_role("table", name="执行记录").get_by_role("cell", name="li", exact=True).wait_for()
