"""Documentation that fails when it is stale."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from fairdial import errors, settings
from fairdial.cases import case_schema
from fairdial.cli.main import ENTRIES, loaded
from fairdial.core.webhook import headers_of, secret_of
from fairdial.packs import load_packs
from fairdial.rules_page import rules_page
from fairdial.script_shape import script_schema
from scripts import draw_conversation

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/*.md")])


def commands() -> list[tuple[str, Any]]:
    """Every command with its full name."""
    found: list[tuple[str, Any]] = []

    def walk(name: str, command: Any) -> None:
        children = getattr(command, "commands", None)
        if children is None:
            found.append((name, command))
            return
        for child, sub in children.items():
            walk(f"{name} {child}", sub)

    for name in ENTRIES:
        walk(f"fairdial {name}", loaded(name))
    return found


@pytest.mark.parametrize("name", ENTRIES)
def test_the_list_of_commands_says_of_each_what_it_says_of_itself(name: str) -> None:
    assert loaded(name).help.split("\n\n")[0] == ENTRIES[name].says


WRITING = {
    "fairdial announcements label", "fairdial attempts settle", "fairdial caller add", "fairdial campaign create", "fairdial campaign run",
    "fairdial campaign plan", "fairdial campaign pause", "fairdial campaign resume", "fairdial campaign finish",
    "fairdial campaign start", "fairdial campaign stop", "fairdial webhook remove",
    "fairdial complaint add", "fairdial complaint close", "fairdial corrections export",
    "fairdial demo", "fairdial evidence export", "fairdial evidence seal",
    "fairdial follow-ups done",
    "fairdial history contacted", "fairdial history refused", "fairdial keys rotate", "fairdial line add",
    "fairdial line probe", "fairdial line set",
    "fairdial list export", "fairdial list import", "fairdial reader set", "fairdial recording export", "fairdial tenant login",
    "fairdial models fetch", "fairdial person erase", "fairdial person export", "fairdial person link", "fairdial refusal add",
    "fairdial registry import", "fairdial rehearsal clock", "fairdial rehearsal serve", "fairdial report day", "fairdial report write",
    "fairdial retention run",
    "fairdial rules page", "fairdial script approve", "fairdial script diagram", "fairdial script export", "fairdial script reject",
    "fairdial serve", "fairdial worker", "fairdial user add", "fairdial user link", "fairdial user link-oidc", "fairdial user unlink-oidc",
    "fairdial remote run", "fairdial remote stop",
    "fairdial script clips", "fairdial script render", "fairdial script schema", "fairdial script submit", "fairdial suspension add",
    "fairdial suspension lift", "fairdial tenant adjust", "fairdial tenant set",
}  # fmt: skip
"""Commands that change or write something; every other command reads."""


def test_every_command_that_reads_answers_programs_too() -> None:
    """And whatever is called `--json` means and says the same everywhere."""
    assert {name for name, _ in commands()} >= WRITING
    for name, command in commands():
        options = {option: p for p in command.params for option in p.opts}
        assert name in WRITING or "--json" in options, name
        if "--json" in options:
            assert "机器可读" in options["--json"].help and "Machine-readable" in options["--json"].help


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_is_documented_and_explains_itself_in_both_languages(name: str, command: Any) -> None:
    assert f"`{name}" in (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert command.help and re.search(r"[\u4e00-\u9fff]", command.help) and re.search(r"[a-z]{3}", command.help)


def test_every_setting_is_documented() -> None:
    named = set(re.findall(r'"(FAIRDIAL_\w+)"', inspect.getsource(settings)))
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert named and all(f"`{name}`" in page for name in named)


def test_every_error_code_is_documented_with_its_exit_code() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    kinds = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.FairdialError)]
    for kind in kinds:
        assert f"| `{kind.code}` | {kind.exit_code} |" in page


def test_what_rules_and_code_cite_exists() -> None:
    cited = {rule.cite for pack in load_packs(None).values() for rule in pack.rules if rule.cite.startswith("docs/")}
    for path in (ROOT / "src").rglob("*.py"):
        cited |= set(re.findall(r"docs/\w+/[\w-]+\.md", path.read_text(encoding="utf-8")))
    assert cited and all((ROOT / page).is_file() for page in cited)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [ROOT / "docs" / "tour.md", ROOT / "README.md"], ids=lambda page: page.name)
def test_files_that_pages_name_exist(page: Path) -> None:
    named = re.findall(r"`((?:[\w/-]+/)+[\w-]+\.(?:py|yaml|md|toml))`", page.read_text(encoding="utf-8"))
    assert named
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "src" / "fairdial" / name).exists(), name


def test_the_readme_shows_the_two_commands_and_stays_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "$ make demo" in text and "$ make test" in text and len(text.splitlines()) <= 120


def test_the_generated_pages_are_fresh() -> None:
    """`make docs` writes them."""
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_page(load_packs(None))
    assert json.loads((ROOT / "docs" / "case.schema.json").read_text(encoding="utf-8")) == case_schema()
    assert json.loads((ROOT / "docs" / "script.schema.json").read_text(encoding="utf-8")) == script_schema()
    assert (ROOT / "docs" / "conversation.md").read_text(encoding="utf-8") == draw_conversation.page()


def test_every_finding_of_a_script_is_documented() -> None:
    page = (ROOT / "docs" / "why" / "script.md").read_text(encoding="utf-8")
    sources = [*(ROOT / "src/fairdial/core/script").glob("*.py"), *(ROOT / "src/fairdial").glob("script_*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    rules = set(re.findall(r'rule="([\w-]+)"', text))
    rules |= set(re.findall(r'(?:_warning|_opening|shape_finding|_not_written|_example|_unknown)\(\s*"([\w-]+)"', text))
    assert len(rules) > 20 and [rule for rule in sorted(rules) if f"`{rule}`" not in page] == []


def test_what_the_page_on_webhooks_checks_signatures_with_does() -> None:
    page = (ROOT / "docs" / "howto" / "webhooks.md").read_text(encoding="utf-8")
    _, _, code = page.partition("    import base64")
    code = textwrap.dedent("    import base64" + code.partition("\nSign over")[0])
    there: dict[str, Any] = {}
    exec(code, there)
    secret, body = secret_of(b"k" * 32), b"{}"
    headers = headers_of(secret, message="call-1-ended", at=int(time.time()), body=body)
    assert there["is_ours"](headers, body, secret)
    assert not there["is_ours"](headers, b"{ }", secret)
    assert not there["is_ours"](headers_of(secret, message="call-1-ended", at=0, body=body), body, secret)
