"""A list comes in by being dropped on the page: its columns are chosen, its rows checked, and what is wrong is told."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from fairdial.core.access.roles import Role
from tests.console.served import Served
from tests.console.test_pages import enter, opened
from tests.ledger.stories import one

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EVIDENCE = "同意书 2025-0117"
HEADER = "客户,电话,数据来源,依据,授权用途,授权渠道,授权时间,证据文件,证据SHA256"
ROWS = (
    "陈静,15400000001,保单登记,现有客户,,,,,",
    f"赵敏,15400000002,开放日,授权,服务,电话,2025-06-20,consents/a.txt,{hashlib.sha256(EVIDENCE.encode()).hexdigest()}",
    "何平,12345,保单登记,现有客户,,,,,",
)

_DROP = """([input, text]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  data.items.add(new File([bytes], "名单.csv"));
  input.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def dropped(page: Page, content: bytes) -> None:
    """A file is let go over the page's field, as a mouse does it."""
    field = page.locator("input[type=file]")
    field.wait_for(state="attached")
    page.evaluate(_DROP, [field.element_handle(), base64.b64encode(content).decode()])


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a list of options by keyboard: typed, and Enter."""
    page.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").first.wait_for()  # they are on their way
    page.keyboard.type(option)
    page.keyboard.press("Enter")


def test_a_dropped_list_is_checked_and_its_bad_rows_told_downloaded_and_left_out(
    browser: Browser, console: Served, tmp_path: Path
) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.get_by_role("link", name="名单").click()
        dropped(page, "\n".join((HEADER, *ROWS)).encode("gb18030"))
        page.get_by_role("heading", name="1. 每一列是什么").wait_for()
        assert "+86154****0001" in page.locator("main").inner_text() and "GB18030" in page.locator("main").inner_text()
        assert (
            page.get_by_text("还缺：姓名").is_visible() and page.get_by_role("button", name="检查每一行").is_disabled()
        )
        choose(page, "“客户”导入为", "姓名")
        page.get_by_label("名单名称").fill("续保")
        page.get_by_role("button", name="检查每一行").click()
        page.get_by_text("1 人可以导入").wait_for()
        assert page.get_by_text("名单提到 1 个证据文件，已找到 0 个").is_visible()
        files = [{"name": "a.txt", "mimeType": "text/plain", "buffer": EVIDENCE.encode()}]
        page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
        page.get_by_text("2 人可以导入").wait_for()
        bad = page.get_by_role("table", name="不能用的行")
        assert bad.get_by_role("row", name="4 电话").count() == 1
        with page.expect_download() as download:
            page.get_by_role("link", name="下载不能用的行").click()
        download.value.save_as(tmp_path / "bad.csv")
        assert "4,电话," in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")
        page.reload()
        page.get_by_role("button", name="导入 2 人").click()
        page.get_by_role("heading", name="已把 2 人导入名单 续保").wait_for()
        page.get_by_role("link", name="查看名单").click()
        page.get_by_role("table", name="数据来源：导入过的文件").get_by_role("row", name="名单.csv").wait_for()
        page.get_by_text("授权", exact=True).first.click()
        page.get_by_role("table", name="授权", exact=True).get_by_role("row", name="+86154****0002").wait_for()
    assert console.do(one(console.there.app.database, "SELECT count(*) FROM contact")) == 2


def test_a_file_that_is_no_list_is_refused_in_words_and_one_can_be_given_up(browser: Browser, console: Served) -> None:
    with opened(browser, language="en-GB") as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/lists")
        dropped(page, bytes(range(256)))
        page.get_by_role("alert").get_by_text("is not text").wait_for()
        dropped(page, "\n".join((HEADER, *ROWS)).encode())
        page.get_by_role("button", name="Give up").click()
        page.get_by_role("dialog").get_by_role("button", name="Give up").click()
        page.get_by_text("The file is deleted").wait_for()
    assert console.do(one(console.there.app.database, "SELECT count(*) FROM list")) == 0
