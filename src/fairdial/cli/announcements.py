"""`fairdial announcements`: what networks played before an answer, and what it means. 运营商提示音。"""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import Json, show_rows
from fairdial.core.call_record import Disposition
from fairdial.settings import read_settings
from fairdial.voice.announcement_shelf import AnnouncementShelf

app = typer.Typer(no_args_is_help=True, help="Recordings of networks, heard before an answer. 接通前的提示音。")


@app.command("list", epilog="Example 例: fairdial announcements list --json")
def list_command(as_json: Json = False) -> None:
    """List recordings heard before an answer, each once: how often, what its words said, its label. 列出接通前听到的提示音。

    The sound lies in FAIRDIAL_HOME/announcements/ID.wav. 录音在 FAIRDIAL_HOME/announcements/编号.wav。
    """
    rows = [asdict(kept) for kept in AnnouncementShelf(read_settings(os.environ).announcements).listed()]
    show_rows(rows, as_json, "no recording has been heard 还没有听到过提示音")


@app.command("label", epilog="Example 例: fairdial announcements label 1f0c93ab invalid_number")
def label(
    recording: Annotated[str, typer.Argument(help="Its id in the list. 编号。")],
    disposition: Annotated[Disposition, typer.Argument(help="What it means. 含义。")],
) -> None:
    """Say what a recording means; the next calls know it by its sound. 标注提示音的含义,之后的呼叫按声音识别。"""
    AnnouncementShelf(read_settings(os.environ).announcements).label(recording, disposition)
    Console().print(f"{recording}: {disposition} 已标注")
