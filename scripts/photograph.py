"""Photograph the console's pages as they are kept in docs/console: Chinese above English, light beside dark.

    make demo                                             # prints the address and a one-time link
    .venv/bin/python scripts/photograph.py LINK           # every page
    .venv/bin/python scripts/photograph.py LINK call today

Needs Debian's chromium, and the demo's campaign in the installation that the link leads into.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, StorageState, sync_playwright

OUT = Path(__file__).parents[1] / "docs" / "console"
PAGES = {
    "today": "/", "campaigns": "/campaigns", "campaign": "/campaigns/insurance-renewal",
    "campaign-why": "/campaigns/insurance-renewal/contacts", "campaign-new": "/campaigns/new/plan?list=insurance-renewal",
    "calls": "/calls",
    "call": "/calls/18", "scripts": "/scripts", "lists": "/lists", "contacts": "/lists/insurance-renewal",
    "people": "/people", "lines": "/lines", "reports": "/reports", "ab": "/reports/ab", "compliance": "/compliance",
    "law": "/compliance/law", "gate": "/compliance/gate", "evidence": "/compliance/evidence",
    "reads": "/compliance/reads", "retention": "/compliance/retention", "users": "/users", "account": "/account",
}  # fmt: skip
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTH, MOST_HEIGHT, GAP = 1280, 1200, 8


def shot(browser: Browser, state: StorageState, address: str, *, language: str, theme: Theme) -> Image.Image:
    context = browser.new_context(
        storage_state=state, locale=language, color_scheme=theme, reduced_motion="reduce",
        viewport={"width": WIDTH, "height": 900},
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(
        "() => document.querySelector('main h1, main h2') && !document.querySelector('main .waiting')"
    )
    page.wait_for_timeout(700)  # charts draw themselves
    height = min(MOST_HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": WIDTH, "height": max(700, height)})
    page.wait_for_timeout(200)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def main(link: str, *names: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.locator("input[type=password]").first.wait_for()
        state = context.storage_state()
        for name in names or PAGES:
            address = link.partition("/sign-in")[0] + PAGES[name]
            looks = [(language, theme) for language in ("zh-CN", "en-GB") for theme in THEMES]
            shots = [shot(browser, state, address, language=language, theme=theme) for language, theme in looks]
            width, height = shots[0].width, max(one.height for one in shots)
            sheet = Image.new("RGB", (2 * width + GAP, 2 * height + GAP), "#888")
            for n, one in enumerate(shots):
                sheet.paste(one, (n % 2 * (width + GAP), n // 2 * (height + GAP)))
            sheet.save(OUT / f"{name}.webp", quality=60, method=6)
            print(OUT / f"{name}.webp", (OUT / f"{name}.webp").stat().st_size // 1024, "kB")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
