"""One call from permit to record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from fairdial.call.answer_watch import AnswerWatch
from fairdial.call.before_answer import BeforeAnswer, Unanswered
from fairdial.call.plan import CallPlan, CallTools, Stop, Withdrawn
from fairdial.call.talk import Inbox, Talk, carried_on
from fairdial.core.call_record import LINE_REFUSED, CallRecord, Disposition
from fairdial.core.contacts.number import country_of
from fairdial.core.dialogue.after_call import MACHINE, after_call
from fairdial.core.dialogue.state import SOUND_LOST, Ended
from fairdial.core.live_call import LiveCall, Stage
from fairdial.core.sip_status import Blame, meaning_of
from fairdial.errors import LedgerError, LineError, UncertainLineError
from fairdial.ports import Closed, LineCall
from fairdial.voice.call_voice import CallVoice
from fairdial.voice.keeping import Kept, keep_recording
from fairdial.voice.sound import TELEPHONE_RATE
from fairdial.voice.tone_watch import KeyWatch, ToneWatch


class Conduct:
    """Carries one permitted call to its end; `run` always writes a record once the permit is spent."""

    def __init__(self, plan: CallPlan, tools: CallTools) -> None:
        self._plan, self._tools = plan, tools
        self._inbox: Inbox = asyncio.Queue()
        self._now: Callable[[], datetime]

    def stop(self) -> None:
        """Let the call say goodbye and end."""
        self._inbox.put_nowait(Stop())

    def withdraw(self) -> None:
        """Hang up unless somebody has answered; who has, said so to us or is told goodbye as in any call."""
        self._inbox.put_nowait(Withdrawn())

    async def run(self) -> CallRecord:
        """Spend the permit, dial, talk, record.

        Raises:
            PermitError: The permit cannot be spent; nothing was dialled.
            UncertainLineError: The INVITE may have left; the attempt is kept as unknown.
        """
        spent = await self._tools.book.redeem(self._plan.permit)
        self._now = carried_on(spent.dialled_at)
        self._tell(Stage.DIALING)
        try:
            call = await self._tools.line.dial(spent)
        except UncertainLineError:
            await self._tools.book.lose(self._plan.permit)
            self._tell(Stage.OVER)
            raise
        except LineError:
            how = Unanswered(disposition=Disposition.FAILED, status=None, outcome=LINE_REFUSED)
            record = await self._unanswered(None, how)
        else:
            record = await self._with_call(call)
        await self._tools.book.end(self._plan.permit, record)
        self._tell(Stage.OVER)
        return record

    def _tell(self, stage: Stage) -> None:
        self._tools.tell(LiveCall(attempt_id=self._plan.permit.attempt_id, stage=stage))

    async def _with_call(self, call: LineCall) -> CallRecord:
        voice = CallVoice(call, taking=self._tools.taking, report=self._inbox.put_nowait)
        voice.tones = ToneWatch(country_of(self._plan.permit.number))
        pump = asyncio.create_task(self._pump(call))
        noting = asyncio.create_task(self._tools.book.placed(self._plan.permit, call_id=call.call_id))
        try:
            before = BeforeAnswer(self._plan, self._tools, call, voice, self._inbox, self._now)
            how = await before.run()
            if isinstance(how, Unanswered):
                record = await self._unanswered(call, how)
                await before.keep(how)
                await self._heed(how)
                return record
            return await self._answered(call, voice)
        finally:
            self._tools.clock.remove(voice)
            await call.hang_up()  # first of all: whatever else fails, no call is left standing
            for task in (pump, noting):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, LedgerError):
                await asyncio.gather(pump, noting)

    async def _heed(self, how: Unanswered) -> None:
        """607 is a refusal as if it had been spoken (RFC 8197; docs/why/lines.md says why)."""
        if how.status is not None and meaning_of(how.status).blame is Blame.PERSON:
            words = f"SIP {how.status}"
            await self._tools.book.refuse(self._plan.permit, kind="hard", words=words, understood_at=self._now())

    async def _pump(self, call: LineCall) -> None:
        """Bring the line's signals into the call's inbox, in order."""
        while True:
            signal = await call.next_signal()
            self._inbox.put_nowait(signal)
            if isinstance(signal, Closed):
                return

    async def _answered(self, call: LineCall, voice: CallVoice) -> CallRecord:
        answered_at = self._now()
        answered_position = voice.position
        voice.expect_sound()
        voice.keys = KeyWatch() if self._plan.script.keys else None
        self._tools.clock.add(voice)
        put = self._inbox.put_nowait
        watch = AnswerWatch(voice, self._tools.ears, taking=self._tools.taking, report=put)
        voice.report = watch.take
        talk = Talk(self._plan, self._tools, call, voice, self._inbox, answered_at)
        talk.watch = watch
        try:
            await talk.run()
        finally:
            watch.close()
        ended_at = self._now()

        def at(position: int) -> datetime:
            return answered_at + timedelta(seconds=(position - answered_position) / TELEPHONE_RATE)

        kept = await self._save(voice, answered_position)
        first = talk.notes.first_said_from()
        goodbye = at(talk.goodbye_until) if talk.goodbye_until is not None else None
        ended, log = talk.ended(), talk.log()
        return CallRecord(
            disposition=_how_it_went(ended),
            sip_status=None,
            announcement=None,
            call_id=call.call_id,
            answered_at=answered_at,
            ended_at=ended_at,
            goodbye_ended_at=min(goodbye or ended_at, ended_at) if talk.has_taken_leave else None,
            first_word_ms=(first - answered_position) * 1000 // TELEPHONE_RATE if first is not None else None,
            grade=after_call(self._plan.script, log.moments(self._plan.script)).grade,
            outcome=ended.outcome,
            recording=kept.name if kept else None,
            recording_key=kept.key if kept else None,
            turns=talk.notes.turns(at),
            log=log,
            wire=call.take_wire(),
        )

    async def _save(self, voice: CallVoice, answered_position: int) -> Kept | None:
        """Write the recording; what was heard before the answer is not part of it."""
        left, right = voice.recording()
        return await asyncio.to_thread(
            keep_recording,
            self._tools.recordings,
            self._plan.permit.id,
            left=left[answered_position:],
            right=right[answered_position:],
            is_sealed=self._tools.seals_recordings,
        )

    async def _unanswered(self, call: LineCall | None, how: Unanswered) -> CallRecord:
        return CallRecord(
            disposition=how.disposition,
            sip_status=how.status,
            announcement=how.announcement,
            call_id=call.call_id if call else None,
            answered_at=None,
            ended_at=self._now(),
            goodbye_ended_at=None,
            first_word_ms=None,
            grade="D",
            outcome=how.outcome,
            recording=None,
            turns=(),
            wire=call.take_wire() if call else (),
        )


def _how_it_went(state: Ended) -> Disposition:
    if state.outcome == SOUND_LOST:
        return Disposition.FAILED
    return Disposition.VOICEMAIL if state.outcome == MACHINE else Disposition.ANSWERED
