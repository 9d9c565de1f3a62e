"""What is counted, timed and traced of one run's calls: thin wrappers around its hands; nothing is decided here, and nothing waits."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fairdial.app.watch import Watch
from fairdial.campaign.dialer import Calls, Hands, Watcher
from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, CallEnd, CallRecord
from fairdial.core.call_trace import Steps, Took, Value, course_of, spans_of
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.live_call import LiveCall, Stage, Tell
from fairdial.core.permit import Claimed, Permit, SpentPermit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome
from fairdial.ledger.calls.attempts import Settled
from fairdial.ledger.calls.facts import Task
from fairdial.line.baresip_line import BaresipLine
from fairdial.observe.log import about_call
from fairdial.observe.metrics import Meters
from fairdial.observe.traces import traced_nowhere
from fairdial.ports import CallBook, Ears
from fairdial.voice.clock import VoiceClock
from fairdial.voice.sound import Samples

_log = logging.getLogger(__name__)

_MOST_PENDING = 4096
"""Contacts that are claimed and not dialled whose times are kept; a claim that is lost is never heard of again."""


class RunWatch:
    """What is counted and traced of the calls of one run in one process."""

    def __init__(self, watch: Watch, task: Task) -> None:
        self._watch, self.meters, self.timed = watch, watch.meters, watch.timed
        self.line, self.campaign = task.line, str(task.campaign_id)
        self._pending: dict[int, Steps] = {}
        """By contact."""
        self._living: dict[int, tuple[str, Stage]] = {}
        """Line and stage of living calls, by attempt."""
        self._silent_row = 0

    def hands(self, hands: Hands) -> Hands:
        """The dialer's hands, counted."""
        meters = self.meters

        async def claim(count: int) -> list[Claimed]:
            claimed, took = await self.timed("claim", hands.claim(count))
            for one in claimed:
                self._note(one.contact_id, Steps(claimed=took))
            return claimed

        async def ask(contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
            answers, took = await self.timed("gate", hands.ask(contacts))
            for one in contacts:
                before = self._pending.pop(one.contact_id, Steps())
                verdict, permit = answers.get(one.contact_id, (None, None))
                if verdict is not None:
                    self._decided(verdict)
                if permit is not None:
                    self._note(one.contact_id, replace(before, asked=took))
            return answers

        async def place(permit: Permit) -> Calls:
            return _Attempt(await hands.place(permit), permit, self)

        async def give_back(permit: Permit) -> None:
            self._pending.pop(permit.contact_id, None)
            await self.timed("give_back", hands.give_back(permit))
            meters.given_back.labels(permit.line).inc()

        async def renew(living: Sequence[int]) -> None:
            await self.timed("renew", hands.renew(living))

        async def settle() -> None:
            await self.timed("settle", hands.settle())

        return replace(hands, claim=claim, ask=ask, place=place, give_back=give_back, renew=renew, settle=settle)

    def book(self, book: CallBook) -> CallBook:
        """A call's book, counted and timed; when it is closed the call is traced."""
        return _Book(book, self)

    def ears(self, ears: Ears) -> Ears:
        """Ears, timed."""
        return _Ears(ears, self.meters)

    def tell(self, tell: Tell) -> Tell:
        """Count living calls by their stage."""

        def told(call: LiveCall) -> None:
            self._stage(call.attempt_id, call.stage)
            tell(call)

        return told

    def watcher(self, watcher: Watcher) -> Watcher:
        """Whoever is told of the whole run: count workers that die, and calls in a row that a silent line made."""

        def ended(contact: int, end: CallEnd) -> None:
            self._ended(end)
            watcher.ended(contact, end)

        def lost(cause: str) -> None:
            self.meters.workers_died.inc()
            watcher.lost(cause)

        return replace(watcher, ended=ended, lost=lost)

    def settled(self, settled: Settled) -> None:
        """Count what dead workers left."""
        self.meters.settled.labels("unknown").inc(settled.unknown)
        self.meters.settled.labels("released").inc(settled.released)

    def recogniser_failed(self, engine: str) -> None:
        """Count an engine that did not answer; the next one was asked, or the person again."""
        self.meters.recogniser_failures.labels(engine).inc()

    def _ended(self, end: CallEnd) -> None:
        self._silent_row = self._silent_row + 1 if end.outcome in (NETWORK_SILENT, LINE_REFUSED) else 0
        self.meters.silent_row.labels(self.line).set(self._silent_row)

    def sound(self, line: BaresipLine, clock: VoiceClock) -> None:
        """Show whether the SIP stack answers and how the voice clock keeps time."""
        self.meters.stack_up.labels(self.line).set_function(lambda: float(line.is_alive))
        self.meters.stack_stopped.labels(self.line).set_function(lambda: float(not line.is_alive))
        self.meters.punctuality = lambda: clock.punctuality

    def _decided(self, verdict: Verdict) -> None:
        self.meters.decisions.labels(self.campaign, verdict.outcome).inc()
        for opinion in verdict.opinions:
            if opinion.outcome is not Outcome.ALLOW:
                self.meters.held.labels(opinion.rule_id, opinion.outcome).inc()

    def _note(self, contact: int, steps: Steps) -> None:
        self._pending[contact] = steps
        if len(self._pending) > _MOST_PENDING:
            del self._pending[next(iter(self._pending))]

    def _stage(self, attempt: int, stage: Stage) -> None:
        line, before = self._living.pop(attempt, (self.line, Stage.OVER))
        if before is not Stage.OVER:
            self.meters.living.labels(line, before).dec()
        if stage is not Stage.OVER:
            self._living[attempt] = (line, stage)
            self.meters.living.labels(line, stage).inc()

    def gone(self, permit: Permit) -> None:
        """A call's task has ended, however it did."""
        self._stage(permit.attempt_id, Stage.OVER)
        self._pending.pop(permit.contact_id, None)

    def spent(self, permit: Permit, dialled_at: datetime, took: Took) -> None:
        """The permit is spent; the INVITE comes next."""
        self._living[permit.attempt_id] = (permit.line, Stage.OVER)
        before = self._pending.get(permit.contact_id, Steps())
        self._note(permit.contact_id, replace(before, spent=took, dialled_at=dialled_at))

    def recorded(self, permit: Permit, record: CallRecord, took: Took) -> None:
        """A call is written down: count it, and send its trace."""
        meters, line = self.meters, permit.line
        meters.ended.labels(line, self.campaign, record.disposition).inc()
        course = course_of(record.wire)
        if course.reacted is not None:
            meters.post_dial.labels(line).observe(course.reacted)
        if record.sip_status is not None:
            meters.sip_refusals.labels(line, str(record.sip_status)).inc()
        if record.answered_at is not None:
            meters.grades.labels(line, record.grade).inc()
            meters.talk.labels(line).observe((record.ended_at - record.answered_at).total_seconds())
            if course.rang is not None and course.final is not None:
                meters.ring.labels(line).observe(course.final - course.rang)
        if record.first_word_ms is not None:
            meters.first_word.labels(line).observe(record.first_word_ms / 1000)
        for turn in record.turns:
            if turn.gap_ms is not None:
                meters.gap.labels(line).observe(turn.gap_ms / 1000)
        if self._watch.trace is not traced_nowhere:
            about: dict[str, Value] = {"attempt": permit.attempt_id, "campaign": int(self.campaign), "line": line}
            self._watch.trace(permit.id, spans_of(self._pending.get(permit.contact_id, Steps()), record, took, about))
        _log.info("call ended: line %s, %s, grade %s", line, record.disposition, record.grade)


class _Attempt:
    """A living call, whose log lines carry its attempt; see `fairdial.campaign.dialer.Calls`."""

    def __init__(self, call: Calls, permit: Permit, watch: RunWatch) -> None:
        self._call, self._permit, self._watch = call, permit, watch

    async def run(self) -> CallRecord:
        with about_call(attempt=self._permit.attempt_id, permit=self._permit.id):
            try:
                return await self._call.run()
            finally:
                self._watch.gone(self._permit)

    def stop(self) -> None:
        self._call.stop()

    def withdraw(self) -> None:
        self._call.withdraw()


class _Book:
    """See `fairdial.ports.CallBook`."""

    def __init__(self, book: CallBook, watch: RunWatch) -> None:
        self._book, self._watch, self._timed = book, watch, watch.timed

    async def now(self) -> datetime:
        return await self._book.now()

    async def redeem(self, permit: Permit) -> SpentPermit:
        spent, took = await self._timed("redeem", self._book.redeem(permit))
        self._watch.spent(permit, spent.dialled_at, took)
        return spent

    async def placed(self, permit: Permit, *, call_id: str | None) -> None:
        self._watch.meters.placed.labels(permit.line).inc()
        await self._timed("placed", self._book.placed(permit, call_id=call_id))

    async def lose(self, permit: Permit) -> None:
        await self._timed("lose", self._book.lose(permit))
        self._watch.meters.ended.labels(permit.line, self._watch.campaign, "unknown").inc()

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        writing = self._book.refuse(permit, kind=kind, words=words, understood_at=understood_at)
        _, took = await self._timed("refuse", writing)
        self._watch.meters.refusals.observe(took.seconds)

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None:
        await self._timed("call_back", self._book.call_back(permit, words=words, not_before=not_before))

    async def owe(self, permit: Permit, *, kind: str, name: str, content: Mapping[str, Any]) -> None:
        await self._timed("owe", self._book.owe(permit, kind=kind, name=name, content=content))

    async def end(self, permit: Permit, record: CallRecord) -> None:
        _, took = await self._timed("end", self._book.end(permit, record))
        self._watch.recorded(permit, record, took)


class _Ears:
    """See `fairdial.ports.Ears`."""

    def __init__(self, ears: Ears, meters: Meters) -> None:
        self._ears, self._meters = ears, meters

    async def words(self, samples: Samples, hints: Hints = NO_HINTS) -> str:
        with self._meters.words.time():
            words = await self._ears.words(samples, hints)
        if not words:
            self._meters.nothing_heard.inc()
        return words

    async def meaning(self, text: str) -> Understood:
        with self._meters.meaning.time():
            return await self._ears.meaning(text)
