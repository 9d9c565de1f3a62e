"""A conversation with a script in which somebody types what the person says: nobody is called, nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fairdial.core.dialogue.actions import HangUp, Pause, Resume, Say
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
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Facts, State, Waiting
from fairdial.core.script.model import Script
from fairdial.core.script.speech import filled

_KEYS = "0123456789*#"

_OVER_MS = 1000
"""How long a voice has gone on when a sentence is said over ours."""


class TypedConversation:
    """What was typed happens, one after another.

    Args:
        tell: Called with every moment as soon as it has passed.
    """

    def __init__(
        self,
        script: Script,
        facts: Facts,
        understand: Callable[[str], Understood],
        *,
        tell: Callable[[Moment], None],
    ) -> None:
        self.is_over = False
        self.moments: list[Moment] = []
        self._script = script
        self._facts = facts
        self._understand = understand
        self._tell = tell
        self._state: State = Waiting(facts=facts)
        self._is_speaking = False

    @property
    def state(self) -> State:
        return self._state

    def begin(self) -> None:
        """The line is free to speak."""
        self._happen(GreetingOver())

    def answer(self, typed: str) -> None:
        """Let what was typed happen: a sentence, nothing (silence), `/key 1`, `/over WORDS` (while we speak), `/quit`.

        What `no_command` objects to is not for here.
        """
        command, _, words = typed.partition(" ")
        match command:
            case "/over":
                is_over = self._is_speaking
                if is_over:
                    self._happen(VoiceSustained(speech_ms=_OVER_MS))
                self._hear(words.strip(), over_speech=is_over)
                return
            case "/quit":
                self._happen(HungUp())
                self.is_over = True
                return
        self._finish()
        match command:
            case "/key":
                self._happen(KeyPressed(key=words.strip()))
            case "":
                self._happen(SilenceElapsed())
            case _:
                self._hear(typed, over_speech=False)

    def words(self, said: Say) -> str:
        """What is said, with the values of this conversation in it."""
        values = {**self._facts.values, **dict(said.values)}
        return "".join(filled(self._script.wording(line, key=self._facts.key), values) for line in said.lines)

    def _hear(self, words: str, *, over_speech: bool) -> None:
        now = datetime.now().astimezone()
        self._happen(SentenceHeard(text=words, understood=self._understand(words), over_speech=over_speech, at=now))

    def _finish(self) -> None:
        if self._is_speaking:
            self._is_speaking = False
            self._happen(FinishedSaying())

    def _happen(self, event: Event) -> None:
        """Answer one event and tell it; a goodbye is said to its end."""
        before = self._state
        self._state, actions = advance(self._script, before, event)
        self.moments.append(Moment(before=before, event=event, after=self._state, actions=actions))
        self._tell(self.moments[-1])
        self._is_speaking = any(isinstance(a, Say | Resume) for a in actions) or (
            self._is_speaking and not isinstance(event, HungUp) and not any(isinstance(a, Pause) for a in actions)
        )
        self.is_over = any(isinstance(action, HangUp) for action in actions)
        if isinstance(self._state, Ended) and not isinstance(before, Ended) and not self.is_over:
            self._finish()


def no_command(typed: str) -> str | None:
    """What is wrong with something typed; None for a sentence, silence, or a command that exists."""
    command, _, words = typed.partition(" ")
    if command == "/key":
        key = words.strip()
        is_key = len(key) == 1 and key in _KEYS
        return None if is_key else f"/key {key}: 写一个按键 write one key: {' '.join(_KEYS)}"
    if command.startswith("/") and command not in ("/over", "/quit"):
        return f"{command}: 没有这个命令 no such command; 可用的有 known are /key 1, /over WORDS, /quit"
    return None


def step_of(state: State) -> str:
    """The step of a conversation; empty before its first word."""
    return "" if isinstance(state, Waiting) else state.step
