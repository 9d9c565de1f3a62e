"""`fairdial talk`: a conversation with a script in the terminal. 在终端里跟话术对话。"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

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
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import (
    Event,
    FinishedSaying,
    GreetingOver,
    HungUp,
    KeyPressed,
    SentenceHeard,
    SilenceElapsed,
    VoiceSustained,
)
from fairdial.core.dialogue.log import written
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Facts, State, Waiting
from fairdial.core.dialogue.when import call_back_time
from fairdial.core.script.model import Script
from fairdial.core.script.speech import filled
from fairdial.errors import InputError
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier

EPILOG = "Example 例: fairdial talk examples/course-trial/script.yaml --set person=王女士"

_KEYS = "0123456789*#"

_OVER_MS = 1000
"""How long a voice has gone on when a sentence is said over ours."""


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
    meanings = Meanings(
        load_classifier(LabelSet.UNIVERSAL), embed=embedding() if e5 else None, examples=script.understand
    )
    conversation = _Conversation(script, facts, meanings, as_json=as_json)
    conversation.happen(GreetingOver())
    for typed in _typed(prompts=not as_json):
        conversation.answer(typed)
        if conversation.is_over:
            break
    else:
        conversation.answer("/quit")
    conversation.sum_up()


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


class _Conversation:
    """One conversation and how it is shown."""

    def __init__(self, script: Script, facts: Facts, meanings: Meanings, *, as_json: bool) -> None:
        self.is_over = False
        self._script = script
        self._facts = facts
        self._meanings = meanings
        self._as_json = as_json
        self._state: State = Waiting(facts=facts)
        self._moments: list[Moment] = []
        self._is_speaking = False
        self._console = Console(soft_wrap=True, highlight=False, markup=False)

    def answer(self, typed: str) -> None:
        """Let what was typed happen."""
        command, _, words = typed.partition(" ")
        match command:
            case "/over":
                is_over = self._is_speaking
                if is_over:
                    self.happen(VoiceSustained(speech_ms=_OVER_MS))
                self._hear(words.strip(), over_speech=is_over)
                return
            case "/quit":
                self.happen(HungUp())
                self.is_over = True
                return
        if (wrong := _no_command(command, words.strip())) is not None:
            Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(wrong)
            return
        self._finish()
        match command:
            case "/key":
                self.happen(KeyPressed(key=words.strip()))
            case "":
                self.happen(SilenceElapsed())
            case _:
                self._hear(typed, over_speech=False)

    def _hear(self, words: str, *, over_speech: bool) -> None:
        now = datetime.now().astimezone()
        self.happen(SentenceHeard(text=words, understood=self._meanings.of(words), over_speech=over_speech, at=now))

    def _finish(self) -> None:
        if self._is_speaking:
            self._is_speaking = False
            self.happen(FinishedSaying())

    def happen(self, event: Event) -> None:
        """Answer one event and show it; a goodbye is said to its end."""
        before = self._state
        self._state, actions = advance(self._script, before, event)
        self._moments.append(Moment(before=before, event=event, after=self._state, actions=actions))
        if self._as_json:
            self._print(before, event, actions)
        else:
            self._show(before, event, actions)
        self._is_speaking = any(isinstance(a, Say | Resume) for a in actions) or (
            self._is_speaking and not isinstance(event, HungUp) and not any(isinstance(a, Pause) for a in actions)
        )
        self.is_over = any(isinstance(action, HangUp) for action in actions)
        if isinstance(self._state, Ended) and not isinstance(before, Ended) and not self.is_over:
            self._finish()

    def sum_up(self) -> None:
        """Say what the conversation came to; in JSON it stands with every event since its end."""
        if not self._as_json:
            found = after_call(self._script, self._moments)
            tags = "".join(f" #{tag}" for tag in found.tags)
            self._console.print(f"  通话以后 after the call: {found.summary}{tags}")

    def _words(self, said: Say) -> str:
        values = {**self._facts.values, **dict(said.values)}
        return "".join(filled(self._script.wording(line, key=self._facts.key), values) for line in said.lines)

    def _print(self, before: State, event: Event, actions: Sequence[Action]) -> None:
        print_json(
            {
                "event": written(event),
                "before": _step(before),
                "after": _step(self._state),
                "actions": [written(a) | ({"words": self._words(a)} if isinstance(a, Say) else {}) for a in actions],
                "grade": self._state.grade if isinstance(self._state, Ended) else None,
                "outcome": self._state.outcome if isinstance(self._state, Ended) else None,
                "after_call": after_call(self._script, self._moments).as_json()
                if isinstance(self._state, Ended)
                else None,
            }
        )

    def _show(self, before: State, event: Event, actions: Sequence[Action]) -> None:
        if isinstance(event, SentenceHeard):
            found = event.understood
            self._console.print(
                f"  听懂 understood: {found.meaning} {found.confidence:.2f} ({found.evidence or '—'})"
                f"  步骤 step: {_step(before)} → {_step(self._state)}"
            )
        elif _step(before) != _step(self._state):
            self._console.print(f"  步骤 step: {_step(before)} → {_step(self._state)}")
        for action in actions:
            self._console.print(self._told(action))
        if isinstance(self._state, Ended) and not isinstance(before, Ended):
            self._console.print(f"  结束 ended: {self._state.outcome}, 等级 grade {self._state.grade}")

    def _told(self, action: Action) -> str:
        match action:
            case Say():
                return f"我方 we: {self._words(action)}"
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


def _no_command(command: str, words: str) -> str | None:
    """What is wrong with a command; None for a sentence, or a command that exists."""
    if command == "/key":
        is_key = len(words) == 1 and words in _KEYS
        return None if is_key else f"/key {words}: 写一个按键 write one key: {' '.join(_KEYS)}"
    if command.startswith("/"):
        return f"{command}: 没有这个命令 no such command; 可用的有 known are /key 1, /over WORDS, /quit"
    return None


def _step(state: State) -> str:
    return "" if isinstance(state, Waiting) else state.step
