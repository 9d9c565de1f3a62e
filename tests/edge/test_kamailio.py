"""What a real Kamailio does with the edge's files: nothing leaves without a permit, and nothing of ours is seen outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from fairdial.core.permit_signature import Claims, EdgeKey, Refused, check, sign
from fairdial.edge.plan import EdgeLine
from tests.edge.running import KEY, MISSING, Edge, edge_line, has_kamailio, running_edge, started
from tests.edge.wire import Caller, Carrier, field, signed

pytestmark = pytest.mark.skipif(not has_kamailio(), reason=MISSING)

ANSWERED, RANG_AND_LEFT, NO_SERVICE = (100, 180, 200), (100, 180, 503), (100, 503)
NUMBER, CALLER = "+8615400000001", "+8615499990001"


def permitted(line: str = "trunk-1", *, number: str = NUMBER, now: int | None = None) -> Claims:
    """A permit of its own for each call."""
    at = int(time.time()) if now is None else now
    return Claims(permit=str(uuid4()), at=at, until=at + 20, line=line, number=number, caller=CALLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Two carriers, trunk-1 and trunk-2, behind an edge, and somebody who dials."""

    edge: Edge
    caller: Caller
    first: Carrier
    second: Carrier

    async def dial(self, claims: Claims, *, key: EdgeKey = KEY) -> tuple[int, str]:
        return await self.caller.invite(claims.number, claims.caller, signed(claims, key))


@asynccontextmanager
async def world(
    folder: Path,
    first: Sequence[int] = ANSWERED,
    second: Sequence[int] = ANSWERED,
    *,
    calls: int = 100,
    each_second: int = 100,
    stand_ins: Sequence[str] = ("trunk-2",),
    until: datetime | None = None,
) -> AsyncIterator[World]:
    carriers = Carrier(*first), Carrier(*second)
    for one, host in zip(carriers, ("127.0.0.31", "127.0.0.32"), strict=True):
        await one.open(host)
    lines: list[EdgeLine] = [
        edge_line(
            "trunk-1",
            carriers[0].address,
            calls=calls,
            each_second=each_second,
            stand_ins=stand_ins,
            until=until,
        ),
        edge_line("trunk-2", carriers[1].address),
    ]
    caller = Caller()
    await caller.open("127.0.0.1")
    try:
        with running_edge(folder, lines) as edge:
            caller.edge = edge.address
            yield World(edge=edge, caller=caller, first=carriers[0], second=carriers[1])
    finally:
        for socket in (caller, *carriers):
            socket.close()
        await asyncio.sleep(0)


