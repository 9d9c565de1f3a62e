"""The whole story in a real browser: from a list with bad rows to a refusal that holds, and evidence a stranger checks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.console.test_lists import choose, dropped
from tests.console.test_pages import opened
from tests.console.test_scripts import choose as choose_field
from tests.console.test_scripts import step
from tests.journeys.operator import MORNING, Operator, invites, wait_until
from tests.journeys.test_serve import answers
from tests.rehearsal.practice import Network, example_network, free_port
from tests.web.stories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BAD_ROW = "何平,先生,12345,重庆,医疗险,2026-12-18,1360,2025 年投保单登记,现有客户,,,,,,"
DAY = MORNING.partition("T")[0]
TALK_MS, STEP_MS = 120_000, 60_000
"""A whole call is held while the page waits; a step shares two cores with calls and their recognition."""


@dataclass
class Console:
    """`fairdial serve` as a process of its own."""

    operator: Operator
    network: Network
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def clips(self) -> tuple[str, str]:
        return ("--clips", str(self.operator.example / "clips"))

    def begins(self, *options: str) -> None:
        self.process = self.operator.starts("serve", "--port", str(self.port), *self.clips, *options)
        with httpx.Client(base_url=self.base) as asking:
            wait_until(lambda: answers(asking))

    def ends(self) -> None:
        assert self.process is not None
        self.process.send_signal(2)
        self.process.communicate(timeout=40)

    def knows(self, name: str, *roles: str) -> str:
        """Let somebody in; returns their link."""
        given = [word for role in roles for word in ("--role", role)]
        return self.operator.runs("user", "add", name, *given, "--by", "王经理", "--address", self.base).strip()


@contextmanager
def installation(operator: Operator, *personas: str, worker: bool = True) -> Iterator[Console]:
    """An enterprise with a contract, a practice line and a number; nothing else."""
    persona_of = operator.takes_the_list(*personas)
    port = free_port()
    with example_network(operator.folder, operator.example, persona_of) as network:
        until = ("--purpose", "service", "--documents-until", "2027-12-31")
        operator.runs("rehearsal", "clock", MORNING)
        operator.runs("tenant", "set", "--seat", "CN", "--purpose", "service", "--contract-until", "2027-12-31")
        operator.runs(
            *("line", "add", "practice", "--address", f"127.0.0.1:{network.port}", "--kind", "practice"),
            *("--capacity", "1", *until),
        )
        operator.runs("caller", "add", "+8615499990001", "--documents-until", "2027-12-31")
        console = Console(operator, network, port)
        try:
            console.begins(*(() if worker else ("--no-worker",)))
            yield console
        finally:
            console.ends()


def signs_in(page: Page, link: str) -> None:
    """By the link, to a password of one's own and on to the first page."""
    page.goto(link)
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输入一次").fill(PASSWORD)
    page.get_by_role("button", name="设置密码").click()
    page.get_by_role("navigation", name="主菜单").wait_for()


def goes_to(page: Page, menu: str) -> None:
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name=menu).click()


def imports(page: Page, file: Path, name: str, folder: Path) -> str:
    """Drop a list in, with the evidence of its consents; returns the bad rows as they were downloaded."""
    goes_to(page, "名单")
    dropped(page, file.read_bytes())
    page.get_by_role("heading", name="1. 每一列是什么").wait_for()
    page.get_by_label("名单名称").fill(name)
    page.get_by_role("button", name="检查每一行").click()
    page.get_by_text("人可以导入").wait_for()
    evidence = sorted(str(one) for one in (folder / "consents").iterdir())
    page.locator("input[type=file]").set_input_files(evidence)
    page.get_by_text("2 人可以导入").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载不能用的行").click()
    download.value.save_as(folder / "bad.csv")
    page.get_by_role("button", name="导入 2 人").click()
    page.get_by_role("heading", name=f"已把 2 人导入名单 {name}").wait_for()
    return (folder / "bad.csv").read_text(encoding="utf-8-sig")


def writes(page: Page, text: str, name: str) -> None:
    """The example as text, one more way on the canvas, tried and submitted."""
    goes_to(page, "话术")
    page.get_by_role("button", name="新建话术").click()
    page.get_by_label("名称", exact=True).fill(name)
    page.get_by_label("标题", exact=True).fill("续保提醒")
    page.get_by_role("button", name="新建并打开").click()
    step(page, "confirm").wait_for()
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text.replace("script: insurance-renewal", f"script: {name}"))
    step(page, "persuade").click()
    choose_field(page, "听到的意思", "正忙")
    choose_field(page, "然后", "later")
    page.get_by_role("button", name="加上").click()
    page.get_by_role("tab", name="检查").click()
    page.get_by_role("tabpanel", name="检查").get_by_text("没有发现问题，可以提交。").wait_for()
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存", exact=True).wait_for()
    page.get_by_role("tab", name="演练").click()
    page.get_by_label("通数").fill("40")
    page.get_by_role("button", name="开始演练").click()
    page.get_by_text("演练了 40 通").wait_for(timeout=60_000)
    page.get_by_role("button", name="提交审核").click()
    page.get_by_role("dialog").get_by_role("button", name="提交审核").click()
    page.get_by_role("cell", name="待审核").wait_for()


def approves(page: Page, console: Console, link: str, script: str) -> None:
    """Somebody else reads what is said, and lets it pass."""
    signs_in(page, link)
    page.get_by_role("heading", name="待审核的话术").wait_for()
    page.get_by_role("link", name=script).first.click()
    page.get_by_role("button", name="通过", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="通过", exact=True).click()
    page.get_by_role("cell", name="已通过").wait_for()


