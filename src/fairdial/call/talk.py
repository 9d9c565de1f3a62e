"""The answered part of a call: from the first word to the goodbye.

A hand: it carries sound and words between the person and the conversation, which
decides. A refusal is durable before the goodbye it leads to begins to play.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fairdial.call.notes import Notes
from fairdial.call.plan import CallPlan, CallTools, Stop, Withdrawn
from fairdial.core.dialogue.conversation import (
    Action,
    Ended,
    Event,
    HangUp,
    OperatorStopped,
    RecordRefusal,
    RecordSlot,
    Resume,
    Say,
    ScheduleCallBack,
    SentenceHeard,
    SilenceElapsed,
    State,
    Talking,
    advance,
    opened,
)
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.when import call_back_time
from fairdial.core.script.model import Stops
from fairdial.core.script.speech import wordings
from fairdial.ports import Closed, LineCall, Signal
from fairdial.voice.call_voice import CallVoice, FinishedSaying, Paused, SoundLost, Spoke, Sustained, VoiceEvent

Item = Signal | VoiceEvent | Stop | Withdrawn
Inbox = asyncio.Queue[Item]

_GREETING_S = 0.6
"""How long the person may take to say 喂 before we speak."""

_OPENING_S = 1.15
"""We speak at the latest this long after the answer (first word within 1.5 s)."""

_CALL_S = 180.0
"""Longest answered call."""

_GOODBYE_S = 12.0
"""Longest goodbye; then the call is hung up whatever is still being said."""


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
        self.state: State = Talking(step=plan.script.start)
        self.closed: Closed | None = None
        self.goodbye_until: int | None = None
        self.is_refused = False
        self.is_sound_lost = False
        self._plan, self._tools, self._call, self._voice, self._inbox = plan, tools, call, voice, inbox
        self._now = carried_on(answered_at.astimezone(ZoneInfo(plan.zone)))
        self._pending: list[str] = []
        self.is_leaving = False
        self._deadline = asyncio.get_running_loop().time() + _CALL_S

    async def run(self) -> None:
        await self._wait_for_greeting()
        self.state, actions = opened(self._plan.script)
        await self._carry_out(actions)
        while self.closed is None:
            await self._one_event()
        await self._hear_the_rest()

    async def _hear_the_rest(self) -> None:
        """Take in what was said before the line went dead: whoever refuses and hangs up has refused."""
        unheard = [item.samples for item in self._left_in_inbox() if isinstance(item, Spoke)]
        for samples in (*unheard, self._voice.speech_so_far()):
            if len(samples):
                self._pending.append(await self._tools.ears.words(samples))
        sentence, self._pending = "".join(self._pending), []
        if not sentence:
            return
        understood = await self._tools.ears.meaning(sentence)
        self.notes.heard(sentence, understood, until=self._voice.position)
        if isinstance(self.state, Ended):
            await self._listen_while_leaving(sentence, understood)
            return
        self.state, actions = advance(
            self._plan.script, self.state, self._heard(sentence, understood, over_speech=False)
        )
        await self._carry_out(tuple(a for a in actions if isinstance(a, RecordRefusal | ScheduleCallBack | RecordSlot)))

    def _left_in_inbox(self) -> list[Item]:
        left = []
        while not self._inbox.empty():
            left.append(self._inbox.get_nowait())
        return left

    async def _wait_for_greeting(self) -> None:
        """Let the person say 喂 first, within bounds."""
        loop = asyncio.get_running_loop()
        answered = loop.time()
        while self.closed is None:
            limit = _OPENING_S if self._voice.is_hearing_speech else _GREETING_S
            left = answered + limit - loop.time()
            item = await self._next(left)
            if item is None or isinstance(item, Paused):
                return
            if isinstance(item, Spoke):
                await self._on_spoke(item, answers=False)
                return
            if isinstance(item, Closed):
                self.closed = item
            if isinstance(item, Stop):
                self._inbox.put_nowait(item)  # the opening is cut short by the goodbye
                return

    async def _one_event(self) -> None:
        item = await self._next(self._patience())
        self.notes.first_sound(self._voice.mouth.first_sample_at)
        match item:
            case None:
                await self._on_timeout()
            case Closed():
                self.closed = item
            case Sustained(speech_ms=speech) if self._voice.mouth.is_speaking and self._stops_us(speech):
                self._voice.pause()
            case Spoke():
                await self._on_spoke(item, answers=True)
            case FinishedSaying(at=at) if self.is_leaving:
                self.goodbye_until = at
                await self._leave()
            case SoundLost():
                self.is_sound_lost = True
                await self._leave()
            case Stop() if isinstance(self.state, Talking):
                await self._advance(OperatorStopped())
            case _:
                pass

    def _stops_us(self, speech_ms: int) -> bool:
        """Whether voice that has gone on for so long interrupts what is being said."""
        interrupt = self._plan.script.steps[self.state.step].interrupt
        return not self.is_leaving and interrupt.by is Stops.VOICE and speech_ms >= interrupt.after_ms

    async def _next(self, timeout_s: float) -> Item | None:
        try:
            return await asyncio.wait_for(self._inbox.get(), max(0.0, timeout_s))
        except TimeoutError:
            return None

    def _patience(self) -> float:
        """Seconds until something must happen without an event."""
        left = self._deadline - asyncio.get_running_loop().time()
        mouth = self._voice.mouth
        is_idle = not (mouth.is_speaking or mouth.is_paused or self._voice.is_hearing_speech)
        if is_idle and not self.is_leaving:
            return min(left, self._plan.script.silence_after_s)
        return left

    async def _on_timeout(self) -> None:
        if self.is_leaving or asyncio.get_running_loop().time() >= self._deadline:
            await self._leave()
        elif not self._voice.is_hearing_speech:
            await self._advance(SilenceElapsed())

    async def _on_spoke(self, spoke: Spoke, *, answers: bool) -> None:
        """Recognise and understand one utterance; one that goes on is joined with its rest."""
        text = await self._tools.ears.words(spoke.samples)
        self._pending += [text] if text else []
        if self._voice.is_hearing_speech and answers:
            return
        sentence, self._pending = "".join(self._pending), []
        understood = await self._tools.ears.meaning(sentence)
        over_speech = self._voice.mouth.is_speaking or self._voice.mouth.is_paused
        if sentence:
            self.notes.heard(sentence, understood, until=spoke.ended_at)
        if isinstance(self.state, Ended):
            await self._listen_while_leaving(sentence, understood)
        elif answers or understood.meaning in (Meaning.REFUSE_HARD, Meaning.ASSISTANT):
            await self._advance(self._heard(sentence, understood, over_speech=over_speech))

    def _heard(self, sentence: str, understood: Understood, *, over_speech: bool) -> SentenceHeard:
        return SentenceHeard(text=sentence, understood=understood, over_speech=over_speech, at=self._now())

    async def _listen_while_leaving(self, sentence: str, understood: Understood) -> None:
        """A refusal counts even when it falls into our goodbye."""
        if understood.meaning is Meaning.REFUSE_HARD and not self.is_refused:
            await self._carry_out((RecordRefusal(kind="hard", words=sentence),))

    async def _advance(self, event: Event) -> None:
        self.state, actions = advance(self._plan.script, self.state, event)
        await self._carry_out(actions)

    async def _carry_out(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case RecordRefusal(kind=kind, words=words):
                    self.is_refused = True
                    now = await self._tools.book.now()
                    await self._tools.book.refuse(self._plan.permit, kind=kind, words=words, understood_at=now)
                case ScheduleCallBack(words=words):
                    await self._schedule(words)
                case RecordSlot(name=name, value=value):
                    self.notes.answered(name, value)
                case Say(lines=lines, values=values):
                    self._say(lines, dict(values))
                case Resume():
                    if self._voice.mouth.is_paused:
                        self._voice.resume()
                case HangUp():
                    await self._begin_leaving()

    def _say(self, lines: tuple[str, ...], answers: Mapping[str, str]) -> None:
        mouth = self._voice.mouth
        if mouth.is_speaking or mouth.is_paused:
            self.notes.interrupted()
        script, key = self._plan.script, str(self._plan.permit.person_id)
        values = {**self._plan.values, **answers}
        clips = [w for line in lines for w in wordings(script, line, values, key=key)]
        self.notes.said("".join(clip.text for clip in clips))
        self._voice.say(self._tools.clips.sound(clips))

    async def _schedule(self, words: str) -> None:
        said = "".join([*(note.heard or "" for note in self.notes.items[-2:-1]), words])
        now = (await self._tools.book.now()).astimezone(ZoneInfo(self._plan.zone))
        await self._tools.book.call_back(self._plan.permit, words=said, not_before=call_back_time(said, now=now))

    async def _begin_leaving(self) -> None:
        self.is_leaving = True
        self._deadline = asyncio.get_running_loop().time() + _GOODBYE_S
        if not self._voice.mouth.is_speaking:
            await self._leave()

    async def _leave(self) -> None:
        """Hang up; the stack's `Closed` ends the loop, or we do if it does not come."""
        await self._call.hang_up()
        self._deadline = asyncio.get_running_loop().time() + 3.0
        while self.closed is None:
            item = await self._next(self._deadline - asyncio.get_running_loop().time())
            if item is None or isinstance(item, Closed):
                self.closed = item or Closed(status=None, reason="no answer to BYE")
