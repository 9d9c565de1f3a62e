"""The answered part of a call: from the first word to the goodbye.

A hand: it carries sound and words between the person and the conversation, which
decides. A refusal is durable before the goodbye it leads to begins to play.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fairdial.call.answer_watch import AnswerWatch, MachineAnswered
from fairdial.call.early_words import EarlyText, EarlyWords
from fairdial.call.live import Live
from fairdial.call.notes import Notes
from fairdial.call.plan import CallPlan, CallTools, Stop, Withdrawn
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
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import (
    Event,
    GreetingOver,
    HungUp,
    KeyPressed,
    OperatorStopped,
    SentenceHeard,
    SilenceElapsed,
    TimeUp,
    VoiceSustained,
)
from fairdial.core.dialogue.events import FinishedSaying as SaidAll
from fairdial.core.dialogue.events import SoundLost as SoundGone
from fairdial.core.dialogue.log import Entry, Log
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.state import Ended, Facts, State, Waiting
from fairdial.core.dialogue.when import call_back_time
from fairdial.core.hearing.endpoint import expected
from fairdial.core.hearing.hints import Hints, asked_last, hot_words
from fairdial.core.script.speech import message_text, wordings
from fairdial.errors import CoreMisuse
from fairdial.ports import Closed, LineCall, Pressed, Signal
from fairdial.voice.call_voice import (
    CallVoice,
    FinishedSaying,
    KeyHeard,
    Paused,
    Resumed,
    SoundLost,
    Spoke,
    Sustained,
    VoiceEvent,
)
from fairdial.voice.sound import TELEPHONE_RATE

Item = Signal | VoiceEvent | EarlyText | MachineAnswered | Stop | Withdrawn
Inbox = asyncio.Queue[Item]

_OPENING_S = 1.15
"""We speak at the latest this long after the answer (first word within 1.5 s)."""

_GOODBYE_S = 12.0
"""Longest goodbye; then the call is hung up whatever is still being said."""

_CLOCK_S = 0.01
"""A timer may end this much before its time; it is the same instant."""

_CONFIRM_S = 3.0
"""The stack confirms a BYE within this."""


def carried_on(moment: datetime) -> Callable[[], datetime]:
    """The ledger's clock from now on, carried by the loop's: no word waits for a ledger that is out of reach."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    return lambda: moment + timedelta(seconds=loop.time() - began_s)


