"""One simulated person on one call: hears what is asked, and answers as somebody of their kind would.

Chance is given, so that the same seed brings the same person to the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.model import Script, Slot
from fairdial.rehearsal.rehearsed_call import Intended
from fairdial.rehearsal.text.people import Goal, People, Person, Tired
from fairdial.rehearsal.text.questions import Asked, Question
from fairdial.rehearsal.text.slot_answers import meant, words

_GREETS = 0.9
"""Share of people who say 喂."""

_PARTS = 0.2
"""Share of people who say a word into our goodbye."""

_FILLED = 0.15
"""Share of sentences that begin with a filler."""

_SAYS_YES = 0.85
"""How often somebody who is asked for a fact says yes."""

_SHORT = 0.25
"""How often a polite no is a word or two."""

_BY_KEY = 0.2
"""How often somebody refuses by the key that says so, where there is one."""

_FIRMER = 0.5
"""How often somebody who came to say something says it at the first question, before answering it."""

_NO_FILLER = frozenset({Meaning.GREETING, Meaning.BACKCHANNEL, Meaning.ASSISTANT})
_WILLING = frozenset({Goal.ACCEPT, Goal.UNDECIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaks:
    """Says something, and means something by it."""

    intended: Intended


@dataclass(frozen=True, slots=True, kw_only=True)
class Presses:
    """Presses a key, and means something by it."""

    key: str
    intended: Intended


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepsQuiet:
    """Says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Hangs up."""


Reply = Speaks | Presses | KeepsQuiet | Leaves


class Callee:
    """A person on one call; remembers what they have asked, declined and meant so far.

    Args:
        script: What they can know of it: the questions of its knowledge, and the keys it offers.
        now: The time of the call, where the person is.
    """

    def __init__(self, person: Person, people: People, script: Script, *, chance: Random, now: datetime) -> None:
        self._person = person
        self._people = people
        self._knowledge = script.knowledge
        self._stop_keys = [key for key, meaning in script.keys.items() if meaning is Meaning.REFUSE_HARD]
        self._chance = chance
        self._now = now
        self._answers = 0
        self._declined = 0
        self._has_refused = False
        self._has_asked: set[str] = set()
        self._meant: dict[str, str] = {}
        self._last = ""

    def greets(self) -> Speaks | None:
        """The first word, before anything has been said, or none."""
        match self._person.goal:
            case Goal.ASSISTANT:
                return self._say(Meaning.ASSISTANT)
            case Goal.SILENT:
                return None
            case _:
                return self._say(Meaning.GREETING) if self._happens(_GREETS) else None

    def hums(self) -> Speaks | None:
        """A sound of listening into what is being said, or none."""
        return self._say(Meaning.BACKCHANNEL) if self._happens(self._person.hums) else None

    def interrupts(self, asked: Asked) -> Speaks | None:
        """An answer before the question is over, or none."""
        if not self._happens(self._person.interrupts):
            return None
        reply = self.replies(asked)
        return reply if isinstance(reply, Speaks) else None

    def parts(self) -> Speaks | None:
        """A last word into our goodbye, or none: somebody who wants no calls says it once more."""
        if not self._happens(_PARTS):
            return None
        return self._say(Meaning.REFUSE_HARD) if self._has_refused else self._say_plainly("farewell")

    def replies(self, asked: Asked) -> Reply:
        """What they do when it is their turn."""
        person = self._person
        if person.goal is Goal.SILENT:
            return Leaves() if self._happens(person.hangs_up) else KeepsQuiet()
        if person.goal is Goal.ASSISTANT:
            return self._say(Meaning.ASSISTANT) if self._happens(0.5) else KeepsQuiet()
        if self._happens(person.hangs_up):
            return Leaves()
        if self._happens(person.quiet):
            return KeepsQuiet()
        if self._has_refused:
            return self._refuses()
        self._answers += 1
        if self._answers > person.patience:
            return self._is_tired()
        return self._asks() or self._answer(asked)

    def _is_tired(self) -> Reply:
        match self._person.when_tired:
            case Tired.HANG_UP:
                return Leaves()
            case Tired.REFUSE_SOFT:
                return self._declines()
            case Tired.REFUSE_HARD:
                return self._refuses()

    def _asks(self) -> Speaks | None:
        for meaning, how_likely in self._person.asks.items():
            if meaning not in self._has_asked and self._happens(how_likely):
                self._has_asked.add(meaning)
                return self._say(meaning)
        if self._knowledge and self._happens(self._person.curious):
            name = self._chance.choice(tuple(self._knowledge))
            if name not in self._has_asked:
                self._has_asked.add(name)
                said = self._dressed(self._chance.choice(self._knowledge[name].examples))
                return Speaks(intended=Intended(said=said, knowledge=name))
        return None

    def _answer(self, asked: Asked) -> Reply:
        if asked.question is Question.CONFIRM and asked.slot is not None:
            return self._confirms(asked)
        match self._person.goal:
            case Goal.ACCEPT | Goal.UNDECIDED:
                return self._willing(asked)
            case Goal.REFUSE_SOFT:
                may_answer = asked.question in (Question.WHO, Question.FACT, Question.SLOT)
                return self._willing(asked) if may_answer and self._happens(0.7) else self._declines()
            case Goal.REFUSE_HARD:
                is_firm = asked.question is not Question.WHO or self._happens(_FIRMER)
                return self._refuses() if is_firm else self._willing(asked)
            case Goal.WRONG_NUMBER if asked.question is Question.WHO and self._happens(0.4):
                return self._say(Meaning.DENY, "deny.who")
            case Goal.BUSY | Goal.VULNERABLE | Goal.ASK_HUMAN if asked.question is Question.WHO and self._happens(
                _FIRMER
            ):
                return self._willing(asked)
            case Goal.BUSY if asked.question is Question.TIME:
                return self._say_plainly("time")
            case goal:
                return self._say(Meaning(goal))

    def _willing(self, asked: Asked) -> Reply:
        """Answer what was asked."""
        match asked.question:
            case Question.WHO:
                return self._say(Meaning.ACCEPT, "accept.who")
            case Question.FACT:
                is_so = self._happens(_SAYS_YES)
                return self._say(*((Meaning.ACCEPT, "accept.fact") if is_so else (Meaning.DENY, "deny.fact")))
            case Question.TIME:
                return self._say_plainly("time")
            case Question.SLOT if asked.slot is not None:
                if asked.may_deny and asked.slot.name not in self._meant and self._happens(0.4):
                    return self._say(Meaning.DENY, "deny.fact")
                return self._fills(asked)
            case _:
                return self._takes_or_wavers()

    def _takes_or_wavers(self) -> Speaks:
        if self._person.goal is Goal.UNDECIDED:
            if self._declined:
                return self._declines()
            is_sure = self._happens(0.35)
            if not is_sure:
                return self._declines() if self._happens(0.7) else self._say(Meaning.OTHER, "hesitate")
        return self._say(Meaning.ACCEPT, "accept.offer")

    def _declines(self) -> Speaks:
        """Say no politely; whoever has done so before may give in."""
        if self._declined and self._happens(self._person.gives_in):
            self._declined = 0
            return self._say(Meaning.ACCEPT, "accept.offer")
        self._declined += 1
        return self._say(Meaning.REFUSE_SOFT, "refuse_soft.short" if self._happens(_SHORT) else "")

    def _refuses(self) -> Speaks | Presses:
        self._has_refused = True
        if self._stop_keys and self._happens(_BY_KEY):
            key = self._chance.choice(self._stop_keys)
            return Presses(key=key, intended=Intended(said=key, meaning=Meaning.REFUSE_HARD))
        return self._say(Meaning.REFUSE_HARD)

    def _fills(self, asked: Asked, before: str = "") -> Speaks:
        slot = asked.slot
        assert slot is not None
        value = self._wants(slot)
        said = words(slot, value, counts_points=asked.counts_points, chance=self._chance, now=self._now)
        return Speaks(intended=Intended(said=before + said, slot=(slot.name, value)))

    def _confirms(self, asked: Asked) -> Reply:
        assert asked.slot is not None
        if self._wants(asked.slot) == asked.pending:
            return self._say(Meaning.ACCEPT, "accept.fact")
        return self._fills(asked, before="不对,")

    def _wants(self, slot: Slot) -> str:
        """The value they have in mind, from the first time they are asked on."""
        if slot.name not in self._meant:
            self._meant[slot.name] = meant(slot, self._chance, self._now)
        return self._meant[slot.name]

    def _say(self, meaning: Meaning, situation: str = "") -> Speaks:
        sentences = self._people.sentences(self._person.speaks, *((situation, meaning) if situation else (meaning,)))
        said = self._chosen(sentences)
        if meaning not in _NO_FILLER:
            said = self._dressed(said)
        return Speaks(intended=Intended(said=said, meaning=meaning))

    def _say_plainly(self, situation: str) -> Speaks:
        """Something that stands for no meaning of the set."""
        return Speaks(intended=Intended(said=self._chosen(self._people.sentences(self._person.speaks, situation))))

    def _chosen(self, sentences: tuple[str, ...]) -> str:
        """One of them, and not the last one again: whoever is not understood says it another way."""
        said = self._chance.choice(sentences)
        if said == self._last:
            said = self._chance.choice(sentences)
        self._last = said
        return said

    def _dressed(self, said: str) -> str:
        if not self._happens(_FILLED):
            return said
        return f"{self._chance.choice(self._people.sentences(self._person.speaks, 'filler'))},{said}"

    def _happens(self, how_likely: float) -> bool:
        return self._chance.random() < how_likely
