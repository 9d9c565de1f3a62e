"""What the far end may do in the middle of a call: hold it, change its stream, ask to transfer it."""

from __future__ import annotations

import asyncio

import numpy as np

from fairdial.line.baresip_line import BaresipCall
from fairdial.ports import Closed
from tests.line.callee import PCMA, PCMU, Callee, answered_by, rtp
from tests.line.contract import signals_until

LOUD = {PCMA: bytes([0x2A, 0xAA] * 80), PCMU: bytes([0x00, 0x80] * 80)}
"""20 ms of the loudest sound of each law."""


async def heard_loud(call: BaresipCall, callee: Callee, *, kind: int = PCMA, ssrcs: tuple[int, ...] = (5,)) -> float:
    """Share of half a second of loud packets that is heard; the stream changes its SSRC as often as there are some."""
    heard, packets = bytearray(), 25
    for i in range(packets):
        ssrc = ssrcs[i * len(ssrcs) // packets]
        callee.sends(rtp(1000 + i, i * 160, kind=kind, ssrc=ssrc, payload=LOUD[kind]))
        await asyncio.sleep(0.02)
        heard += call.read()
    for _ in range(20):
        await asyncio.sleep(0.02)
        heard += call.read()
    loud = np.abs(np.frombuffer(bytes(heard), dtype=np.int16).astype(np.int32)) > 5000
    return float(np.count_nonzero(loud)) / (packets * 160)


async def until_answered(callee: Callee, count: int) -> str:
    async with asyncio.timeout(5):
        while len([one for one in callee.answers if " 100 " not in one]) < count:
            await asyncio.sleep(0.02)
    return callee.answers[-1]


async def ended_well(call: BaresipCall) -> bool:
    await call.hang_up()
    return isinstance((await signals_until(call, Closed))[-1], Closed)


def test_both_laws_of_g711_are_heard() -> None:
    async def story(kind: int) -> float:
        async with answered_by(kind) as (call, callee):
            share = await heard_loud(call, callee, kind=kind)
            assert await ended_well(call)
            return share

    assert asyncio.run(story(PCMA)) > 0.8
    assert asyncio.run(story(PCMU)) > 0.8


def test_a_stream_that_changes_its_ssrc_is_heard_on() -> None:
    """Carriers splice an announcement and a person: two sources, one call (RFC 3550, section 8.2)."""

    async def story() -> None:
        async with answered_by() as (call, callee):
            assert await heard_loud(call, callee, ssrcs=(5, 77)) > 0.7
            assert await ended_well(call)

    asyncio.run(story())


def test_a_call_that_is_held_goes_on_when_it_is_taken_back() -> None:
    async def story() -> None:
        async with answered_by() as (call, callee):
            callee.asks("INVITE", direction="inactive")
            assert "200" in (answer := await until_answered(callee, 1)) and "a=inactive" in answer
            callee.asks("INVITE", direction="sendrecv")
            assert "200" in (answer := await until_answered(callee, 2)) and "a=sendrecv" in answer
            assert await heard_loud(call, callee) > 0.7
            assert await ended_well(call)

    asyncio.run(story())


def test_nobody_can_make_us_dial_by_asking_for_a_transfer() -> None:
    """A transfer would be a call without a permit."""

    async def story() -> None:
        async with answered_by() as (call, callee):
            callee.asks("REFER", extra=(f"Refer-To: <sip:+8615400000002@{callee.address}>", "Supported: norefersub"))
            await until_answered(callee, 1)
            await asyncio.sleep(1.0)
            assert callee.invites == 1, "only the call that was permitted"
            assert await heard_loud(call, callee) > 0.7, "and it goes on"
            assert await ended_well(call)

    asyncio.run(story())