def plans(page: Page, console: Console, list_name: str, name: str, *, now: int, never: int) -> None:
    """A campaign by the wizard, after the gate was asked about everybody."""
    page.goto(f"{console.base}/lists/{list_name}")
    page.get_by_role("link", name="用这份名单新建任务").click()
    for label in ("选择话术（只列出审核通过的版本）", "选择线路", "选择主叫号码"):
        choose(page, label, "")
    answer = page.get_by_role("table", name="现在能呼叫谁")
    answer.get_by_role("row", name=f"现在可以呼叫 {now}").wait_for()
    answer.get_by_role("row", name=f"不得呼叫 {never}").wait_for()
    if never:
        assert "CN-REFUSAL" in page.get_by_role("table", name="为什么不得呼叫").inner_text()
    page.get_by_label("5. 任务名称").fill(name)
    page.get_by_role("button", name="创建任务").click()
    page.get_by_role("heading", name=name, exact=True).wait_for()


def starts(page: Page) -> None:
    page.get_by_role("button", name="开始呼叫").click()
    page.get_by_role("tooltip").get_by_role("button", name="开始呼叫").click()


def begins(page: Page) -> None:
    starts(page)
    page.get_by_role("heading", name="正在进行").wait_for()


def is_over(page: Page) -> None:
    """Everybody who may be called was called."""
    page.get_by_role("button", name="开始呼叫").wait_for(timeout=TALK_MS)


def test_from_a_list_to_a_refusal_that_holds_and_evidence_that_a_stranger_checks(
    browser: Browser, operator: Operator, tmp_path: Path
) -> None:
    with installation(operator, "refuses_at_once", "silent") as console:
        with (operator.folder / "customers.csv").open("a", encoding="utf-8") as stream:
            stream.write(BAD_ROW + "\n")
        with opened(browser) as page:
            page.set_default_timeout(STEP_MS)
            signs_in(page, console.knows("wang", "operator", "writer", "compliance"))
            operator.runs("reader", "set", "wang", "--level", "private", "--by", "王经理")
            bad = imports(page, operator.folder / "customers.csv", "续保客户", operator.folder)
            assert "4,电话," in bad, "line, column, and the remedy"
            text = (operator.example / "script.yaml").read_text(encoding="utf-8")
            writes(page, text, "renewal-2026")
            with opened(browser) as other:
                approves(other, console, console.knows("li", "reviewer"), "renewal-2026")

            plans(page, console, "续保客户", "十一月", now=2, never=0)
            begins(page)
            card = page.locator(".living li", has_text="+86154****1259")
            card.locator(".theirs").wait_for(timeout=TALK_MS)
            card.locator(".mark.bad", has_text="明确拒绝").wait_for(timeout=TALK_MS)
            card.locator(".mark", has_text="等级 F").wait_for()
            is_over(page)
            assert card.is_visible(), "the last call stays in sight when the run is over"

            plans(page, console, "续保客户", "十二月", now=0, never=1)
            starts(page)
            page.get_by_text("CN-REFUSAL").wait_for(timeout=TALK_MS)
            page.get_by_role("link", name="逐人查看原因").click()
            choose(page, "规则", "CN-REFUSAL")
            row = page.get_by_role("table", name="十二月：为什么呼叫，为什么不呼叫").get_by_role(
                "row", name="+86154****1259"
            )
            row.wait_for(timeout=TALK_MS)
            assert "消费者权益保护法第29条" in row.inner_text() and "未呼叫" in row.inner_text()
            assert [to for to, _ in invites(console.network)].count("+8615400001259") == 1

            path = exports(page, console, tmp_path)
        printed = operator.runs("evidence", "verify", str(path))
        assert "genuine" in printed
        path.write_bytes(path.read_bytes().replace(b"refusal", b"consent", 1))
        operator.runs("evidence", "verify", str(path), code=1)


def exports(page: Page, console: Console, folder: Path) -> Path:
    """The evidence of the day, verified in the page, too."""
    page.goto(f"{console.base}/compliance/evidence")
    page.get_by_label("起始日").fill(DAY)
    page.get_by_label("截止日").fill(DAY)
    with page.expect_download() as begun:
        page.get_by_role("button", name="导出文件").click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    page.get_by_label("选择文件").set_input_files(path)
    page.get_by_text("可信：全部内容与封存时一致").wait_for()
    return path


def test_a_server_that_begins_anew_while_somebody_watches_is_found_again_by_the_page(
    browser: Browser, operator: Operator
) -> None:
    with installation(operator, "interested", "refuses_at_once", "silent", worker=False) as console:
        script = str(operator.example / "script.yaml")
        operator.runs("list", "import", "customers.csv", "--name", "renewals")
        operator.runs("script", "submit", script, "--by", "王编写")
        operator.runs("script", "approve", script, "--by", "李审核")
        create = ("campaign", "create", "renewals", "--list", "renewals", "--script", script, "--line", "practice")
        operator.runs(*create, "--caller-number", "+8615499990001")
        worker = operator.starts("worker", *console.clips)
        try:
            with opened(browser) as page:
                page.set_default_timeout(STEP_MS)
                signs_in(page, console.knows("wang", "operator"))
                operator.runs("reader", "set", "wang", "--level", "private", "--by", "王经理")
                page.goto(f"{console.base}/campaigns/renewals")
                begins(page)
                page.locator(".living .theirs").first.wait_for(timeout=TALK_MS)
                console.ends()
                page.get_by_text("与服务器的连接断开了").wait_for()
                console.begins("--no-worker")
                page.get_by_text("与服务器的连接断开了").wait_for(state="detached", timeout=TALK_MS)
                assert page.locator(".living li").count() >= 1, "whole again, without a reload"
                page.locator(".living .mark.bad", has_text="明确拒绝").wait_for(timeout=TALK_MS)
                is_over(page)
        finally:
            worker.send_signal(2)
            worker.communicate(timeout=60)
