"""The part of a call before its answer: what the network says of the person, as early as it is certain.

A hand: tones come from the voice, recordings from the shelf, words from the ears;
`core/hearing` decides. Whatever becomes certain first ends the call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fairdial.call.plan import CallPlan, CallTools, Stop, Withdrawn
from fairdial.call.talk import Inbox
from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, NETWORK_SLOW, WITHDRAWN, Disposition
from fairdial.core.hearing.announcements import announced
from fairdial.core.hearing.fingerprint import NOTHING, extended, recognised
from fairdial.core.hearing.hints import ANNOUNCEMENT
from fairdial.core.hearing.tones import SAYS
from fairdial.core.sip_status import meaning_of
from fairdial.ports import Answered, Closed, EarlyMedia, LineCall, Ringing
from fairdial.voice.call_voice import CallVoice, Paused, Spoke, Sustained, ToneHeard
from fairdial.voice.sound import TELEPHONE_RATE, Samples

_log = logging.getLogger(__name__)

ASK_AT_MS = (1200, 1500, 1800, 2100, 2400, 2700, 3000, 3500, 4000, 4500)
"""Lengths of what still runs at which the recogniser is asked, and in every pause until the last: songs are not followed to their end."""

_COMPARE_EVERY_MS = 250
"""Speech between two comparisons with the labelled recordings: they take 0.1 ms for each label, on the voice clock's thread."""

