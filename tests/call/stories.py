"""A call as a timeline in virtual time: what the person does on one side, what the call does on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.core.call_record import CallRecord
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.live_call import LiveCall
from fairdial.core.permit import Permit, SpentPermit
from fairdial.core.script.parse import parse_script
from fairdial.ports import CallBook, Chooser
from fairdial.voice.announcement_shelf import AnnouncementShelf
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.sound import Samples
from fairdial.voice.vad import VadStream
from tests.core.dtmf import key_sound
from tests.core.scripts import content
from tests.line.contract import spent
from tests.line.fake_line import FakeCall, FakeLine, tone
from tests.virtual_time import run_virtually

NUMBER = "+8615400000001"
SECOND_BEGAN = datetime(2026, 11, 26, 1, 40, tzinfo=UTC)
VALUES = {"person": "陈女士", "product": "车险", "expiry": "十二月十五日", "premium": "两千八百六十元"}
"""Values whose clips the example has rendered."""

_STEP = 500
_MEANINGS = {
    "对": Meaning.ACCEPT,
    "多少钱": Meaning.ASK_PRICE,
    "不用了": Meaning.REFUSE_SOFT,
    "你们这电话助理真的够了": Meaning.REFUSE_HARD,
}


class Person:
    """The far end of the call; every method takes the time it would take."""

    def __init__(self, call: FakeCall, sayings: list[str]) -> None:
        self.call = call
        self._sayings = sayings

    async def rings(self, seconds: float) -> None:
        self.call.ring()
        await asyncio.sleep(seconds)

    async def answers(self) -> None:
        self.call.answer()

    async def waits(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def says(self, words: str, seconds: float) -> None:
        if words not in self._sayings:
            self._sayings.append(words)
        await self.call.speak(tone(_STEP * (1 + self._sayings.index(words)), seconds))

    async def plays(self, sound: Samples) -> None:
        """The network plays this before any answer."""
        self.call.early()
        await self.call.speak(sound)

    async def announces(self, words: str, seconds: float) -> None:
        self.call.early()
        await self.says(words, seconds)

    def presses(self, key: str) -> None:
        self.call.press(key)

    async def presses_in_sound(self, key: str, seconds: float = 0.1) -> None:
        await self.call.speak(key_sound(key, seconds))

    def hangs_up(self) -> None:
        self.call.bye()

    def refuses(self, status: int) -> None:
        self.call.refuse(status)


class _Ears:
    """Knows a sentence by its loudness; hearing takes 0.3 s, as on the demo's machine."""

    def __init__(self, sayings: list[str], understanding_s: float) -> None:
        self._sayings = sayings
        self.hints: list[Hints] = []
        self._understanding_s = understanding_s

    async def words(self, samples: npt.NDArray[np.int16], hints: Hints = NO_HINTS) -> str:
        self.hints.append(hints)
        await asyncio.sleep(0.3)
        loudest = int(np.max(np.abs(samples.astype(np.int32)))) if len(samples) else 0
        return (
            self._sayings[min(loudest // _STEP, len(self._sayings)) - 1] if loudest >= _STEP and self._sayings else ""
        )

    async def meaning(self, text: str) -> Understood:
        await asyncio.sleep(self._understanding_s)
        known = Understood(meaning=_MEANINGS.get(text, Meaning.UNCLEAR), confidence=1.0, evidence=text)
        return understand_by_rule(text) or known


class LoudIsSpeech:
    def probabilities(self, windows: Sequence[Samples], streams: Sequence[VadStream]) -> list[float]:
        return [1.0 if np.abs(window.astype(np.int32)).mean() > 100 else 0.0 for window in windows]


@dataclass
class Book(CallBook):
    """Keeps what a call wrote, and when; writing a refusal takes `refusing_s`."""

    refusing_s: float = 0.0
    away_s: float = 0.0
    """How long every question about the call takes, as when the database is out of reach."""
    refused: list[tuple[str, str, datetime]] = field(default_factory=list)
    called_back: list[str] = field(default_factory=list)
    owed: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    lost: list[Permit] = field(default_factory=list)

    async def now(self) -> datetime:
        await asyncio.sleep(self.away_s)
        return SECOND_BEGAN + timedelta(seconds=asyncio.get_running_loop().time())

    async def redeem(self, permit: Permit) -> SpentPermit:
        return SpentPermit(
            permit=permit, dialled_at=SECOND_BEGAN + timedelta(seconds=asyncio.get_running_loop().time())
        )

    async def placed(self, permit: Permit, *, call_id: str | None) -> None:
        await asyncio.sleep(self.away_s)

    async def lose(self, permit: Permit) -> None:
        self.lost.append(permit)

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        await asyncio.sleep(self.refusing_s)
        self.refused.append((kind, words, await self.now()))

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None:
        self.called_back.append(words)

    async def owe(self, permit: Permit, *, kind: str, name: str, content: Mapping[str, Any]) -> None:
        self.owed.append((kind, name, content))

    async def end(self, permit: Permit, record: CallRecord) -> None:
        self.records.append(record)


@dataclass(frozen=True)
class Told:
    """What became of a call, and the seconds until it ended."""

    record: CallRecord
    book: Book
    call: FakeCall
    took_s: float
    hints: list[Hints]
    """What the ears were told to expect, sentence by sentence."""
    live: list[LiveCall]
    """What those who watch were told, in order."""

    @property
    def said(self) -> list[str]:
        return [turn.said for turn in self.record.turns if turn.said]

    @property
    def heard(self) -> list[str]:
        return [turn.heard for turn in self.record.turns if turn.heard]

    def heard_of_us_s(self) -> float:
        """Seconds of our speech that reached the person."""
        return float(np.count_nonzero(np.abs(self.call.heard.astype(np.int32)) > 50)) / 8000


def tell(
    life: Callable[[Person], Awaitable[None]],
    folder: Path,
    *,
    book: Book | None = None,
    stop_at_s: float | None = None,
    refuses_elsewhere_at_s: float | None = None,
    dial_fails_with: Exception | None = None,
    remind: Mapping[str, object] | None = None,
    keys: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
    promised: Mapping[str, object] | None = None,
    chooser: Chooser | None = None,
    understanding_s: float = 0.0,
    announcements: AnnouncementShelf | None = None,
) -> Told:
    """Call a person who lives like this, and tell what became of it.

    `remind` and `promised` change the steps of that name, `more` the script.
    """
    kept = book or Book()

    async def story() -> Told:
        live: list[LiveCall] = []
        sayings: list[str] = []
        ears = _Ears(sayings, understanding_s)

        async def far_end(call: FakeCall) -> None:
            await life(Person(call, sayings))

        line = FakeLine({NUMBER: far_end}, fails_with=dial_fails_with)
        async with running(VoiceClock(LoudIsSpeech())) as clock:
            tools = CallTools(
                line=line,
                clock=clock,
                clips=ClipShelf(Path(__file__).parents[2] / "examples" / "insurance-renewal" / "clips"),
                ears=ears,
                book=kept,
                recordings=folder,
                taking=TurnTaking(),
                limits=CallLimits(),
                chooser=chooser,
                announcements=announcements,
                tell=live.append,
            )
            written = content()
            written["steps"]["remind"] |= remind or {}
            written["steps"]["promised"] |= promised or {}
            written["keys"] = dict(keys or {})
            written |= more or {}
            script = parse_script(written, name="example")
            plan = CallPlan(permit=spent(NUMBER).permit, script=script, values=VALUES, zone="Asia/Shanghai")
            conduct = Conduct(plan, tools)
            if stop_at_s is not None:
                asyncio.get_running_loop().call_later(stop_at_s, conduct.stop)
            if refuses_elsewhere_at_s is not None:
                asyncio.get_running_loop().call_later(refuses_elsewhere_at_s, conduct.withdraw)
            record = await conduct.run()
            took_s = round((record.ended_at - SECOND_BEGAN).total_seconds(), 3)
            return Told(record=record, book=kept, call=line.calls[0], took_s=took_s, hints=ears.hints, live=live)

    return run_virtually(story())
