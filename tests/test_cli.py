"""Commands over a real ledger, inside this process."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.cli.output import show_rows
from fairdial.cli.report import show_split
from fairdial.core.dialogue.split_results import Taken, split_results
from fairdial.errors import InputError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def run(installation: None) -> Any:
    """Run a command as an operator would; returns what it printed."""

    def running(*arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments))
        if done.exception:
            raise done.exception
        return done.output

    return running


def test_an_adjusted_rule_is_shown_with_who_adjusted_it_and_decides(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text('adjustments: [{rule: CN-HOURS-SERVICE, set: {windows: [{start: "10:00", end: "12:00"}]}}]')
    run("tenant", "adjust", str(path), "--by", "李合规", "--reason", "自律")
    shown = json.loads(run("rules", "show", "CN-HOURS-SERVICE", "--json"))
    assert shown["parameters"]["windows"] == ["10:00-12:00 daily"] and shown["adjusted"]["by"] == "李合规"
    assert shown["version"].endswith("+adj1") and "adj1 李合规" in run("rules", "list", "--pack", "CN")
    shipped = json.loads(run("rules", "show", "CN-HOURS-SERVICE", "--shipped", "--json"))
    assert shipped["parameters"]["windows"] == ["09:00-20:00 daily"] and shipped["adjusted"] is None
    case = str(ROOT / "docs" / "examples" / "case-cn.json")
    versions = [json.loads(run("decide", case, "--json", *of))["pack_versions"] for of in ([], ["--tenant", "default"])]
    assert [any("+adj1" in version for version in found) for found in versions] == [False, True]
    [kept] = json.loads(run("tenant", "adjustments", "--json"))
    assert kept["reason"] == "自律" and kept["content"][0]["rule"] == "CN-HOURS-SERVICE"


def test_a_looser_adjustment_is_not_stored(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("adjustments: [{rule: CN-SPACING, set: {apart_min: 1}}]")
    with pytest.raises(InputError, match="apart_min"):
        run("tenant", "adjust", str(path), "--by", "x", "--reason", "y")
    assert json.loads(run("tenant", "adjustments", "--json")) == []


@pytest.mark.parametrize(
    "command",
    ["rules list", "rules test", "rules explain CN-REFUSAL", "suspension list", "suspension limits", "attempts unknown",
     "tenant adjustments", "models list", "script check examples/insurance-renewal/script.yaml"],
)  # fmt: skip
def test_json_is_one_document_in_one_line(run: Any, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = run(*command.split(), "--json")
    assert printed.count("\n") == 1 and isinstance(json.loads(printed), list | dict)


def test_a_command_loads_only_what_it_needs() -> None:
    """`fairdial line list` took seven seconds on a slow machine, six of them to load the web server and the world's places."""
    asked = "import sys; from fairdial.cli.main import app; app(['line', 'list', '--help'], standalone_mode=False); print(*sys.modules)"
    printed = subprocess.check_output([sys.executable, "-c", asked], text=True)
    heavy = {
        "alembic",
        "fastapi",
        "openpyxl",
        "phonenumbers.geodata",
        "pypinyin",
        "fairdial.web.server",
        "fairdial.voice",
    }
    assert "fairdial.cli.lines" in printed and not heavy & set(printed.split())


@pytest.mark.parametrize("width", [40, 400])
def test_no_cell_is_cut_however_narrow_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eighty columns showed `2026-…` and `http:…`; and what stood in brackets in a cell was taken for a colour."""
    monkeypatch.setenv("COLUMNS", str(width))
    row = {"name": "trunk-1 [red]", "until": "2027-12-31T00:00:00+08:00", "cost": None, "purposes": "service, survey"}
    show_rows([row, row], False, "none")
    printed = capsys.readouterr().out
    assert all(printed.count(str(value)) == 2 for value in row.values() if value is not None) and "…" not in printed


def test_a_difference_that_chance_explains_is_called_so() -> None:
    calls = [
        Taken(
            split="s", arm=arm, key=f"{arm}{n}", meets={"to_end": n < 90, "grade_ab": n < good, "refused": arm == "b"}
        )
        for arm, good in (("a", 30), ("b", 38))
        for n in range(100)
    ]
    out = StringIO()
    [result] = split_results(calls)
    show_split(Console(file=out, width=200), result)
    lines = {line.split(":")[0].strip(): line for line in out.getvalue().splitlines()[4:]}
    assert "+8.0 个百分点 points (-5.1 … +20.7), 分不出差别 not distinguishable" in lines["A 和 B 级 grades A and B"]
    assert "分不出" not in lines["拒绝 refusals"] and "100/100 = 100.0% (96.3% … 100.0%)" in lines["拒绝 refusals"]


def test_nothing_owed_and_no_split_is_said_so(run: Any) -> None:
    run(
        "tenant",
        "set",
        "--seat",
        "CN",
        "--role",
        "own_customers",
        "--purpose",
        "service",
        "--contract-until",
        "2028-12-31",
    )
    assert "没有要做的事" in run("follow-ups", "list") and json.loads(run("follow-ups", "list", "--json")) == []
    assert json.loads(run("report", "splits", "none", "--json")) == []


def test_a_report_of_no_calls_says_so_and_a_day_on_paper_leads_back_to_who_took_it(run: Any, tmp_path: Path) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-11-30")
    [whole] = json.loads(run("report", "calls", "--by", "hour", *days, "--json"))
    assert (whole["hour"], whole["dialled"], whole["answer_rate"]["share"]) == ("合计 all", 0, None)
    told = run("report", "day", "2026-11-30", "--by", "李合规", "--out", str(tmp_path / "day.pdf"))
    assert (tmp_path / "day.pdf").read_bytes().startswith(b"%PDF")
    [taken] = json.loads(run("report", "trace", told.split()[-1], "--json"))
    assert (taken["by"], taken["report"]) == ("李合规", "day")


SURVEY = str(ROOT / "examples" / "satisfaction-survey" / "script.yaml")


def test_a_share_that_is_no_number_is_told() -> None:
    """Not-a-number was called too large."""
    done = CliRunner().invoke(app, ["rehearse", SURVEY, "--cer", "nan"])
    assert isinstance(done.exception, InputError) and "from 0 to 1" in str(done.exception)


def test_a_command_or_key_that_does_not_exist_is_told_and_nothing_happens() -> None:
    """They were heard as sentences, and as a key that no telephone has."""
    typed = "/foo\n/key 99\n/key\n/over 是我\n"
    done = CliRunner().invoke(app, ["talk", SURVEY, "--json"], input=typed)
    assert "/foo: 没有这个命令" in done.stderr and "/over WORDS" in done.stderr
    assert done.stderr.count("write one key: 0 1 2 3 4 5 6 7 8 9 * #") == 2
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert [event["is"] for event in events][:3] == ["GreetingOver", "VoiceSustained", "SentenceHeard"], events


def test_a_label_that_does_not_exist_is_named_once_and_left_out_of_the_accuracy(tmp_path: Path) -> None:
    path = tmp_path / "sentences.tsv"
    path.write_text("accept\t好的可以\naccpt\t好的可以\naccpt\t不需要\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["understand", str(path), "--fast", "--json"])
    told = json.loads(done.stdout)
    assert told["accuracy"] == 1.0 and told["unknown_labels"] == ["accpt"] and len(told["rows"]) == 3
    assert done.stderr.count("accpt") == 1 and "refuse_soft" in done.stderr
