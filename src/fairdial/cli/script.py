"""`fairdial script`: check, approve and render what is said. 话术:检查、审核、生成录音。"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from fairdial.app.scripts import sound, standards_of
from fairdial.cli.output import Json, print_json
from fairdial.cli.spoken_values import listed_values
from fairdial.core.script.clip import Wording
from fairdial.core.script.finding import Finding, Severity
from fairdial.core.script.model import Script
from fairdial.core.script.speech import all_wordings, fixed_wordings
from fairdial.errors import InputError
from fairdial.packs import load_packs
from fairdial.review.blocks import blocks
from fairdial.review.diagram import diagram
from fairdial.review.write_docx import docx_of
from fairdial.review.write_html import html_of
from fairdial.script_check import Clips, Standards, check_script
from fairdial.script_file import Examined, examine, read_script_file
from fairdial.script_shape import script_schema
from fairdial.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Scripts: what is said. 话术。")

ScriptFile = Annotated[Path, typer.Argument(help="Script file (YAML). 话术文件。")]


def standards() -> Standards:
    """The rule packs and word lists of this installation, and the understanding it ships with."""
    settings = read_settings(os.environ)
    return standards_of(settings, load_packs(settings.rulepacks))


def read_sound_script(path: Path) -> tuple[Mapping[str, Any], Script]:
    """Read a script that has no error, as it must be before anybody may approve it.

    Raises:
        InputError: Names file, line, column and remedy of every error.
    """
    return sound(examine(path), standards())


@app.command("check", epilog="Example 例: fairdial script check examples/insurance-renewal/script.yaml --strict")
def check(
    path: ScriptFile,
    strict: Annotated[bool, typer.Option(help="Warnings count as errors. 警告也算错误。")] = False,
    clips: Annotated[Path | None, typer.Option(help="Folder of clips; by default `clips` beside. 录音文件夹。")] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with a script: line, column and remedy. 检查话术:行、列、怎样改。

    Exit 1 when something must be changed, 2 when the file is no script. A list `customers.csv` beside it is used to
    look for the clips of everybody on it.
    """
    examined = examine(path)
    findings = examined.findings
    if examined.script is not None:
        findings = check_script(examined.script, standards(), _clips(path, examined.script, clips))
    wrong = [f for f in findings if strict or f.severity is Severity.ERROR]
    if as_json:
        print_json(_checked(examined, findings))
    else:
        _show(examined, findings, strict=strict)
    if wrong:
        raise typer.Exit(1 if examined.script is not None else 2)


def _clips(path: Path, script: Script, given: Path | None) -> Clips | None:
    """What the clips beside a script, or in the folder given, should be."""
    folder = given or path.parent / "clips"
    if given is None and not folder.is_dir():
        return None
    contacts = path.parent / "customers.csv"
    if not contacts.is_file():
        return Clips(folder=folder, wanted=tuple(fixed_wordings(script)), is_whole=not script.variables)
    return Clips(folder=folder, wanted=tuple(said_to(contacts, script)), is_whole=True)


def said_to(contacts: Path, script: Script) -> list[Wording]:
    return all_wordings(script, listed_values(contacts, script))


def _checked(examined: Examined, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "file": str(examined.path),
        "hash": examined.script.hash if examined.script else None,
        "errors": sum(f.severity is Severity.ERROR for f in findings),
        "warnings": sum(f.severity is Severity.WARNING for f in findings),
        "findings": [
            {
                "rule": f.rule,
                "severity": f.severity,
                "file": str((where := examined.place(f))[0]),
                "line": where[1].line,
                "column": where[1].column,
                "path": list(f.path),
                "zh": f.zh,
                "en": f.en,
                "fix_zh": f.fix_zh,
                "fix_en": f.fix_en,
                "cite": f.cite,
            }
            for f in findings
        ],
    }


def _show(examined: Examined, findings: Sequence[Finding], *, strict: bool) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        is_error = strict or finding.severity is Severity.ERROR
        word = "[red]错误 error[/red]" if is_error else "[yellow]警告 warning[/yellow]"
        console.print(f"{word} {escape(examined.told(finding))}")
    script = examined.script
    if script is None:
        return
    what = f"{len(findings)} 处 findings" if findings else "没有问题 no findings"
    console.print(f"{examined.path}: {what}; {len(script.lines)} lines, {len(script.steps)} steps, {script.hash}")


@app.command("schema", epilog="Example 例: fairdial script schema > script.schema.json")
def schema() -> None:
    """Print the JSON Schema of a script, for editors. 打印话术的结构,供编辑器补全。"""
    print(json.dumps(script_schema(), ensure_ascii=False, indent=1))


@app.command("export", epilog="Example 例: fairdial script export script.yaml --out review.docx")
def export(
    path: ScriptFile,
    out: Annotated[Path, typer.Option(help="review.html or review.docx. 输出文件,.html 或 .docx。")],
    clips: Annotated[Path | None, typer.Option(help="Folder of clips; by default `clips` beside. 录音文件夹。")] = None,
) -> None:
    """Write every line, branch and clip into a document for a reviewer or a carrier. 导出审核文档。"""
    _, script = read_script_file(path)
    match out.suffix.lower():
        case ".html":
            out.write_text(html_of(blocks(script), clips=clips or path.parent / "clips"), encoding="utf-8")
        case ".docx":
            out.write_bytes(docx_of(blocks(script)))
        case _:
            raise InputError(f"{out}: 写成 .html 或 .docx。 name a file that ends in .html or .docx")
    Console(soft_wrap=True, highlight=False).print(
        f"{out}: {len(script.lines)} lines, {len(script.steps)} steps, {script.hash}"
    )


@app.command("diagram", epilog="Example 例: fairdial script diagram script.yaml > script.mmd")
def diagram_command(path: ScriptFile) -> None:
    """Print the script's steps and branches as a Mermaid flowchart. 打印流程图(Mermaid)。"""
    _, script = read_script_file(path)
    print(diagram(script), end="")
