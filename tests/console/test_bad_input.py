"""What nobody should send, sent through the page and through a socket: refused early, in words."""

from __future__ import annotations

import json
import re
import socket
from http.client import HTTPResponse
from typing import TYPE_CHECKING

from fairdial.core.access.roles import Role
from tests.console.served import Served
from tests.console.test_lists import dropped
from tests.console.test_pages import enter, opened
from tests.ledger.stories import one
from tests.web.test_imports import a_book_that_unpacks_to_a_mountain

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_DROP_MUCH = """([input, megabytes]) => {
  const data = new DataTransfer();
  const part = new Uint8Array(1 << 20);
  data.items.add(new File(Array(megabytes).fill(part), "大名单.csv"));
  input.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def test_a_zip_bomb_is_refused_in_words_and_the_page_goes_on(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/lists")
        dropped(page, a_book_that_unpacks_to_a_mountain())
        page.get_by_role("alert").get_by_text("解压后过大").wait_for()
        dropped(page, "姓名,电话\n陈静,15400000001\n".encode())
        page.get_by_role("heading", name="1. 每一列是什么").wait_for()
    assert console.do(one(console.there.app.database, "SELECT count(*) FROM list_upload")) == 1


def test_a_file_larger_than_the_setting_is_refused_in_words_in_the_page(browser: Browser, console: Served) -> None:
    """The server cuts the line; whether its words have come by then, the page tells it."""
    most = console.there.app.settings.most_list_mb
    with opened(browser) as page:
        enter(page, console, "li", Role.OPERATOR)
        page.goto(f"{console.base}/lists")
        field = page.locator("input[type=file]")
        field.wait_for(state="attached")
        page.evaluate(_DROP_MUCH, [field.element_handle(), most + 1])
        page.get_by_role("alert").get_by_text(re.compile("不得超过|过大")).wait_for()
    assert console.do(one(console.there.app.database, "SELECT count(*) FROM list_upload")) == 0


def test_a_gigabyte_is_refused_by_its_length_before_it_is_sent(browser: Browser, console: Served) -> None:
    with opened(browser) as page:
        enter(page, console, "li", *Role)
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
        csrf = page.evaluate("fetch('/api/v1/session').then((answer) => answer.json()).then((who) => who.csrf)")
    host, port = console.base.removeprefix("http://").split(":")
    for path in ("lists/imports?file_name=a.csv", "evidence/verify", "scripts/check"):
        with socket.create_connection((host, int(port)), timeout=10) as door:
            door.sendall(
                f"POST /api/v1/{path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\nX-CSRF-Token: {csrf}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {1 << 30}\r\n\r\n".encode()
                + b"a" * 1000
            )
            answer = HTTPResponse(door, method="POST")
            answer.begin()
            assert (answer.status, answer.headers["Connection"]) == (413, "close"), path
            assert json.loads(answer.read())["type"].endswith("too-large"), path
