"""A browser for each module, a server for each test; without the one or the built console the tests are left out."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from fairdial.web.server import CONSOLE
from tests.console.served import Served, served


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is missing: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while its driver runs, no other test of the process can run a loop of its own."""
    if not (CONSOLE / "index.html").is_file():
        pytest.skip("the console is not built: make console")
    path = _chromium()
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def console(browser: Browser, database_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Served]:
    """Asks for the browser first, so that nothing is started for a test that is left out; no fault of the server passes."""
    with served(database_url) as there:
        yield there
    assert [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR] == []
