"""From a list to a campaign without a terminal, and before anybody is called it is told who may be, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairdial.core.access.roles import Role
from fairdial.core.policy.case import Basis
from fairdial.ledger.calls.runs import only_run
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from tests.console.served import Served
from tests.console.test_lists import choose
from tests.console.test_pages import enter, opened
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def seven_people(console: Served) -> None:
    """One has refused, one gave no basis."""

    async def told() -> None:
        database = console.there.app.database
        bases = [None if index == 3 else Basis.EXISTING_CUSTOMER for index in range(7)]
        await campaign(database, [person(index, basis=basis) for index, basis in enumerate(bases)])
        notice = RefusalNotice(number=person(1).number, source="sms", evidence="TD")
        await add_refusal(database, tenant=TENANT, notice=notice)

    console.do(told())


def test_a_campaign_is_planned_step_by_step_with_the_gates_answer_before_it_starts(
    browser: Browser, console: Served
) -> None:
    seven_people(console)
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/lists/renewal")
        page.get_by_role("link", name="用这份名单新建任务").click()
        page.get_by_text("选好名单、话术、线路和号码后").wait_for()
        for label in ("选择话术（只列出审核通过的版本）", "选择线路", "选择主叫号码"):
            choose(page, label, "")
        answer = page.get_by_role("table", name="现在能呼叫谁")
        answer.get_by_role("row", name="现在可以呼叫 5").wait_for()
        assert answer.get_by_role("row", name="不得呼叫 2").count() == 1
        against = page.get_by_role("table", name="为什么不得呼叫").inner_text()
        assert "CN-REFUSAL" in against and "CN-BASIS-SERVICE" in against
        page.get_by_role("button", name="演练一下").click()
        page.get_by_text("已演练 200 通").wait_for()
        page.get_by_label("5. 任务名称").fill("十二月")
        page.get_by_role("button", name="创建任务").click()
        page.get_by_role("heading", name="十二月").wait_for()
        answer.get_by_role("row", name="现在可以呼叫 5").wait_for()
    database = console.there.app.database
    assert console.do(one(database, "SELECT count(*) FROM campaign WHERE name = '十二月'")) == 1
    assert console.do(one(database, "SELECT count(*) FROM permit")) == 0, "a preview permits nothing"


def test_for_everybody_on_a_campaign_it_is_told_why_they_were_called_or_not(browser: Browser, console: Served) -> None:
    seven_people(console)

    async def asked() -> None:
        database = console.there.app.database
        await ask_all(database, await run_of(database))

    console.do(asked())
    with opened(browser, language="en-GB") as page:
        enter(page, console, "zhou", Role.AUDITOR)
        page.goto(f"{console.base}/campaigns/renewal")
        page.get_by_role("link", name="Why, person by person").click()
        table = page.get_by_role("table", name="renewal: why people were called or not")
        table.get_by_role("row", name="+86154****0000").wait_for()
        choose(page, "Rule", "CN-REFUSAL")
        table.get_by_role("row", name="+86154****0000").wait_for(state="detached")
        [row] = table.locator("tbody > tr").all()
        assert "+86154****0001" in row.inner_text() and "消费者权益保护法第29条" in row.inner_text()


def test_why_is_told_of_a_run_that_begins_after_the_page_was_opened(browser: Browser, console: Served) -> None:
    seven_people(console)

    async def runs() -> None:
        database = console.there.app.database
        async with only_run(database, tenant=TENANT, campaign="renewal"):
            await ask_all(database, await run_of(database))

    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/campaigns/renewal/contacts")
        page.get_by_text("尚未裁定").first.wait_for()
        console.do(runs())
        page.get_by_text("不得呼叫").first.wait_for()
        choose(page, "规则", "CN-REFUSAL")
        page.get_by_role("row", name="+86154****0001").wait_for()
        page.get_by_role("row").nth(2).wait_for(state="detached")
        assert page.get_by_role("row").count() == 2, "the head, and the one who has refused"
