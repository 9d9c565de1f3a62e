"""What any line does, whichever stack it is made of. Subclass `LineContract` and give `world`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import numpy as np
import pytest

from fairdial.core.permit import Permit, SpentPermit
from fairdial.errors import LineError
from fairdial.ports import Answered, Closed, EarlyMedia, Line, LineCall, Pressed, Ringing, Signal
from fairdial.voice.sound import FRAME_SAMPLES
from tests.line.fake_line import tone


class Reached(Protocol):
    def __call__(self) -> list[tuple[str, str]]:
        """Called number and permit of every INVITE that reached the far end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An open line of two places, and the numbers of people who behave as named.

    `talker` rings and answers, speaks, and answers again once we have spoken; `listener` answers at once;
    `presser` presses 9 after it has answered; `leaver` answers and hangs up once we speak;
    `vacant` announces before any answer and is refused with 404.
    """

    line: Line
    number_of: dict[str, str]
    invites: Reached


def spent(number: str, *, line: str = "practice") -> SpentPermit:
    now = datetime.now(UTC)
    permit = Permit(
        id=uuid4(),
        attempt_id=1,
        contact_id=1,
        person_id=1,
        number=number,
        caller_number="+8615499990001",
        line=line,
        script_hash="0" * 64,
        expires_at=now + timedelta(seconds=20),
    )
    return SpentPermit(permit=permit, dialled_at=now)


async def signals_until(call: LineCall, kind: type[Signal], *, within_s: float = 10.0) -> list[Signal]:
    """Every signal up to the first of a kind."""
    seen: list[Signal] = []
    async with asyncio.timeout(within_s):
        while not (seen and isinstance(seen[-1], kind)):
            seen.append(await call.next_signal())
    return seen


async def loudness(call: LineCall, *, for_s: float, say: bool = False) -> float:
    """Root mean square of what is heard for a while, saying something meanwhile if asked to."""
    heard = bytearray()
    loop = asyncio.get_running_loop()
    due = loop.time()
    end = due + for_s
    while due < end:
        heard += call.read()
        if say:
            call.write(tone(3000, FRAME_SAMPLES / 8000).tobytes())
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))
    samples = np.frombuffer(bytes(heard), dtype=np.int16).astype(np.float64)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


class LineContract:
    def world(self) -> AbstractAsyncContextManager[World]:
        raise NotImplementedError

    def run(self, story: Coroutine[Any, Any, None]) -> None:
        asyncio.run(story)

    def test_the_invite_carries_the_permit(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                permission = spent(world.number_of["listener"])
                call = await world.line.dial(permission)
                await signals_until(call, Answered)
                await call.hang_up()
                await signals_until(call, Closed)
                assert world.invites() == [(world.number_of["listener"], str(permission.permit.id))]
                assert call.call_id

        self.run(story())

    def test_a_key_the_person_presses_is_a_signal(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["presser"]))
                assert (await signals_until(call, Pressed))[-1] == Pressed(key="9")
                await call.hang_up()
                assert Pressed(key="9") not in await signals_until(call, Closed), "once"

        self.run(story())

    def test_a_spent_permit_is_dialled_once(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                permission = spent(world.number_of["listener"])
                call = await world.line.dial(permission)
                with pytest.raises(LineError, match="dialled already"):
                    await world.line.dial(permission)
                await signals_until(call, Answered)
                await call.hang_up()
                assert len(world.invites()) == 1

        self.run(story())

    def test_ringing_comes_before_the_answer_however_fast_it_is(self) -> None:
        """A 180 that came before the stack had named the call was lost, and the call given up."""

        async def story() -> None:
            async with self.world() as world:
                for _ in range(5):
                    call = await world.line.dial(spent(world.number_of["talker"]))
                    assert await signals_until(call, Answered) == [Ringing(), Answered()]
                    await call.hang_up()
                    await signals_until(call, Closed)

        self.run(story())

    def test_sound_goes_both_ways(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["talker"]))
                await signals_until(call, Answered)
                assert await loudness(call, for_s=1.0) > 300, "the far end's first words"
                await loudness(call, for_s=1.0, say=True)
                assert await loudness(call, for_s=1.5) > 300, "the far end answers what it heard"
                await call.hang_up()

        self.run(story())

    def test_the_far_end_hangs_up_and_the_call_is_closed_once(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["leaver"]))
                await signals_until(call, Answered)
                saying = asyncio.create_task(loudness(call, for_s=2.0, say=True))
                closed = (await signals_until(call, Closed))[-1]
                assert isinstance(closed, Closed) and closed.status is None
                await saying
                await call.hang_up()
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await call.next_signal()

        self.run(story())

    def test_a_refused_call_names_the_status_and_was_never_answered(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["busy"]))
                seen = await signals_until(call, Closed)
                assert isinstance(seen[-1], Closed) and seen[-1].status == 486
                assert Answered() not in seen

        self.run(story())

    def test_an_announcement_is_heard_before_any_answer(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["vacant"]))
                assert await signals_until(call, EarlyMedia) == [EarlyMedia()]
                assert await loudness(call, for_s=0.5) > 300
                await loudness(call, for_s=1.5)
                assert Answered() not in await signals_until(call, Closed)

        self.run(story())

    def test_hanging_up_before_an_answer_ends_the_call(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                call = await world.line.dial(spent(world.number_of["unanswered"]))
                await signals_until(call, Ringing)
                await call.hang_up()
                assert isinstance((await signals_until(call, Closed))[-1], Closed)

        self.run(story())

    def test_a_full_line_sends_no_invite_and_a_freed_place_serves_again(self) -> None:
        async def story() -> None:
            async with self.world() as world:
                number = world.number_of["listener"]
                first, _ = [await world.line.dial(spent(number)) for _ in range(2)]
                with pytest.raises(LineError, match="2"):
                    await world.line.dial(spent(number))
                await signals_until(first, Answered)
                await first.hang_up()
                await signals_until(first, Closed)
                await world.line.dial(spent(number))
                await asyncio.sleep(0.3)
                assert len(world.invites()) == 3

        self.run(story())
