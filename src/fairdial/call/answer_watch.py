"""Who answered, while the conversation has already begun: evidence from the voice into `core/hearing/answerer.py`.

A hand: it stands between the voice and the call's inbox, has a long first utterance
recognised while it still runs, and adds `MachineAnswered` when a machine is certain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fairdial.core.hearing.answerer import (
    MACHINES,
    Answerer,
    Decision,
    Evidence,
    NothingHeard,
    Paused,
    SoundHeard,
    StillSpeaking,
    Weighed,
    WordsHeard,
    weigh,
)
from fairdial.core.hearing.turns import TurnTaking
from fairdial.ports import Ears
from fairdial.voice import call_voice
from fairdial.voice.call_voice import CallVoice, VoiceEvent
from fairdial.voice.sound import TELEPHONE_RATE

_WATCHED_MS = 12_000
"""How long after the answer it is asked who answered."""

_ASK_AT_MS = (1300, 2300, 3500, 5000)
"""Lengths of the running utterance at which the recogniser is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAnswered:
    """No person answered; `words` are what was recognised of it until the position `heard_until`, in samples."""

    answerer: Answerer
    words: str
    heard_until: int
    because: tuple[str, ...]


class AnswerWatch:
    """Watches one answered call from `began` on; every event is passed on to `report`."""

    def __init__(
        self,
        voice: CallVoice,
        ears: Ears,
        *,
        taking: TurnTaking,
        report: Callable[[VoiceEvent | MachineAnswered], None],
    ) -> None:
        self.decision: Decision | None = None
        self._voice, self._ears, self._taking, self._report = voice, ears, taking, report
        self._state = Weighed()
        self._answered_at = voice.position
        self._speaking_from = voice.position
        self._words, self._heard_until = "", voice.position
        self._asked_ms = 0
        self._has_sentence = False
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the answerer is still asked about."""
        return self._now_ms() <= _WATCHED_MS

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    def take(self, event: VoiceEvent) -> None:
        """Pass an event of the voice on, and learn from it."""
        self._report(event)
        if not self.is_open:
            self._voice.tones = None
            return
        match event:
            case call_voice.Started():
                self._speaking_from, self._asked_ms = self._voice.position, 0
            case call_voice.Sustained(speech_ms=speech):
                self._learn(StillSpeaking(at_ms=self._now_ms(), speech_ms=speech))
                self._ask_about(speech)
            case call_voice.Paused():
                since = (self._voice.position - self._speaking_from) * 1000 // TELEPHONE_RATE
                speech = since + self._taking.start_ms - self._taking.pause_ms
                self._learn(Paused(at_ms=self._now_ms(), speech_ms=speech))
            case call_voice.ToneHeard(name=name):
                self._learn(SoundHeard(at_ms=self._now_ms(), name=name))
            case _:
                pass

    def nothing_heard(self) -> None:
        """The person's patience has been waited for in vain."""
        if self.is_open:
            self._learn(NothingHeard(at_ms=self._now_ms()))

    def first_sentence(self, text: str) -> Answerer | None:
        """Learn from the first whole sentence; the machine that said it, for whoever asks to act on."""
        if self._has_sentence or not self.is_open or not text:
            return None
        self._has_sentence = True
        self._state, decision = weigh(self._state, WordsHeard(at_ms=self._now_ms(), text=text, is_whole=True))
        self.decision = decision or self.decision
        return decision.answerer if decision is not None and decision.answerer in MACHINES else None

    def _now_ms(self) -> int:
        return (self._voice.position - self._answered_at) * 1000 // TELEPHONE_RATE

    def _learn(self, evidence: Evidence) -> None:
        self._state, decision = weigh(self._state, evidence)
        if decision is None:
            return
        self.decision = decision
        if decision.answerer in MACHINES:
            until = self._heard_until if self._words else self._voice.position
            machine = MachineAnswered(
                answerer=decision.answerer, words=self._words, heard_until=until, because=decision.because
            )
            self._report(machine)

    def _ask_about(self, speech_ms: int) -> None:
        is_asking = self._asking is not None and not self._asking.done()
        if not is_asking and any(self._asked_ms < at <= speech_ms for at in _ASK_AT_MS):
            self._asked_ms = speech_ms
            self._asking = asyncio.ensure_future(self._overhear())

    async def _overhear(self) -> None:
        until = self._voice.position
        self._words, self._heard_until = await self._ears.words(self._voice.speech_so_far()), until
        self._learn(WordsHeard(at_ms=self._now_ms(), text=self._words))
