"""`fairdial recording`: what a call sounded like. 通话录音。"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import in_app, write_private
from fairdial.core.hearing.transcript import aligned, web_vtt
from fairdial.errors import InputError
from fairdial.ledger.calls.recordings import StoredRecording, recording_of
from fairdial.sealed_file import opened_file
from fairdial.voice.sound import read_stereo

app = typer.Typer(no_args_is_help=True, help="What calls sounded like. 通话录音。")


@app.callback()
def recording() -> None:
    """What calls sounded like. 通话录音。"""


@app.command("export", epilog="Example 例: fairdial recording export 17 --by 李合规 --out call-17.wav")
def export(
    call: Annotated[str, typer.Argument(help="Number of the call, or its permit. 通话编号或许可编号。")],
    by: Annotated[str, typer.Option(help="Who asks; it is kept as an event. 经办人,会留痕。")],
    out: Annotated[Path, typer.Option(help="WAV file to write; a .vtt of the words goes beside it. 写入的文件。")],
    recordings: Annotated[Path, typer.Option(help="Where recordings lie. 录音文件夹。")] = Path("recordings"),
) -> None:
    """Write a call's recording, opened if it is sealed, and its words aligned with it (WebVTT). 导出录音和字幕。

    Whoever asks must be allowed sensitive data; the reading is an event.
    """
    _check_target(out, recordings)

    async def work(opened: App) -> StoredRecording:
        return await recording_of(opened.database, tenant=opened.settings.tenant, call=call, by=by)

    stored = in_app(work)
    source = recordings / Path(stored.name).name
    if not source.is_file():
        raise InputError(
            f"{source} is not there; name the folder with --recordings 录音不在此处,请用 --recordings 指定"
        )
    out.unlink(missing_ok=True)
    out.touch(mode=0o600)
    try:
        with out.open("wb") as target:
            target.writelines(_chunks(source, stored))
    except InputError:
        out.unlink()
        raise
    person, ours = read_stereo(out)
    words = aligned(stored.turns, answered_at=stored.answered_at, person=person, ours=ours)
    write_private(out.with_suffix(".vtt"), web_vtt(words))
    Console(soft_wrap=True).print(f"{out} {out.with_suffix('.vtt')}")


def _check_target(out: Path, recordings: Path) -> None:
    """See that writing there is possible and removes no recording, before anything is read.

    Raises:
        InputError: `--out` is no WAV file to be, its folder is missing, or it may be a recording itself.
    """
    if out.suffix.lower() != ".wav" or out.is_dir():
        raise InputError(f"--out {out}: name a file that ends in .wav 请给出以 .wav 结尾的文件名")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: {out.parent} is not a folder; make it first 文件夹不存在,请先建立")
    if out.exists() and out.resolve().parent == recordings.resolve():
        raise InputError(
            f"--out {out}: is there already, in the folder of the recordings, and is not replaced; name another file"
            " 录音文件夹里已有此文件,不会覆盖,请换一个文件名"
        )


def _chunks(source: Path, stored: StoredRecording) -> Iterator[bytes]:
    if stored.key is None:
        return iter([source.read_bytes()])
    return opened_file(source, key=stored.key, about=str(stored.permit_id))
