"""`fairdial talk`: a conversation with a script in the terminal. 在终端里跟话术对话。"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from fairdial.app.rehearse import meanings_of
from fairdial.cli.output import Json, print_json
from fairdial.cli.script import ScriptFile, read_sound_script
from fairdial.cli.spoken_values import values_to_practise
from fairdial.core.dialogue.actions import (
    Action,
    HandOver,
    HangUp,
    Pause,
    RecordRefusal,
    RecordSlot,
    Resume,
    Say,
    ScheduleCallBack,
    SendMessage,
)
from fairdial.core.dialogue.after_call import after_call
from fairdial.core.dialogue.events import (
    SentenceHeard,
)
from fairdial.core.dialogue.log import written
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Facts
from fairdial.core.dialogue.when import call_back_time
from fairdial.core.script.model import Script
from fairdial.errors import InputError
from fairdial.rehearsal.text.typed import TypedConversation, no_command, step_of
from fairdial.voice.meanings import Meanings

EPILOG = "Example 例: fairdial talk examples/course-trial/script.yaml --set person=王女士"


def talk_command(
    path: ScriptFile,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A variable's value, name=value; repeatable. 变量的值。")
    ] = None,
    e5: Annotated[
        bool, typer.Option("--e5", help="Understand with e5, as on calls. 用 e5 理解,跟通话时一样。")
    ] = False,
    as_json: Json = False,
) -> None:
    """Talk with a script: see what it says, understands and does. 跟话术对话:看它说什么、听懂什么、做什么。

    Type what the person says. 输入对方说的话。

    An empty line is silence 空行是沉默; /key 1 presses a key 按键; /over WORDS is said while we speak 在我方说话时说;
    /quit hangs up 挂断. Nobody is called and nothing is written. Variables come from the first row of customers.csv
    beside the script that has them all, or from --set.
    """
    _, script = read_sound_script(path)
    facts = Facts(values={**values_to_practise(path, script)[0], **_given(script, set_ or [])}, key="talk")
    shown = _Shown(script, facts, meanings_of(script, e5=e5), as_json=as_json)
    shown.talk.begin()
    for typed in _typed(prompts=not as_json):
        shown.answer(typed)
        if shown.talk.is_over:
            break
    else:
        shown.answer("/quit")
    shown.sum_up()


def _given(script: Script, pairs: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, is_pair, value = pair.partition("=")
        if not is_pair or not value or name not in script.variables:
            known = ", ".join(script.variables) or "无 none"
            raise InputError(f"--set {pair}: 写成 变量=值 write variable=value; 变量 variables: {known}")
        values[name] = value
    return values


def _typed(*, prompts: bool) -> Iterator[str]:
    """What is typed, line by line, until the end of the input."""
    try:
        if not sys.stdin.isatty():
            yield from (line.strip() for line in sys.stdin)
            return
        while True:
            yield input("对方 > " if prompts else "").strip()
    except EOFError:
        return
    except UnicodeDecodeError as error:
        raise InputError(f"标准输入不是 UTF-8 standard input is not UTF-8 (byte {error.start})") from error


class _Shown:
    """How a conversation is shown."""

    def __init__(self, script: Script, facts: Facts, meanings: Meanings, *, as_json: bool) -> None:
        self.talk = TypedConversation(script, facts, meanings.of, tell=self._tell)
        self._script = script
        self._as_json = as_json
        self._console = Console(soft_wrap=True, highlight=False, markup=False)

    def answer(self, typed: str) -> None:
        """Let what was typed happen; what is no command is told apart from the conversation."""
        if (wrong := no_command(typed)) is not None:
            Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(wrong)
            return
        self.talk.answer(typed)

    def _tell(self, moment: Moment) -> None:
        (self._print if self._as_json else self._show)(moment)

    def sum_up(self) -> None:
        """Say what the conversation came to; in JSON it stands with every event since its end."""
        if not self._as_json:
            found = after_call(self._script, self.talk.moments)
            tags = "".join(f" #{tag}" for tag in found.tags)
            self._console.print(f"  通话以后 after the call: {found.summary}{tags}")

    def _print(self, moment: Moment) -> None:
        after = moment.after
        print_json(
            {
                "event": written(moment.event),
                "before": step_of(moment.before),
                "after": step_of(after),
                "actions": [
                    written(a) | ({"words": self.talk.words(a)} if isinstance(a, Say) else {}) for a in moment.actions
                ],
                "grade": after.grade if isinstance(after, Ended) else None,
                "outcome": after.outcome if isinstance(after, Ended) else None,
                "after_call": after_call(self._script, self.talk.moments).as_json()
                if isinstance(after, Ended)
                else None,
            }
        )

    def _show(self, moment: Moment) -> None:
        before, event, after = moment.before, moment.event, moment.after
        if isinstance(event, SentenceHeard):
            found = event.understood
            self._console.print(
                f"  听懂 understood: {found.meaning} {found.confidence:.2f} ({found.evidence or '—'})"
                f"  步骤 step: {step_of(before)} → {step_of(after)}"
            )
        elif step_of(before) != step_of(after):
            self._console.print(f"  步骤 step: {step_of(before)} → {step_of(after)}")
        for action in moment.actions:
            self._console.print(self._told(action))
        if isinstance(after, Ended) and not isinstance(before, Ended):
            self._console.print(f"  结束 ended: {after.outcome}, 等级 grade {after.grade}")

    def _told(self, action: Action) -> str:
        match action:
            case Say():
                return f"我方 we: {self.talk.words(action)}"
            case RecordRefusal(kind=kind, words=words):
                return f"  登记拒绝 refusal recorded ({kind}): {words}"
            case RecordSlot(name=name, value=value):
                return f"  记下 slot: {name} = {value}"
            case ScheduleCallBack(words=words):
                return f"  约好再打 call back: {call_back_time(words, now=datetime.now().astimezone()):%Y-%m-%d %H:%M}"
            case SendMessage(name=name):
                return f"  要发短信 message owed: {name}"
            case HandOver(to=to):
                return f"  交给 handed over to: {to}"
            case Pause():
                return "  停下来听 paused"
            case Resume():
                return "  接着说 goes on"
            case HangUp():
                return "  挂断 hung up"
            case _:
                return f"  {written(action)}"
