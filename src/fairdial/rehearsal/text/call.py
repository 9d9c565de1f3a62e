"""Rehearse a script in text: simulated people answer, the real understanding listens, the real conversation decides.

What is heard goes through a recognition that is imitated (`noise`); sound and time are not played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random

from fairdial.core.dialogue.actions import Action, Resume, Say
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import (
    Event,
    FinishedSaying,
    GreetingOver,
    HungUp,
    KeyPressed,
    SentenceHeard,
    SilenceElapsed,
    TimeUp,
    VoiceSustained,
)
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Facts, State, Talking, Waiting
from fairdial.core.script.model import Script
from fairdial.rehearsal.noise import Noise
from fairdial.rehearsal.rehearsed_call import Intended, RehearsedCall
from fairdial.rehearsal.text.callee import Callee, KeepsQuiet, Leaves, Presses, Reply, Speaks
from fairdial.rehearsal.text.people import People
from fairdial.rehearsal.text.questions import Questions

_MOST_TURNS = 60
"""A call that goes on for longer is ended as the campaign's time limit would end it."""

_CHARACTER_MS = 190
"""Time to say a character, as `core.script.length` reckons it for clips."""


class Stage:
    """What all calls of one rehearsal share.

    Args:
        understand: What is made of a sentence that was heard.
        cer: Share of Chinese characters that recognition replaces by others that sound alike; in [0, 1].
        now: The time of every call, in the people's zone.
    """

    def __init__(
        self, script: Script, people: People, understand: Callable[[str], Understood], *, cer: float, now: datetime
    ) -> None:
        self.script = script
        self.people = people
        self.understand = understand
        self.cer = cer
        self.now = now
        self.noise = Noise(near=True)
        self.questions = Questions(script)

    def calls(self, values: Sequence[Mapping[str, str]], *, callees: int, seed: int) -> Iterator[RehearsedCall]:
        """Call so many people; the same arguments give the same calls.

        Args:
            values: The script's variables for each contact, taken in turn.
        """
        kinds, shares = self.people.people, [person.share for person in self.people.people]
        for number in range(callees):
            chance = Random(f"{seed}/{number}")
            [person] = chance.choices(kinds, shares)
            callee = Callee(person, self.people, self.script, chance=chance, now=self.now)
            facts = Facts(values=values[number % len(values)], key=f"rehearsed-{seed}-{number}")
            call = _Call(self, facts, callee, chance)
            call.play()
            yield RehearsedCall(person=person.name, facts=facts, moments=tuple(call.moments), intended=call.intended)


class _Call:
    """One call while it lasts."""

    def __init__(self, stage: Stage, facts: Facts, callee: Callee, chance: Random) -> None:
        self._stage = stage
        self._callee = callee
        self._chance = chance
        self._state: State = Waiting(facts=facts)
        self.moments: list[Moment] = []
        self.intended: dict[int, Intended] = {}

    def play(self) -> None:
        greeting = self._callee.greets()
        actions = self._happen(GreetingOver()) if greeting is None else self._hear(greeting)
        for _ in range(_MOST_TURNS):
            if not isinstance(self._state, Talking):
                break
            actions = self._turn(self._state, actions)
        else:
            actions = self._happen(TimeUp())
        if isinstance(self._state, Ended) and _is_speaking(actions):
            if (last := self._callee.parts()) is not None:
                self._hear(last, is_over_speech=True)
            self._happen(FinishedSaying())
        if not isinstance(self.moments[-1].event, HungUp):
            self._happen(HungUp())

    def _turn(self, state: Talking, actions: Sequence[Action]) -> Sequence[Action]:
        """We speak, perhaps not alone; then it is the person's turn."""
        asked = self._stage.questions.at(state)
        if _is_speaking(actions):
            if (hum := self._callee.hums()) is not None:
                answered = self._hear(hum, is_over_speech=True)
                if not isinstance(self._state, Talking) or any(isinstance(action, Say) for action in answered):
                    return answered
            elif (interruption := self._callee.interrupts(asked)) is not None:
                return self._hear(interruption, is_over_speech=True)
            self._happen(FinishedSaying())
        return self._reply(self._callee.replies(asked))

    def _reply(self, reply: Reply) -> Sequence[Action]:
        match reply:
            case Speaks():
                return self._hear(reply)
            case Presses(key=key, intended=intended):
                self.intended[len(self.moments)] = intended
                return self._happen(KeyPressed(key=key))
            case KeepsQuiet():
                return self._happen(SilenceElapsed())
            case Leaves():
                return self._happen(HungUp())

    def _hear(self, spoken: Speaks, *, is_over_speech: bool = False) -> Sequence[Action]:
        said = spoken.intended.said
        heard = self._stage.noise.on(said, self._stage.cer, self._chance)
        if is_over_speech:
            self._happen(VoiceSustained(speech_ms=len(said) * _CHARACTER_MS))
        self.intended[len(self.moments)] = spoken.intended
        return self._happen(
            SentenceHeard(
                text=heard,
                understood=self._stage.understand(heard),
                over_speech=is_over_speech,
                at=self._stage.now,
            )
        )

    def _happen(self, event: Event) -> Sequence[Action]:
        before = self._state
        self._state, actions = advance(self._stage.script, before, event)
        self.moments.append(Moment(before=before, event=event, after=self._state, actions=actions))
        return actions


def _is_speaking(actions: Sequence[Action]) -> bool:
    return any(isinstance(action, Say | Resume) for action in actions)
