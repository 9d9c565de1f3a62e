"""`make soak`: many calls after one another on the practice network, for minutes or an hour; prints JSON, exit 1 when something grows.

Real SIP, RTP, Silero, conversation and recordings; recognition is stubbed (it answers at once with a sentence in turn), and
the ledger is one in memory. Looked at: resident memory, open descriptors and late ticks, in the second quarter and in the last.

Usage: python -m bench.soak [CALLS] [MINUTES]
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any
from uuid import uuid4

import psutil

from bench.harness import machine
from fairdial.call.conduct import Conduct
from fairdial.call.plan import CallLimits, CallPlan, CallTools
from fairdial.core.call_record import CallRecord
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.hearing.hints import NO_HINTS, Hints
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.permit import Permit, SpentPermit
from fairdial.core.policy.case import LineKind
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.models import require
from fairdial.ports import CallBook
from fairdial.rehearsal.persona_file import load_personas
from fairdial.script_file import read_script_file
from fairdial.settings import read_settings
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.sound import Samples
from fairdial.voice.vad import SileroVad

EXAMPLE = Path(__file__).parents[1] / "examples" / "insurance-renewal"
VALUES = {"person": "陈女士", "product": "车险", "expiry": "十二月十五日", "premium": "两千八百六十元"}
SIP_PORT, RTP_PORTS = 45_070, (46_000, 47_999)
LOOK_S = 2.0
GROWTH = 0.05


class Ears:
    """Answers at once, with one sentence after another; some are doubtful, some refuse."""

    def __init__(self) -> None:
        self._sentences = itertools.cycle(("喂", "好的", "你说", "多少钱", "嗯嗯", "不用了", "我想一想", "是的"))

    async def words(self, samples: Samples, hints: Hints = NO_HINTS) -> str:
        return next(self._sentences)

    async def meaning(self, text: str) -> Understood:
        return understand_by_rule(text) or Understood(meaning=Meaning.UNCLEAR, confidence=1.0, evidence=text)


@dataclass
class Book(CallBook):
    """Counts what calls write down."""

    ended: list[str] = field(default_factory=list)
    refusals: int = 0

    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def redeem(self, permit: Permit) -> SpentPermit:
        return SpentPermit(permit=permit, dialled_at=await self.now())

    async def placed(self, permit: Permit, *, call_id: str | None) -> None: ...

    async def lose(self, permit: Permit) -> None:
        self.ended.append("unknown")

    async def refuse(self, permit: Permit, *, kind: str, words: str, understood_at: datetime) -> None:
        self.refusals += 1

    async def call_back(self, permit: Permit, *, words: str, not_before: datetime) -> None: ...

    async def owe(self, permit: Permit, *, kind: str, name: str, content: Mapping[str, Any]) -> None: ...

    async def end(self, permit: Permit, record: CallRecord) -> None:
        self.ended.append(record.disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the process has at one moment; `calls` have sound then."""

    rss_mb: float
    descriptors: int
    punctuality: Punctuality
    cpu_s: float
    calls: int


async def soak(calls: int, minutes: float) -> dict[str, Any]:
    vad = SileroVad(require("silero-vad", read_settings({}).models))
    _, script = read_script_file(EXAMPLE / "script.yaml")
    people = [name for name, person in load_personas(EXAMPLE / "personas.yaml").items() if person.behaviour == "answer"]
    with tempfile.TemporaryDirectory() as name:
        folder, book = Path(name), Book()
        numbers = {f"+86154{i:08d}": people[i % len(people)] for i in range(calls)}
        options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=f"127.0.0.1:{SIP_PORT}", capacity=calls)
        with _network(folder, numbers):
            async with open_line(options) as line, running(VoiceClock(vad)) as clock:
                tools = CallTools(
                    line=line,
                    clock=clock,
                    clips=ClipShelf(EXAMPLE / "clips"),
                    ears=Ears(),
                    book=book,
                    recordings=folder / "recordings",
                    taking=TurnTaking(),
                    limits=CallLimits(),
                    seals_recordings=True,
                )

                over = asyncio.Event()

                async def calling(number: str) -> None:
                    while not over.is_set():
                        plan = CallPlan(
                            permit=_permit(number, script.hash), script=script, values=VALUES, zone="Asia/Shanghai"
                        )
                        await Conduct(plan, tools).run()

                began = time.monotonic()
                places = [asyncio.create_task(calling(number)) for number in numbers]
                looks = await _looking(clock, places, until=began + minutes * 60, folder=folder)
                over.set()
                for place in places:
                    place.cancel()
                await asyncio.gather(*places, return_exceptions=True)
    return _judged(looks, book, calls, minutes)


