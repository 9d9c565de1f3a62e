"""Progress of a run in the terminal: a bar, then what became of everybody."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fairdial.campaign.dialer import Watcher
from fairdial.core.call_record import CallEnd
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.pacing.limits import Plan
from fairdial.core.policy.finding import Outcome

STOPPED = 130
"""Exit code of a run that Ctrl-C or SIGTERM ended."""


def say_stopped(console: Console, command: str) -> NoReturn:
    """Tell how to go on, and exit."""
    console.print(f"stopped 已停止; living calls said goodbye 通话已道别; go on with 继续: {command}")
    raise typer.Exit(STOPPED)


class CallProgress:
    """Shows asked contacts and ended calls; plain lines when the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self.verdicts: Counter[str] = Counter()
        self.dispositions: Counter[str] = Counter()
        self.watcher = Watcher(
            began=self._began, asked=self._asked, ended=self._ended, held=self._held, lost=self._lost
        )
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._contacts = self._progress.add_task("问过许可 asked", total=None)
        self._calls = self._progress.add_task("通话结束 calls ended", total=0)

    def __enter__(self) -> CallProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def summary(self, punctuality: Punctuality) -> None:
        """What was asked, how the calls ended, and whether their sound kept time, in one line each."""
        asked = ", ".join(f"{name} {count}" for name, count in sorted(self.verdicts.items())) or "nobody 无"
        ended = ", ".join(f"{name} {count}" for name, count in sorted(self.dispositions.items())) or "no call 无"
        self._console.print(f"verdicts 裁定: {asked}\ncalls 通话: {ended}")
        if punctuality.late:
            self._console.print(f"sound 声音: {punctuality} 有迟到的节拍,机器过忙")

    def _began(self, contacts: int) -> None:
        self._progress.update(self._contacts, total=contacts)

    def _asked(self, _contact: int, outcome: Outcome) -> None:
        self.verdicts[outcome] += 1
        self._progress.advance(self._contacts)
        if outcome is Outcome.ALLOW:
            allowed = self.verdicts[Outcome.ALLOW]
            self._progress.update(self._calls, total=allowed)

    def _ended(self, _contact: int, end: CallEnd) -> None:
        self.dispositions[end.disposition] += 1
        self._progress.advance(self._calls)
        if not self._console.is_terminal:
            self._console.print(f"  {end.disposition} {end.outcome or ''} {end.grade}")

    def _held(self, planned: Plan) -> None:
        self._progress.update(self._calls, description=f"通话结束 calls ended (held by 受限于: {planned.held_by})")

    def _lost(self, cause: str) -> None:
        self._console.print(
            f"worker died 工作进程意外终止: {cause}; its calls count as unknown and are not dialled again"
            " 其通话记为结果未知,不再重拨"
        )