_LEAST_KEPT_S, _MOST_KEPT_S = 1.5, 15
"""Early media is kept from 1.5 s of speech on, 15 s of it at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """How the part before an answer ended without one."""

    disposition: Disposition
    status: int | None
    announcement: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overheard:
    """Words of an announcement that still runs."""

    text: str


class BeforeAnswer:
    """Waits for an answer and listens meanwhile; `run` once."""

    def __init__(
        self,
        plan: CallPlan,
        tools: CallTools,
        call: LineCall,
        voice: CallVoice,
        inbox: Inbox,
        now: Callable[[], datetime],
    ) -> None:
        self._plan, self._tools, self._call, self._voice, self._now = plan, tools, call, voice, now
        self._inbox: asyncio.Queue[object] = inbox  # type: ignore[assignment]  # and what is overheard
        self._words = ""
        self._spoken_from: int | None = None
        self._speech_ms = self._asked_ms = self._compared_ms = 0
        self._print = NOTHING
        self._asking: asyncio.Task[None] | None = None
        self._has_information_tone = False

    async def run(self) -> Unanswered | Answered:
        """Wait for an answer; ends the call when the network has said that none will come."""
        try:
            how = await self._wait()
        finally:
            if self._asking is not None:
                self._asking.cancel()
        if isinstance(how, Unanswered):
            await self._call.hang_up()
        return how

    async def _wait(self) -> Unanswered | Answered:
        loop = asyncio.get_running_loop()
        limits = self._tools.limits
        deadline, has_response = loop.time() + limits.no_response_s, False
        dialled_at = loop.time()
        while True:
            try:
                item = await asyncio.wait_for(self._inbox.get(), max(0.0, deadline - loop.time()))
            except TimeoutError:
                rings_by = dialled_at + limits.post_dial_s
                if has_response or not self._call.is_taken_up or deadline >= rings_by:
                    return self._given_up(has_response)
                deadline = rings_by
                continue
            match item:
                case Answered():
                    return item
                case Ringing() | EarlyMedia():
                    deadline = deadline if has_response else loop.time() + limits.ring_s
                    has_response = True
                    if isinstance(item, EarlyMedia):
                        self._tools.clock.add(self._voice)
                case Closed(is_unsent=True):
                    return self._ended(Disposition.FAILED, outcome=LINE_REFUSED)
                case Closed(status=status):
                    return await self._refused(status)
                case Stop() | Withdrawn():
                    why = WITHDRAWN if isinstance(item, Withdrawn) else None
                    return self._ended(Disposition.CANCELLED, outcome=why)
                case _:
                    if (said := await self._hear(item)) is not None:
                        return said

    async def _hear(self, item: object) -> Unanswered | None:
        """Take in what the network plays; how the call ends once that is certain."""
        match item:
            case ToneHeard(name=name):
                self._has_information_tone |= name == "special_information"
                return self._ended(SAYS[name]) if name in SAYS else None
            case Sustained(speech_ms=speech):
                if self._spoken_from is None:
                    self._spoken_from = max(0, self._voice.position - speech * TELEPHONE_RATE // 1000)
                if speech >= self._compared_ms + _COMPARE_EVERY_MS:
                    self._compared_ms = speech
                    if (label := self._known_recording()) is not None:
                        return label
                self._speech_ms = speech
                if any(self._asked_ms < at <= speech for at in ASK_AT_MS):
                    self._ask()
            case Paused() if self._speech_ms <= ASK_AT_MS[-1]:
                self._ask()
            case _Overheard(text=text):
                if disposition := announced(self._words + text, is_over=False):
                    return self._ended(disposition, words=self._words + text)
            case Spoke(samples=samples):
                self._speech_ms = self._asked_ms = self._compared_ms = 0
                self._words += await self._tools.ears.words(samples, ANNOUNCEMENT)
                if disposition := announced(self._words):
                    return self._ended(disposition)
            case _:
                pass
        return None

    def _known_recording(self) -> Unanswered | None:
        """How the call ends when what plays is a labelled recording."""
        shelf = self._tools.announcements
        known = shelf.known() if shelf is not None else ()
        if not known:
            return None
        self._print = extended(self._print, self._voice.recording()[0][self._spoken_from :])
        found = recognised(self._print, known)
        return self._ended(found.disposition, words=f"recording {found.id}") if found is not None else None

    def _ask(self) -> None:
        """Have what was said so far recognised beside the call, one question at a time."""
        if self._asking is None or self._asking.done():
            self._asked_ms = self._speech_ms
            self._asking = asyncio.ensure_future(self._overhear(self._voice.speech_so_far()))

    async def _overhear(self, sound: Samples) -> None:
        self._inbox.put_nowait(_Overheard(text=await self._tools.ears.words(sound, ANNOUNCEMENT)))

    def _ended(
        self,
        disposition: Disposition,
        *,
        words: str | None = None,
        outcome: str | None = None,
        status: int | None = None,
    ) -> Unanswered:
        said = words or self._words or None
        return Unanswered(disposition=disposition, status=status, announcement=said, outcome=outcome)

    def _given_up(self, has_response: bool) -> Unanswered:
        """Nobody answered in time, or the network never said a word, or took the call up and brought it nowhere."""
        if has_response:
            return self._ended(Disposition.NO_ANSWER)
        outcome = NETWORK_SLOW if self._call.is_taken_up else NETWORK_SILENT
        return self._ended(Disposition.FAILED, outcome=outcome)

    async def _refused(self, status: int | None) -> Unanswered:
        """The network ended the call; an announcement that was cut short still tells why."""
        rest = self._voice.speech_so_far()
        if len(rest):
            self._words += await self._tools.ears.words(rest, ANNOUNCEMENT)
        disposition = announced(self._words) if self._words else None
        by_status = meaning_of(status).disposition
        if by_status is Disposition.FAILED and self._has_information_tone:
            by_status = Disposition.UNREACHABLE
        return self._ended(disposition or by_status, status=status)

    async def keep(self, how: Unanswered) -> None:
        """Keep what was played, so that the operator can say what it means."""
        shelf = self._tools.announcements
        if shelf is None or self._spoken_from is None or how.disposition is Disposition.CANCELLED:
            return
        start = max(0, self._spoken_from - TELEPHONE_RATE // 4)
        sound = self._voice.recording()[0][start : start + _MOST_KEPT_S * TELEPHONE_RATE].copy()
        if len(sound) >= _LEAST_KEPT_S * TELEPHONE_RATE:
            words, at = how.announcement or "", self._now()
            read_as = announced(words) if words else None
            try:
                await asyncio.to_thread(lambda: shelf.keep(sound, at=at, words=words, read_as=read_as))
            except OSError as error:  # a full disk must not cost the call its record
                _log.error("what the network played is not kept, the call is: %s 提示音未能保存", error.strerror)