async def _looking(clock: VoiceClock, places: list[asyncio.Task[None]], *, until: float, folder: Path) -> list[Look]:
    process, looks = psutil.Process(), []
    while time.monotonic() < until:
        await asyncio.sleep(LOOK_S)
        for place in places:
            if place.done():
                place.result()
        for recording in (folder / "recordings").glob("*.sealed"):
            recording.unlink()
        looks.append(
            Look(
                rss_mb=process.memory_info().rss / 1e6,
                descriptors=process.num_fds(),
                punctuality=clock.punctuality,
                cpu_s=time.process_time(),
                calls=clock.calls,
            )
        )
    return looks


def _judged(looks: list[Look], book: Book, calls: int, minutes: float) -> dict[str, Any]:
    quarter = len(looks) // 4
    early, last = looks[quarter : 2 * quarter], looks[-quarter:]
    memory = [median(look.rss_mb for look in part) for part in (early, last)]
    files = [median(look.descriptors for look in part) for part in (early, last)]
    late = [part[-1].punctuality.since(part[0].punctuality) for part in (early, last)]
    share = [part.late / max(1, part.ticks) for part in late]
    cpu_s, wall_s = looks[-1].cpu_s - looks[0].cpu_s, (len(looks) - 1) * LOOK_S
    return {
        "name": "soak",
        "machine": machine(),
        "calls": calls,
        "minutes": minutes,
        "ended": {how: book.ended.count(how) for how in sorted(set(book.ended))},
        "refusals": book.refusals,
        "calls_with_sound": round(mean(look.calls for look in looks), 1),
        "core_percent_a_call_with_sound": round(100 * cpu_s / wall_s / mean(look.calls for look in looks), 2),
        "memory_mb": [round(value, 1) for value in memory],
        "descriptors": files,
        "late_share": [round(value, 4) for value in share],
        "worst_late_ms": round(looks[-1].punctuality.worst_ms),
        "is_flat": memory[1] <= memory[0] * (1 + GROWTH) and files[1] <= files[0] + 2 * calls**0.5,
        "keeps_time": share[1] <= max(0.01, 2 * share[0]),
    }


def _permit(number: str, script_hash: str) -> Permit:
    return Permit(
        id=uuid4(),
        attempt_id=1,
        contact_id=1,
        person_id=1,
        number=number,
        caller_number="+8615499990001",
        line="practice",
        script_hash=script_hash,
        expires_at=datetime.now(UTC) + timedelta(seconds=20),
    )


@contextlib.contextmanager
def _network(folder: Path, numbers: Mapping[str, str]) -> Iterator[None]:
    """The practice network with the example's people, a process of its own."""
    (folder / "assign.json").write_text(json.dumps(numbers), encoding="utf-8")
    command = [sys.executable, "-m", "fairdial.rehearsal", "--personas", str(EXAMPLE / "personas.yaml")]
    command += ["--assign", str(folder / "assign.json"), "--clips", str(EXAMPLE / "persona-clips")]
    command += ["--log", str(folder / "network.jsonl"), "--sip-port", str(SIP_PORT)]
    command += ["--rtp-ports", f"{RTP_PORTS[0]}-{RTP_PORTS[1]}", "--ends-with-parent"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline().startswith("READY")
        yield
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    told = asyncio.run(soak(calls, minutes))
    print(json.dumps(told, indent=1))
    sys.exit(0 if told["is_flat"] and told["keeps_time"] else 1)


if __name__ == "__main__":
    main()
