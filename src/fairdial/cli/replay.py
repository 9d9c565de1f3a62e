"""`fairdial replay`: a call's conversation gone through again. 重放通话。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json
from fairdial.core.dialogue.actions import Action, RecordRefusal, RecordSlot, Say, ScheduleCallBack
from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.log import Difference, replay
from fairdial.core.script.parse import parse_script
from fairdial.errors import InputError
from fairdial.ledger.calls.conversations import StoredConversation, conversation_of, conversations_of

EPILOG = "Example 例: fairdial replay 17; fairdial replay --campaign renewals --json"


def replay_command(
    call: Annotated[
        str | None, typer.Argument(help="Number of the call, or its permit. 通话编号或许可编号。", show_default=False)
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="Every call of a campaign instead. 整个任务的通话。")] = None,
    as_json: Json = False,
) -> None:
    """Feed what happened in a call to the conversation again: would it do the same today? 重放:今天还会一样吗?

    Reads only; nobody is called, and no word of the person is shown. Exit code 1 when an event would be answered otherwise.
    """
    if (call is None) == (campaign is None):
        raise InputError("name one call, or --campaign 请给出一通电话,或用 --campaign 指定任务")

    async def work(opened: App) -> Sequence[StoredConversation]:
        tenant = opened.settings.tenant
        if call is not None:
            return [await conversation_of(opened.database, tenant=tenant, call=call)]
        return await conversations_of(opened.database, tenant=tenant, campaign=str(campaign))

    answers = [_replayed(stored) for stored in in_app(work)]
    if not answers:
        raise InputError(f"campaign {campaign}: no conversation is kept 没有对话记录")
    differing = [a for a in answers if a["difference"]]
    if as_json:
        print_json({"calls": len(answers), "identical": len(answers) - len(differing), "differing": differing})
    else:
        _show(answers, differing)
    if differing:
        raise typer.Exit(1)


def _replayed(stored: StoredConversation) -> dict[str, Any]:
    """One call's answer; what the person said stays out of it."""
    script = parse_script(stored.script, name=f"script {stored.log.script[:12]}")
    found = replay(script, stored.log)
    return {
        "call": stored.attempt_id,
        "permit": str(stored.permit_id),
        "events": len(stored.log.entries),
        "difference": None if found is None else _difference(stored, found),
    }


def _difference(stored: StoredConversation, found: Difference) -> dict[str, Any]:
    event = stored.log.entries[found.entry - 1].event
    meaning = f" {event.understood.meaning}" if isinstance(event, SentenceHeard) else ""
    return {
        "event": found.entry,
        "what": type(event).__name__ + meaning,
        "recorded": [_in_short(action) for action in found.recorded],
        "today": [_in_short(action) for action in found.today],
    }


def _in_short(action: Action) -> str:
    match action:
        case Say(lines=lines):
            return f"Say {' '.join(lines)}"
        case RecordRefusal(kind=kind):
            return f"RecordRefusal {kind}"
        case RecordSlot(name=name):
            return f"RecordSlot {name}"
        case ScheduleCallBack():
            return "ScheduleCallBack"
        case _:
            return type(action).__name__


def _show(answers: Sequence[dict[str, Any]], differing: Sequence[dict[str, Any]]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for answer in differing:
        found = answer["difference"]
        console.print(f"call 通话 {answer['call']}: event 第 {found['event']} 个事件 {found['what']}")
        console.print(f"  recorded 当时: {', '.join(found['recorded']) or '—'}")
        console.print(f"  today 现在: {', '.join(found['today']) or '—'}")
    events = sum(answer["events"] for answer in answers)
    console.print(
        f"{len(answers)} calls 通电话, {events} events 个事件: {len(answers) - len(differing)} identical 相同,"
        f" {len(differing)} differing 不同"
    )
