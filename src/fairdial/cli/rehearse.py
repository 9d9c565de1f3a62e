"""`fairdial rehearse`: a script against many simulated people. 演练:让模拟的人来接电话。"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from fairdial.app.rehearse import stage_of
from fairdial.cli.output import Json, print_json
from fairdial.cli.rehearse_audio import check_folder, of_sound, rehearse_by_sound
from fairdial.cli.script import ScriptFile, read_sound_script
from fairdial.cli.spoken_values import values_to_practise
from fairdial.errors import InputError
from fairdial.rehearsal.report.report import Report, report
from fairdial.rehearsal.report.spread import Spread

EPILOG = "Example 例: fairdial rehearse examples/course-trial/script.yaml --callees 1000 --seed 7 --cer 0.1"

_MOST_ROWS = 12


def rehearse_command(
    context: typer.Context,
    path: ScriptFile,
    by_text: Annotated[
        bool,
        typer.Option(
            "--text/--audio", help="In text; or by telephone, with the people beside the script. 文字或有声。"
        ),
    ] = True,
    callees: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many people are called. 打给多少人。")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed brings the same report. 随机种子。")] = 1,
    cer: Annotated[float, typer.Option(help="Share of characters heard wrong, 0 to 1. 听错的字的比例。")] = 0.0,
    people: Annotated[
        Path | None, typer.Option(help="Your own people (YAML), beside those of the package. 自己写的人。")
    ] = None,
    e5: Annotated[
        bool, typer.Option("--e5", help="Understand with e5, as on calls: slower. 用 e5 理解,较慢。")
    ] = False,
    capacity: Annotated[int, typer.Option(min=1, max=40, help="--audio: calls at once. 有声:并发数。")] = 6,
    out: Annotated[
        Path | None, typer.Option(help="--audio: keep report.html and recordings here. 有声:报告和录音存放处。")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let simulated people answer a script, and report what happened. 让模拟的人来接电话,报告结果。

    In text, nobody is called and nothing is written. With --audio everybody in customers.csv beside the script is called once
    over the practice phone network, through gate, permits and recognition, in a database that is gone afterwards.
    Exit 1 when a refusal that was understood was not honoured.
    """
    _refuse_others(context, _OF_SOUND if by_text else _OF_TEXT, "--audio" if by_text else "--text")
    if not by_text:
        _by_sound(path, capacity=capacity, out=out, as_json=as_json)
        return
    if not 0 <= cer <= 1:
        raise InputError(f"--cer {cer}: 写 0 到 1 之间的数。 write a number from 0 to 1")
    _, script = read_sound_script(path)
    stage = stage_of(script, cer=cer, people=people, e5=e5)
    console = Console(stderr=True)
    values = values_to_practise(path, script)
    calls = track(
        stage.calls(values, callees=callees, seed=seed),
        "演练 rehearsing",
        total=callees,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    told = report(script, list(calls))
    if as_json:
        print_json({"seed": seed, "cer": cer, "e5": e5, **asdict(told)})
    else:
        _show(Console(soft_wrap=True, highlight=False, markup=False), told)
    if told.refusals.violations:
        raise typer.Exit(1)


_OF_TEXT, _OF_SOUND = ("callees", "seed", "cer", "people", "e5"), ("capacity", "out")


def _refuse_others(context: typer.Context, names: Sequence[str], where: str) -> None:
    """An option that would do nothing is no option."""
    sources = {name: context.get_parameter_source(name) for name in names}
    given = [name for name, source in sources.items() if source is not None and source.name != "DEFAULT"]
    if given:
        raise InputError(f"--{' --'.join(given)}: only with {where} 只能和 {where} 一起用")


def _by_sound(path: Path, *, capacity: int, out: Path | None, as_json: bool) -> None:
    folder = path.parent
    check_folder(folder)
    content, script = read_sound_script(path)
    console = Console(stderr=True, soft_wrap=True)
    heard = asyncio.run(rehearse_by_sound(folder, content, script, capacity=capacity, out=out, console=console))
    told = report(script, heard.answered)
    if as_json:
        print_json({**of_sound(heard), **asdict(told)})
    else:
        shown = Console(soft_wrap=True, highlight=False, markup=False)
        shown.print(f"裁定 verdicts: {_counts(heard.verdicts)}; 通话 calls: {_counts(heard.dispositions)}")
        shown.print(
            f"接听到首句毫秒 first word, ms: {_spread(heard.first_word_ms)}; 应答间隔 gap, ms: {_spread(heard.gap_ms)}"
        )
        _show(shown, told)
        if out is not None:
            shown.print(f"看报告、听录音 read and hear: {out / 'report.html'}")
    if told.refusals.violations:
        raise typer.Exit(1)


def _show(console: Console, told: Report) -> None:
    console.print(f"{told.script} {told.hash[:12]}: {told.calls} 通电话 calls")
    console.print(f"结果 outcomes: {_counts(told.outcomes)}")
    console.print(f"等级 grades: {_counts(told.grades)}")
    console.print(f"对方说话次数 turns: {_spread(told.turns)}; 我方说话秒数 our speech, s: {_spread(told.seconds)}")
    _show_refusals(console, told)
    _show_understanding(console, told)
    for end in told.dead_ends:
        heard = f" ({' / '.join(end.last_heard)})" if any(end.last_heard) else ""
        console.print(f"走不下去 dead end: {end.step}, {end.ladder}: {end.count}{heard}")
    covered = told.coverage
    steps = len(covered.steps) - len(covered.never_steps)
    console.print(
        f"走到的步骤 steps covered: {steps}/{len(covered.steps)}; 分支 branches: {covered.taken}/{covered.branches}"
    )
    if covered.never_steps:
        console.print(f"没走到 never reached: {', '.join(covered.never_steps)}")
    for branch in covered.never_branches:
        console.print(f"没走过 never taken: {branch.at}: {branch.on} → {branch.to}")
    for case in covered.unmet:
        why = "" if case.is_given else f"; 名单没有这一列 the list does not give {case.source}"
        console.print(f"  {case.at}: 没有人的 {case.of} 是 nobody's {case.of} is {case.case}{why}")


def _show_refusals(console: Console, told: Report) -> None:
    heard = told.refusals
    console.print(
        f"明确拒绝 refusals for good: 说了的 meant in {heard.calls} calls, 已登记 recorded in {heard.recorded_calls};"
        f" 句 sentences {heard.sentences}, 听懂 understood {heard.understood}"
    )
    console.print(f"登记 recorded: {_counts(heard.recorded)}; 无此意 not meant: {heard.unmeant_count}")
    console.print(
        f"拒绝后我方还说多少秒 seconds of our speech after it: {_spread(heard.seconds_after_hard)};"
        f" 婉拒后 after a polite no: {_spread(heard.seconds_after_soft)}"
    )
    for sentence in heard.missed:
        console.print(
            f"  没听出 missed: {sentence.said} → {sentence.heard} = {sentence.understood} ({sentence.person})"
        )
    for sentence in heard.unmeant:
        console.print(
            f"  误登记 unmeant: {sentence.said} → {sentence.heard} = {sentence.understood} ({sentence.person})"
        )
    for violation in heard.violations:
        console.print(f"  违反 VIOLATION {violation.wrong}: {violation.heard} ({violation.call}, {violation.person})")


def _show_understanding(console: Console, told: Report) -> None:
    taken = told.understanding
    console.print(
        f"误解 misunderstood: {taken.misunderstood}/{taken.sentences}"
        f" ({taken.misunderstood / max(1, taken.sentences):.1%});"
        f" 意思不同 other meaning: {taken.other_meaning}"
    )
    if not taken.confusions:
        return
    table = Table("次 n", "本意 meant", "听成 taken for", "例 said → heard", box=None)
    for confusion in taken.confusions[:_MOST_ROWS]:
        example = confusion.examples[0]
        heard = "" if example.heard == example.said else f" → {example.heard}"
        table.add_row(str(confusion.count), confusion.intended, confusion.understood, f"{example.said}{heard}")
    console.print(table)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"


def _spread(found: Spread) -> str:
    return f"{found.median:g} 中位 median, {found.ninth_decile:g} 九成 90 %, {found.most:g} 最多 most"