def test_a_permitted_call_is_set_up_answered_and_ended_and_shows_nothing_of_ours(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            status, answer = await told.dial(permitted())
            assert status == 200 and field(answer, "X-Fairdial-Line") == "trunk-1", (
                "the carrier's own word is not believed"
            )
            assert await told.caller.say("BYE", answer) == 200
            [invite] = told.first.invites
            seen = "".join(told.first.heard)
            assert invite.startswith(f"INVITE sip:{NUMBER}@{told.first.address} SIP/2.0")
            assert "fairdial" not in seen.lower(), "no header, no name"
            assert told.caller.address not in seen, "nor where our worker is"
            assert told.first.address not in answer, "nor the carrier to the worker"
            assert any(one.startswith("BYE") for one in told.first.heard)

    asyncio.run(story())


def test_a_call_that_the_carrier_ends_and_one_that_we_give_up_end_on_both_sides(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path, (100, 180)) as told:
            claims = permitted()
            dialling = asyncio.create_task(told.dial(claims))
            while not any(" 180 " in one for one in told.caller.heard):
                await asyncio.sleep(0.01)
            told.caller.send(told.caller.cancel(), told.edge.address)
            while not any(one.startswith("CANCEL") for one in told.first.heard):
                await asyncio.sleep(0.01)
            told.first.refuse(told.first.invites[0], 487)
            status, _ = await dialling
            assert status == 487
            assert told.second.invites == [], "a call that was given up is not tried elsewhere"

    asyncio.run(story())


NOW = int(time.time())
CASES = {
    "as it was permitted": (permitted(), {}),
    "another number": (permitted(), {"number": "+8615400000002"}),
    "another caller": (permitted(), {"caller": "+8615499990002"}),
    "another permit": (permitted(), {"permit": str(uuid4())}),
    "a line that was not signed": (permitted(), {"line": "trunk-2"}),
    "a life of a day": (replace(permitted(), until=NOW + 86_400), {}),
    "long ago": (permitted(now=NOW - 600), {}),
    "far ahead": (permitted(now=NOW + 600), {}),
    "a key of nobody": (permitted(), {"key": "7"}),
    "no signature": (permitted(), {"signature": ""}),
    "a cut signature": (permitted(), {"cut": "1"}),
}


def test_the_edge_refuses_what_the_core_refuses_and_says_the_remedy(tmp_path: Path) -> None:
    """One table of cases over both: the check in Python and the one in Kamailio must agree to the byte."""

    async def story() -> None:
        async with world(tmp_path) as told:
            for name, (claims, altered) in CASES.items():
                now = int(time.time())
                if claims.at in range(NOW - 60, NOW + 60):
                    claims = replace(claims, at=now, until=now + claims.until - claims.at)
                shown = replace(
                    claims,
                    number=altered.get("number", claims.number),
                    caller=altered.get("caller", claims.caller),
                    permit=altered.get("permit", claims.permit),
                )
                text = sign(claims, replace(KEY, number=int(altered.get("key", 1))))
                text = text.replace("line=trunk-1", f"line={altered.get('line', 'trunk-1')}")
                text = text[:-1] if "cut" in altered else text
                headers = {"X-Fairdial-Permit": shown.permit}
                headers |= {} if "signature" in altered else {"X-Fairdial-Signature": text}
                pure = check(
                    headers.get("X-Fairdial-Signature"),
                    permit=shown.permit,
                    number=shown.number,
                    caller=shown.caller,
                    keys={1: KEY},
                    now=now,
                )
                before = len(told.first.invites) + len(told.second.invites)
                status, answer = await told.caller.invite(shown.number, shown.caller, headers)
                after = len(told.first.invites) + len(told.second.invites)
                if isinstance(pure, Refused):
                    assert (status, after) == (403, before), name
                    assert 'SIP;cause=403;text="' in field(answer, "Reason"), name
                else:
                    assert (status, after) == (200, before + 1), name

    asyncio.run(story())


def test_a_permit_carries_one_invite_only_and_its_repetitions_are_none(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            claims = permitted()
            assert (await told.dial(claims))[0] == 200
            told.caller.send(told.caller.sent, told.edge.address)  # the same once more, as UDP repeats it
            status, answer = await told.dial(claims)
            assert status == 403 and "used already" in field(answer, "Reason")
            assert len(told.first.invites) == 1

    asyncio.run(story())


def test_fifty_uses_of_one_permit_at_once_are_one_call(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            claims = permitted()
            answers = await asyncio.gather(*(told.dial(claims) for _ in range(50)))
            assert sorted(status for status, _ in answers) == [200] + [403] * 49
            assert len(told.first.invites) == 1

    asyncio.run(story())


def test_a_restart_lets_no_used_permit_through(tmp_path: Path) -> None:
    async def story() -> None:
        claims = permitted(now=int(time.time()) - 1)
        async with world(tmp_path) as told:
            status, answer = await told.dial(claims)
            assert status == 403 and "before this edge was started" in field(answer, "Reason")
            assert told.first.invites == []

    asyncio.run(story())


def test_a_call_that_a_carrier_wants_credentials_for_comes_once_more(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path, (401,)) as told:
            claims, headers = permitted(), {}
            headers = signed(claims, KEY)
            status, _ = await told.caller.invite(NUMBER, CALLER, headers, call_id="challenged@test")
            assert status == 401
            told.first.answers = ANSWERED
            again = headers | {"Authorization": 'Digest username="u", realm="c", nonce="n", uri="sip:c", response="r"'}
            status, _ = await told.caller.invite(NUMBER, CALLER, again, call_id="other@test")
            assert status == 403, "not in another call"
            status, _ = await told.caller.invite(NUMBER, CALLER, again, call_id="challenged@test", cseq=2)
            assert status == 200
            status, _ = await told.caller.invite(NUMBER, CALLER, again, call_id="challenged@test", cseq=3)
            assert status == 403, "and not a third time"
            assert told.second.invites == [], "a challenge is no failure of the line"

    asyncio.run(story())


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_carrier_that_cannot_serve_hands_over_to_the_stand_in(tmp_path: Path, status: int) -> None:
    async def story() -> None:
        async with world(tmp_path, (100, status)) as told:
            got, answer = await told.dial(permitted())
            assert got == 200 and field(answer, "X-Fairdial-Line") == "trunk-2"
            [_], [invite] = told.first.invites, told.second.invites
            assert "fairdial" not in invite.lower()
            assert await told.caller.say("BYE", answer) == 200

    asyncio.run(story())


@pytest.mark.parametrize("answers", [RANG_AND_LEFT, (100, 183, 500), (100, 486), (100, 403), (100, 504), (100, 608)])
def test_nothing_is_tried_elsewhere_when_it_may_have_rung_or_was_refused(
    tmp_path: Path, answers: tuple[int, ...]
) -> None:
    async def story() -> None:
        async with world(tmp_path, answers) as told:
            assert (await told.dial(permitted()))[0] == answers[-1]
            assert told.second.invites == []

    asyncio.run(story())


def test_a_silent_carrier_is_not_thought_not_to_have_rung_and_is_taken_out_by_options(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            told.first.is_silent = True
            status, _ = await told.dial(permitted())
            assert status == 408 and told.second.invites == []
            give_up = time.monotonic() + 15
            while (await told.dial(permitted()))[0] != 200:
                assert time.monotonic() < give_up
            assert told.second.invites
            told.first.is_silent = False
            while field((await told.dial(permitted()))[1], "X-Fairdial-Line") != "trunk-1":
                assert time.monotonic() < give_up
                await asyncio.sleep(0.2)

    asyncio.run(story())


def test_no_line_is_overfilled_and_a_place_is_free_when_a_call_ends(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path, calls=3, stand_ins=()) as told:
            dialled = await asyncio.gather(*(told.dial(permitted()) for _ in range(20)))
            taken = [answer for status, answer in dialled if status == 200]
            refused = [answer for status, answer in dialled if status == 503]
            assert (len(taken), len(refused), len(told.first.invites)) == (3, 17, 3)
            assert field(refused[0], "Retry-After") == "1" and "as many calls" in field(refused[0], "Reason")
            assert await told.caller.say("BYE", taken[0]) == 200
            assert (await told.dial(permitted()))[0] == 200

    asyncio.run(story())


def test_no_second_sees_more_calls_than_the_line_may_begin(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path, each_second=5, stand_ins=()) as told:
            begun = []
            end = time.monotonic() + 2.6
            while time.monotonic() < end:
                at = time.monotonic()
                status, _ = await told.dial(permitted())
                if status == 200:
                    begun.append(at)
                await asyncio.sleep(0.02)
            assert len(begun) in (10, 15), "all that it may in two seconds and a half"
            assert all(later - earlier >= 0.95 for earlier, later in zip(begun, begun[5:], strict=False))
            assert len(told.first.invites) == len(begun)

    asyncio.run(story())


def test_a_line_whose_documents_ended_carries_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        ended = datetime.now(UTC) - timedelta(minutes=1)
        async with world(tmp_path, stand_ins=(), until=ended) as told:
            status, answer = await told.dial(permitted())
            assert status == 503 and "documents" in field(answer, "Reason")
            assert told.first.invites == []

    asyncio.run(story())


def test_nobody_gets_past_the_edge_as_if_within_a_call(tmp_path: Path) -> None:
    """A To tag and a Route make a request look like one of a call that was permitted."""

    async def story() -> None:
        async with world(tmp_path) as told:
            status, answer = await told.dial(permitted())
            assert status == 200
            forged = answer.replace(field(answer, "Call-ID"), "another@test")
            assert await told.caller.say("INVITE", forged, cseq=9) == 403
            assert await told.caller.say("MESSAGE", forged, cseq=10) == 403
            assert len(told.first.invites) == 1
            assert await told.caller.say("INVITE", answer, cseq=3) == 200, "a hold of the permitted call passes"

    asyncio.run(story())


def test_a_call_that_outlives_a_restart_of_the_edge_is_ended_on_both_sides(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            status, answer = await told.dial(permitted())
            assert status == 200
            told.edge.process.terminate()
            told.edge.process.wait(5)
            with started(tmp_path, told.edge.address):
                assert await told.caller.say("INVITE", answer, cseq=2) == 403, (
                    "what is no call it knows changes nothing"
                )
                assert await told.caller.say("BYE", answer, cseq=3) == 200
            assert [one for one in told.first.heard if one.startswith("BYE")]

    asyncio.run(story())


def test_what_a_stranger_sends_is_answered_or_dropped_and_not_printed(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path) as told:
            for message in (
                "INVITE sip:+8615400000009 SIP/2.0\r\nVia: nonsense\r\n\r\n",
                "INVITE sip:+8615400000009@\xff SIP/2.0\r\nFrom: +8615400000009\r\nTo:\r\nX-Fairdial-Permit:\r\n\r\n",
                "\r\n\r\n",
                "REGISTER sip:+8615400000009@x SIP/2.0\r\n\r\n",
            ):
                told.caller.send(message, told.edge.address)
            for method in ("REGISTER", "MESSAGE", "SUBSCRIBE"):
                assert await told.caller.ask(method, told.edge.address) == 405
            assert await told.caller.ask("OPTIONS", told.edge.address) == 200
            assert (await told.dial(permitted()))[0] == 200
            assert "5400000009" not in told.edge.log

    asyncio.run(story())


def test_the_log_holds_no_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with world(tmp_path, NO_SERVICE, NO_SERVICE) as told:
            assert (await told.dial(permitted()))[0] == 503
            assert (await told.caller.invite(NUMBER, CALLER, {}))[0] == 403
            assert "refused" in told.edge.log
            assert NUMBER[3:] not in told.edge.log and CALLER[3:] not in told.edge.log

    asyncio.run(story())
