"""`fairdial corrections`: what people said of calls afterwards, to learn from. 人工更正。"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairdial.cli.output import in_app, write_private
from fairdial.errors import InputError
from fairdial.ledger.calls.corrections import sentences_to_learn

app = typer.Typer(no_args_is_help=True, help="What people said of calls afterwards. 人工更正。")


@app.callback()
def corrections() -> None:
    """What people said of calls afterwards. 人工更正。"""


@app.command("export", epilog="Example 例: fairdial corrections export corrected.tsv --by 李合规")
def export(
    path: Annotated[Path, typer.Argument(help="File to write: label TAB sentence. 写入的文件:标签、制表符、句子。")],
    by: Annotated[str, typer.Option(help="Who reads; needs private level, is kept. 导出人,需有查看权限,会留痕。")],
) -> None:
    """Write corrected sentences with what they meant, for `fairdial understand FILE` and for training. 导出更正过的句子。

    Sentences with a name, a number or anything known of the person are left out, and so is whoever was erased.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"{path} cannot be a file; name one in a folder that is there 请写已有文件夹里的文件名")
    learnt = in_app(lambda o: sentences_to_learn(o.database, tenant=o.settings.tenant, by=by))
    write_private(path, "".join(f"{meaning}\t{sentence}\n" for meaning, sentence in learnt.sentences))
    left_out = (
        f"; {learnt.left_out} left out 略去 (name, number or no words 含姓名、号码或无文字)" if learnt.left_out else ""
    )
    Console(soft_wrap=True).print(
        f"{path}: {len(learnt.sentences)} sentences 句{left_out}", highlight=False, markup=False
    )
