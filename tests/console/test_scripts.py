"""Writing a script on the canvas: what is drawn is what is written, and nothing of anybody's is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairdial.app.scripts import STARTER
from fairdial.core.access.roles import Role
from fairdial.ledger.script_drafts import draft_of
from tests.console.served import Served
from tests.console.test_pages import enter, opened
from tests.ledger.stories import TENANT
from tests.web.stories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SOURCES = Path(__file__).parents[2] / "console"


def begin(page: Page, console: Served, name: str) -> None:
    """A script of one's own, begun from the one that is offered."""
    page.goto(f"{console.base}/scripts")
    page.get_by_role("button", name="新建话术").click()
    page.get_by_label("名称", exact=True).fill(name)
    page.get_by_label("标题", exact=True).fill("我的话术")
    page.get_by_role("button", name="新建并打开").click()
    step(page, "confirm").wait_for()


def open_script(page: Page, console: Served, name: str) -> None:
    page.goto(f"{console.base}/scripts/{name}")
    step(page, "confirm").wait_for()


def step(page: Page, name: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{name}"]')


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_label(field, exact=True).click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").get_by_text(option, exact=True).click()


def written(page: Page, words: str = "") -> str:
    """The text as it is, not saved yet, once it holds the words."""
    page.wait_for_function(
        "(words) => Object.entries(sessionStorage).some(([key, value]) => key.startsWith('fairdial.script.') &&"
        " JSON.parse(value).text.includes(words))",
        arg=words,
    )
    kept = page.evaluate("Object.entries(sessionStorage).find(([key]) => key.startsWith('fairdial.script.'))[1]")
    return str(json.loads(kept)["text"])


def saved(console: Served, name: str) -> str:
    draft = console.do(draft_of(console.there.app.database, tenant=TENANT, name=name))
    assert draft is not None
    return draft.text


def save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存", exact=True).wait_for()


def starter(name: str) -> str:
    text = STARTER.read_text(encoding="utf-8")
    return text.replace("script: my-first-script", f"script: {name}").replace(
        "title: 我的第一个话术", "title: 我的话术"
    )


def differing(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went, and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_branch_drawn_on_the_canvas_is_checked_rehearsed_submitted_and_approved_by_another(
    browser: Browser, console: Served
) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call")
        assert saved(console, "my-call") == starter("my-call"), "comments and order are the starter's"
        step(page, "remind").click()
        choose(page, "听到的意思", "问价格")
        choose(page, "然后", "新步骤（结束通话）")
        page.get_by_label("说什么").fill("价格由专员告诉您,再见。")
        page.get_by_role("button", name="加上").click()
        step(page, "remind_ask_price").wait_for()
        went, came = differing(starter("my-call"), written(page, "ask_price:"))
        assert (went, came) == (
            [],
            [
                "  remind_ask_price: 价格由专员告诉您,再见。",
                "      ask_price: remind_ask_price",
                "  remind_ask_price: {say: remind_ask_price, end: {grade: C, outcome: remind_ask_price}}",
            ],
        )
        before = written(page)
        step(page, "declined").click()
        page.get_by_role("button", name="删除步骤").click()
        page.get_by_text("个错误").first.wait_for()
        assert page.locator(".cm-lint-marker-error").count() > 0, "the gutter shows it, too"
        page.get_by_role("button", name="撤销").click()
        page.get_by_text("个错误").first.wait_for(state="detached")
        assert written(page) == before, "undone byte by byte"
        save(page)

        page.get_by_role("tab", name="演练").click()
        page.get_by_label("通数").fill("40")
        page.get_by_role("button", name="开始演练").click()
        page.get_by_text("演练了 40 通").wait_for(timeout=60_000)
        assert "/40 通" in step(page, "confirm").inner_text()
        page.get_by_role("button", name="提交审核").click()
        page.get_by_role("dialog").get_by_role("button", name="提交审核").click()
        page.get_by_role("cell", name="待审核").wait_for()
        assert page.get_by_role("button", name="通过", exact=True).count() == 0, "not one's own"

    with opened(browser) as page:
        enter(page, console, "zhang", Role.REVIEWER)
        open_script(page, console, "my-call")
        assert page.get_by_role("button", name="保存", exact=True).count() == 0
        page.get_by_role("tab", name="版本与审核").click()
        page.get_by_label("写一条意见").fill("结尾很好")
        page.get_by_role("button", name="发出").click()
        page.get_by_text("结尾很好").first.wait_for()
        page.get_by_role("button", name="通过", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="通过", exact=True).click()
        page.get_by_role("cell", name="已通过").wait_for()


def test_the_second_of_two_is_told_and_merges_and_nothing_is_lost(browser: Browser, console: Served) -> None:
    with opened(browser) as page, opened(browser) as other:
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call")
        enter(other, console, "qian", Role.WRITER)
        open_script(other, console, "my-call")
        step(page, "remind").click()
        page.get_by_label("说", exact=True).first.fill("李写的提醒。")
        save(page)
        step(other, "confirm").click()
        other.get_by_label("没听清时再问").fill("钱写的再问。")
        other.get_by_role("button", name="保存", exact=True).click()
        told = other.get_by_role("dialog", name="这份话术刚才有人改过")
        assert "li 在" in told.inner_text() and "李写的提醒。" in told.inner_text()
        told.get_by_role("button", name="合并并保存").click()
        other.get_by_text("已保存", exact=True).wait_for()
        text = saved(console, "my-call")
        assert "李写的提醒。" in text and "钱写的再问。" in text

        page.get_by_label("没听清时再问").fill("李又写的。")
        save_button = page.get_by_role("button", name="保存", exact=True)
        save_button.click()
        told = page.get_by_role("dialog", name="这份话术刚才有人改过")
        told.get_by_role("button", name="先不保存").click()
        assert written(page, "李又写的。"), "nothing is lost by waiting"
        save_button.click()
        told.get_by_role("button", name="合并并保存").click()
        page.get_by_text("已保存", exact=True).wait_for()
        assert "李又写的。" in saved(console, "my-call") and "钱写的再问。" in saved(console, "my-call")


def test_lines_that_clash_are_asked_about_one_by_one(browser: Browser, console: Served) -> None:
    with opened(browser) as page, opened(browser) as other:
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call")
        enter(other, console, "qian", Role.WRITER)
        open_script(other, console, "my-call")
        for one, words in ((page, "李写的提醒。"), (other, "钱写的提醒。")):
            step(one, "remind").click()
            one.get_by_label("说", exact=True).first.fill(words)
            one.get_by_role("button", name="保存", exact=True).click()
            if one is page:
                one.get_by_text("已保存", exact=True).wait_for()
        told = other.get_by_role("dialog", name="这份话术刚才有人改过")
        assert told.get_by_role("button", name="合并并保存").is_disabled(), "first it must be decided"
        told.get_by_text("用我的").click()
        told.get_by_role("button", name="合并并保存").click()
        other.get_by_text("已保存", exact=True).wait_for()
        text = saved(console, "my-call")
        assert "钱写的提醒。" in text and "李写的提醒。" not in text


def test_an_expired_sign_in_or_a_reload_in_the_middle_of_an_edit_loses_nothing(
    browser: Browser, console: Served
) -> None:
    with opened(browser) as page:
        page.goto(console.link_for("li", [Role.WRITER]))
        page.get_by_label("新密码").fill(PASSWORD)
        page.get_by_label("再输入一次").fill(PASSWORD)
        page.get_by_role("button", name="设置密码").click()
        page.get_by_role("navigation", name="主菜单").wait_for()
        begin(page, console, "my-call")
        step(page, "remind").click()
        page.get_by_label("说", exact=True).first.fill("写到一半的话。")
        written(page, "写到一半的话。")
        page.reload()
        page.get_by_text("恢复了上次没有保存的修改").wait_for()
        step(page, "remind").click()
        assert page.get_by_label("说", exact=True).first.input_value() == "写到一半的话。"
        page.context.clear_cookies()
        page.get_by_role("button", name="保存", exact=True).click()
        again = page.get_by_role("dialog", name="登录已过期")
        again.locator("input[type=password]").fill(PASSWORD)
        again.get_by_role("button", name="登录", exact=True).click()
        page.get_by_text("已保存", exact=True).wait_for()
        assert "写到一半的话。" in saved(console, "my-call")


def test_the_canvas_is_walked_and_edited_by_keyboard_alone(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call")
        step(page, "confirm").focus()
        page.keyboard.press("ArrowDown")
        page.get_by_role("heading", name="remind").wait_for()
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
        page.keyboard.press("Control+End")
        page.keyboard.type("谢谢")
        written(page, "需要我们给您回个电话吗?谢谢")
        step(page, "later").focus()
        page.keyboard.press("Delete")
        step(page, "later").wait_for(state="detached")
        assert "  later:" not in written(page)
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+z")
        step(page, "later").wait_for()


def test_it_is_talked_with_as_it_stands(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.WRITER)
        begin(page, console, "my-call")
        page.get_by_role("tab", name="试着说").click()
        for words in ("对,我是", "不要再打了"):
            page.get_by_label("说", exact=True).last.fill(words)
            page.keyboard.press("Enter")
            page.get_by_text(words, exact=True).wait_for()
        page.get_by_text("通话结束：明确拒绝，意向等级 F").wait_for()
        assert "明确拒绝" in page.get_by_label("对话").inner_text()


def test_edits_on_the_canvas_keep_every_other_byte() -> None:
    """The laws themselves stand in console/src/pages/scripts/canvas/laws.test.ts."""
    if shutil.which("npm") is None or not (SOURCES / "node_modules" / "vitest").is_dir():
        pytest.skip("vitest is missing: cd console && npm ci")
    ran = subprocess.run(["npm", "test"], cwd=SOURCES, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout[-4000:]