class Talk:
    """One answered call; `run` returns when it is over, `closed` says how."""

    def __init__(
        self, plan: CallPlan, tools: CallTools, call: LineCall, voice: CallVoice, inbox: Inbox, answered_at: datetime
    ) -> None:
        self.notes = Notes()
        self.facts = Facts(values=plan.values, key=str(plan.permit.person_id))
        self.state: State = Waiting(facts=self.facts)
        self.closed: Closed | None = None
        self.watch: AnswerWatch | None = None
        self.goodbye_until: int | None = None
        self.has_taken_leave = False
        """The conversation came to its end while the line was open."""
        self._plan, self._tools, self._call, self._voice, self._inbox = plan, tools, call, voice, inbox
        self._now = carried_on(answered_at.astimezone(ZoneInfo(plan.zone)))
        self._live = Live(plan.permit.attempt_id, tools.tell, answered_at)
        self._early = EarlyWords(tools.ears, voice, tools.endpoint, report=inbox.put_nowait)
        self._pending: list[str] = []
        self._began_over_greeting = False
        self._key_in_sound: str | None = None
        self._saying, self._hints = "", Hints(words=hot_words(plan.script, plan.values))
        self._answers: dict[str, str] = {}
        self._entries: list[Entry] = []
        self._began_s = asyncio.get_running_loop().time()
        self._deadline_s = self._began_s + plan.script.longest_s

    @property
    def is_leaving(self) -> bool:
        return isinstance(self.state, Ended)

    def ended(self) -> Ended:
        """What the conversation left behind, once it has run."""
        if not isinstance(self.state, Ended):
            raise CoreMisuse("the call still runs")
        return self.state

    def log(self) -> Log:
        """Everything that was decided from, and what was decided."""
        return Log(script=self._plan.script.hash, facts=self.facts, entries=tuple(self._entries))

    async def run(self) -> None:
        try:
            await self._wait_for_greeting()
            while self.closed is None:
                await self._one_event()
        finally:
            await self._early.close()
        self.notes.first_sound(self._voice.mouth.first_sample_at)  # of words that were cut short by our own hanging up
        await self._hear_the_rest()
        await self._happen(HungUp())

    async def _hear_the_rest(self) -> None:
        """Take in what was said before the line went dead: whoever refuses and hangs up has refused."""
        left = [self._inbox.get_nowait() for _ in range(self._inbox.qsize())]
        unheard = [(item.samples, item.ended_at) for item in left if isinstance(item, Spoke)]
        until = self._voice.position
        for samples, ended_at in (*unheard, (self._voice.speech_so_far(), self._voice.spoken_until)):
            if len(samples):
                until = ended_at
                self._pending.append(await self._tools.ears.words(samples, self._hints))
        if "".join(self._pending):
            await self._happen(await self._sentence(ended_at=until))

    async def _wait_for_greeting(self) -> None:
        """Let the person say 喂 first, within bounds."""
        loop = asyncio.get_running_loop()
        while self.closed is None and isinstance(self.state, Waiting):
            limit = _OPENING_S if self._voice.is_hearing_speech else self._plan.script.listen_first_s
            item = await self._next(self._began_s + limit - loop.time())
            match item:
                case None | Paused():
                    self._began_over_greeting = item is None and self._voice.is_hearing_speech
                    await self._happen(GreetingOver())
                case Spoke():
                    await self._on_spoke(item)
                case MachineAnswered():
                    await self._on_machine(item)
                case Pressed() | KeyHeard():
                    await self._happen(GreetingOver())
                    await self._on_key(item)
                case Closed():
                    self.closed = item
                case Stop():
                    await self._happen(OperatorStopped())
                case _:
                    pass

    async def _one_event(self) -> None:
        item = await self._next(self._patience())
        mouth = self._voice.mouth
        self.notes.first_sound(mouth.first_sample_at)
        match item:
            case None:
                await self._on_timeout()
            case Closed():
                self.closed = item
            case Sustained(unbroken_ms=unbroken) if mouth.is_speaking:
                await self._happen(VoiceSustained(speech_ms=self._over_ours(unbroken)))
            case Resumed():
                self._early.discard()
            case Paused(at=pause):
                self._began_over_greeting = False
                self._early.begin(pause, self._hints, expects=expected(self._plan.script, self.state))
            case EarlyText():
                before = "".join(self._pending)
                self._live.hears(before + item.text)
                self._early.weigh(item, before=before)
            case Spoke():
                await self._on_spoke(item)
            case MachineAnswered():
                await self._on_machine(item)
            case Pressed() | KeyHeard():
                await self._on_key(item)
            case FinishedSaying(at=at) if not mouth.has_more:
                self.goodbye_until = at if self.is_leaving else None
                self._hints = replace(self._hints, asked=asked_last(self._saying))
                await self._happen(SaidAll())
            case SoundLost():
                await self._happen(SoundGone())
            case Stop():
                await self._happen(OperatorStopped())
            case _:
                pass

    async def _next(self, timeout_s: float) -> Item | None:
        try:
            return await asyncio.wait_for(self._inbox.get(), max(0.0, timeout_s))
        except TimeoutError:
            return None

    def _patience(self) -> float:
        """Seconds until something must happen without an event."""
        left = self._deadline_s - asyncio.get_running_loop().time()
        mouth = self._voice.mouth
        is_idle = not (mouth.has_more or self._voice.is_hearing_speech)
        return min(left, self._plan.script.silence_after_s) if is_idle and not self.is_leaving else left

    async def _on_timeout(self) -> None:
        if self._deadline_s - asyncio.get_running_loop().time() < _CLOCK_S:
            await self._happen(TimeUp())
        elif not self._voice.is_hearing_speech:
            if self.watch is not None:
                self.watch.nothing_heard()
            await self._happen(SilenceElapsed())

    def _over_ours(self, speech_ms: int) -> int:
        """How long the person has spoken, in ms; of a greeting into which we had to begin, what lies over our words."""
        if not self._began_over_greeting:
            return speech_ms
        began = self._voice.mouth.first_sample_at
        over = self._voice.position - began if began is not None else 0
        return min(speech_ms, max(0, over) * 1000 // TELEPHONE_RATE)

    async def _on_key(self, item: Pressed | KeyHeard) -> None:
        """A line brings keys as events or as sound; one that brings both has pressed a key once."""
        heard_already, self._key_in_sound = self._key_in_sound, None
        if isinstance(item, Pressed):
            self._voice.keys = None
            if item.key == heard_already:
                return
        elif self._voice.keys is None:
            return
        else:
            self._key_in_sound = item.key
        await self._happen(KeyPressed(key=item.key))

    async def _on_spoke(self, spoke: Spoke) -> None:
        """Recognise and understand one utterance; one that goes on is joined with its rest."""
        text = await self._early.words(spoke, self._hints)
        self._pending += [text] if text else []
        if self._voice.is_hearing_speech and not isinstance(self.state, Waiting):
            return
        unsaid = self._voice.mouth.unsaid if self._voice.mouth.has_more else None
        await self._happen(await self._sentence(ended_at=spoke.ended_at, unsaid=unsaid))

    async def _on_machine(self, machine: MachineAnswered) -> None:
        """No person is there: the script says what a machine is told, in the middle of its own words."""
        if self.is_leaving:
            return
        evidence = f"{machine.answerer}: {', '.join(machine.because)}"
        understood = Understood(meaning=Meaning.ASSISTANT, confidence=1.0, evidence=evidence)
        self._live.heard(machine.words, understood)
        self.notes.heard(machine.words, understood, until=machine.heard_until)
        await self._happen(SentenceHeard(text=machine.words, understood=understood, at=self._now()))

    async def _sentence(self, *, ended_at: int, unsaid: int | None = None) -> SentenceHeard:
        """Understand what was said; `unsaid` is how much of our words it fell into was left, in samples."""
        sentence, self._pending = "".join(self._pending), []
        understood = await self._tools.ears.meaning(sentence)
        machine = self.watch.first_sentence(sentence) if self.watch is not None else None
        if (
            machine is not None and understood.meaning is not Meaning.REFUSE_HARD
        ):  # no machine refuses: a person may be there
            understood = Understood(meaning=Meaning.ASSISTANT, confidence=1.0, evidence=machine)
        heard = SentenceHeard(
            text=sentence,
            understood=understood,
            over_speech=unsaid is not None,
            unsaid_ms=(unsaid or 0) * 1000 // TELEPHONE_RATE,
            at=self._now(),
        )
        if self._tools.chooser is not None:
            heard = await self._tools.chooser.settle(self._plan.script, self.state, heard)
        if sentence:
            self._live.heard(sentence, heard.understood)
            self.notes.heard(sentence, heard.understood, until=ended_at)
        return heard

    async def _happen(self, event: Event) -> None:
        """Let the conversation answer one event, and do what it says."""
        at_s = asyncio.get_running_loop().time() - self._began_s
        was_leaving = self.is_leaving
        self.state, actions = advance(self._plan.script, self.state, event)
        self._live.at(self.state)
        self._entries.append(Entry(at_ms=int(at_s * 1000), event=event, actions=actions))
        begins_to_leave = self.is_leaving and not was_leaving
        if begins_to_leave:
            self.has_taken_leave = self.closed is None and not isinstance(event, SoundGone)
        for action in actions:
            await self._do(action)
        if begins_to_leave:
            self._deadline_s = asyncio.get_running_loop().time() + _GOODBYE_S

    async def _do(self, action: Action) -> None:
        match action:
            case RecordRefusal(kind=kind, words=words):
                now = await self._tools.book.now()
                await self._tools.book.refuse(self._plan.permit, kind=kind, words=words, understood_at=now)
            case ScheduleCallBack(words=words):
                await self._schedule(words)
            case RecordSlot(name=name, value=value):
                self._answers[name] = value
                self.notes.answered(name, value)
            case SendMessage(name=name):
                text = message_text(self._plan.script, name, self.facts.values, self._answers)
                await self._tools.book.owe(self._plan.permit, kind="message", name=name, content={"text": text})
            case HandOver(to=to):
                content = {"answers": dict(self._answers)}
                await self._tools.book.owe(self._plan.permit, kind="hand_over", name=to, content=content)
            case _ if self.closed is not None:
                pass  # nobody hears it any more
            case Say(lines=lines, values=values):
                self._say(lines, dict(values))
            case Pause():
                self._voice.pause()
            case Resume():
                if self._voice.mouth.is_paused:
                    self._voice.resume()
            case HangUp():
                await self._leave()

    def _say(self, lines: tuple[str, ...], answers: Mapping[str, str]) -> None:
        if self._voice.mouth.has_more:
            self.notes.interrupted()
        script, key = self._plan.script, str(self._plan.permit.person_id)
        values = {**self._plan.values, **answers}
        clips = [w for line in lines for w in wordings(script, line, values, key=key)]
        said = "".join(clip.text for clip in clips)
        self.notes.said(said, step=None if isinstance(self.state, Waiting) else self.state.step)
        self._live.said(said)
        self._saying, self._hints = said, replace(self._hints, asked="")
        self._voice.say(self._tools.clips.sound(clips))

    async def _schedule(self, words: str) -> None:
        said = "".join([*(note.heard or "" for note in self.notes.items[-2:-1]), words])
        now = (await self._tools.book.now()).astimezone(ZoneInfo(self._plan.zone))
        await self._tools.book.call_back(self._plan.permit, words=said, not_before=call_back_time(said, now=now))

    async def _leave(self) -> None:
        """Hang up; the stack's `Closed` ends the loop, or we do if it does not come."""
        await self._call.hang_up()
        loop = asyncio.get_running_loop()
        until = loop.time() + _CONFIRM_S
        while self.closed is None:
            item = await self._next(until - loop.time())
            if item is None or isinstance(item, Closed):
                self.closed = item or Closed(status=None, reason="no answer to BYE")
