"""What a carrier answers over real SIP, and what is made of it: no redirect is followed, no phone that may have rung is rung again."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from fairdial.core.call_record import LINE_REFUSED, CallRecord, Disposition
from fairdial.core.pacing.set_up import Signalling, read_signalling
from fairdial.core.policy.case import LineKind
from fairdial.core.sip_status import meaning_of
from fairdial.core.trunk import NumberFormat, Transport, Trunk
from fairdial.errors import LineError
from fairdial.line.baresip_line import open_line, open_lines
from fairdial.line.options import LineOptions
from fairdial.line.probe import probe
from fairdial.ports import Answered, Closed, Signal
from tests.campaign.test_dialer import RECORD
from tests.line.contract import signals_until, spent
from tests.line.far_end import Answers, FarEnd, Reply, always, challenged, far_end

NUMBER = "+8615400000001"
LOGIN = Trunk(login="fairdial")
TALKS = (Reply(status="180 Ringing"), Reply(status="200 OK", sdp=True))


def to(address: str, **more: object) -> LineOptions:
    options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=address, capacity=4)
    return replace(options, **more)  # type: ignore[arg-type]


async def dialled(answers: Answers, **more: object) -> tuple[list[Signal], Signalling, FarEnd]:
    """One call until it is answered or over: its signals, what its set-up showed, and what the carrier was sent."""
    trunk = more.get("trunk", Trunk())
    assert isinstance(trunk, Trunk)
    async with far_end(answers, transport=trunk.transport) as far, open_line(to(far.address, **more)) as line:
        call = await line.dial(spent(NUMBER))
        signals: list[Signal] = []
        async with asyncio.timeout(8):
            while not signals or not isinstance(signals[-1], (Closed, Answered)):
                signals.append(await call.next_signal())
        shown = read_signalling(_record(signals[-1], call.call_id, call.take_wire()))
        await call.hang_up()
        await asyncio.sleep(0.2)
        return signals, shown, far


def _record(last: Signal, call_id: str | None, wire: tuple[object, ...]) -> CallRecord:
    status = last.status if isinstance(last, Closed) else None
    outcome = LINE_REFUSED if isinstance(last, Closed) and last.is_unsent else None
    disposition = Disposition.ANSWERED if isinstance(last, Answered) else meaning_of(status).disposition
    return replace(
        RECORD, disposition=disposition, sip_status=status, outcome=outcome, call_id=call_id, wire=wire,  # type: ignore[arg-type]
        answered_at=RECORD.ended_at if isinstance(last, Answered) else None,
    )  # fmt: skip


def test_a_redirect_is_never_followed_for_its_target_has_no_permit() -> None:
    async def story() -> None:
        async with far_end(always(*TALKS)) as elsewhere:
            contact = f"Contact: <sip:+8613900000000@{elsewhere.address}>"
            signals, shown, far = await dialled(always(Reply(status="302 Moved Temporarily", headers=(contact,))))
            assert signals == [Closed(status=302, reason="Moved Temporarily")]
            assert len(far.of("INVITE")) == 1 and elsewhere.requests == [] and not shown.surely_unrung

    asyncio.run(story())


@pytest.mark.parametrize("status", ["401 Unauthorized", "407 Proxy Authentication Required"])
def test_a_challenge_is_met_with_the_trunk_s_login(status: str) -> None:
    async def story() -> None:
        answers = challenged("t0p", TALKS, status=status)
        signals, _, far = await dialled(answers, trunk=LOGIN, password="t0p")
        assert isinstance(signals[-1], Answered) and len(far.of("INVITE")) == 2
        assert {one.headers["x-fairdial-permit"] for one in far.of("INVITE")} == {
            far.of("INVITE")[0].headers["x-fairdial-permit"]
        }

    asyncio.run(story())


def test_a_wrong_password_is_the_line_s_fault_and_nobody_was_rung() -> None:
    async def story() -> None:
        signals, shown, far = await dialled(challenged("t0p", TALKS), trunk=LOGIN, password="wrong")
        last = signals[-1]
        assert isinstance(last, Closed) and last.status == 401 and shown.surely_unrung
        assert len(far.of("INVITE")) == 2, "once, not for ever"

    asyncio.run(story())


def test_a_network_that_is_full_names_when_to_come_back_and_nobody_was_rung() -> None:
    async def story() -> None:
        full = Reply(status="503 Service Unavailable", headers=("Retry-After: 120",))
        signals, shown, _ = await dialled(always(Reply(status="100 Trying"), full))
        assert signals == [Closed(status=503, reason="Service Unavailable")]
        assert shown.surely_unrung and shown.retry_after_s == 120

    asyncio.run(story())


@pytest.mark.parametrize(
    "before", [Reply(status="180 Ringing"), Reply(status="183 Session Progress", sdp=True), Reply(status="182 Queued")]
)
def test_what_rang_and_was_refused_then_counts_as_rung(before: Reply) -> None:
    async def story() -> None:
        refused = Reply(status="503 Service Unavailable", after_s=0.05)
        _, shown, _ = await dialled(always(Reply(status="100 Trying"), before, refused))
        assert not shown.surely_unrung and shown.post_dial_ms is not None

    asyncio.run(story())


def test_a_ringing_that_arrives_together_with_the_refusal_is_not_missed() -> None:
    async def story() -> None:
        for _ in range(5):
            _, shown, _ = await dialled(always(Reply(status="180 Ringing"), Reply(status="503 Service Unavailable")))
            assert not shown.surely_unrung

    asyncio.run(story())


def test_a_refusal_that_crosses_our_cancel_is_never_certain() -> None:
    async def story() -> None:
        late = always(Reply(status="100 Trying"), Reply(status="503 Service Unavailable", after_s=0.6))
        async with far_end(late) as far, open_line(to(far.address)) as line:
            call = await line.dial(spent(NUMBER))
            await asyncio.sleep(0.3)
            await call.hang_up()
            [*_, last] = await signals_until(call, Closed)
            await asyncio.sleep(0.6)
            assert not read_signalling(_record(last, call.call_id, call.take_wire())).surely_unrung

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "disposition"),
    [("422 Session Interval Too Small", "failed"), ("486 Busy Here", "busy"), ("603 Decline", "rejected"),
     ("607 Unwanted", "rejected"), ("608 Rejected", "rejected"), ("488 Not Acceptable Here", "failed")],
)  # fmt: skip
def test_a_status_reaches_us_as_it_was_sent(status: str, disposition: str) -> None:
    async def story() -> None:
        redress = ("Call-Info: <https://redress.example/608>;purpose=jwscard", "Min-SE: 600")
        signals, shown, _ = await dialled(always(Reply(status=status, headers=redress)))
        last = signals[-1]
        assert isinstance(last, Closed) and last.status == int(status[:3])
        assert meaning_of(last.status).disposition == disposition and shown.redress == "https://redress.example/608"

    asyncio.run(story())


def test_an_invite_says_openly_who_calls() -> None:
    async def story() -> None:
        _, _, far = await dialled(always(*TALKS), trunk=Trunk(number_format=NumberFormat.DIGITS))
        [invite] = far.of("INVITE")
        assert invite.uri.startswith("sip:8615400000001@")
        assert (
            invite.headers["p-asserted-identity"] == "<sip:8615499990001@127.0.0.1>"
            and invite.headers["privacy"] == "none"
        )

    asyncio.run(story())


def test_a_trunk_over_tcp_carries_a_call_and_one_that_takes_no_connection_rang_nobody() -> None:
    async def story() -> None:
        over = Trunk(transport=Transport.TCP)
        signals, _, far = await dialled(always(*TALKS), trunk=over)
        assert isinstance(signals[-1], Answered) and far.of("INVITE")[0].headers["via"].startswith("SIP/2.0/TCP")
        async with open_line(to("127.0.0.1:9", trunk=over)) as line:
            call = await line.dial(spent(NUMBER))
            [last] = await signals_until(call, Closed)
            assert isinstance(last, Closed) and last.is_unsent
            assert read_signalling(_record(last, call.call_id, call.take_wire())).surely_unrung

    asyncio.run(story())


def test_a_trunk_over_tls_is_verified(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    making = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    making += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(making, check=True, capture_output=True)
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(certificate, key)
    over = Trunk(transport=Transport.TLS)

    async def answered(**more: object) -> bool:
        async with (
            far_end(always(*TALKS), transport=Transport.TLS, secure=secure) as far,
            open_line(to(far.address, trunk=over, **more)) as line,
        ):
            call = await line.dial(spent(NUMBER))
            try:
                await signals_until(call, Answered, within_s=2.0)
            except TimeoutError:
                assert far.of("INVITE") == [], "nothing is said to whom is not trusted"
                return False
            await call.hang_up()
            return True

    assert asyncio.run(answered(ca_file=str(certificate)))
    assert not asyncio.run(answered())


def test_media_are_offered_encrypted_where_the_trunk_wants_it() -> None:
    async def story() -> None:
        _, _, far = await dialled(always(Reply(status="486 Busy Here")), trunk=Trunk(srtp=True))
        body = far.of("INVITE")[0].body
        assert "RTP/SAVP" in body and "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" in body

    asyncio.run(story())


def test_a_trunk_that_wants_it_is_registered_at_before_anything_is_dialled() -> None:
    async def story() -> None:
        trunk = replace(LOGIN, registers=True)
        _, _, far = await dialled(challenged("t0p", TALKS), trunk=trunk, password="t0p")
        assert [one.method for one in far.requests][:3] == ["REGISTER", "REGISTER", "INVITE"]
        async with far_end(challenged("t0p", TALKS)) as strict:
            with pytest.raises(LineError, match="could not be registered"):
                async with open_line(to(strict.address, trunk=trunk, password="wrong")):
                    raise AssertionError("opened")
        with pytest.raises(LineError, match="login and a password"):
            async with open_line(to("127.0.0.1:9", trunk=Trunk(registers=True))):
                raise AssertionError("opened")

    asyncio.run(story())


def test_one_stack_dials_each_permit_over_its_own_line() -> None:
    async def story() -> None:
        async with far_end(always(*TALKS)) as one, far_end(always(Reply(status="486 Busy Here"))) as two:
            lines = [replace(to(one.address), name="one"), replace(to(two.address), name="two")]
            async with open_lines(lines, capacity=3) as line:
                first, second = await line.dial(spent(NUMBER, line="one")), await line.dial(spent(NUMBER, line="two"))
                assert isinstance((await signals_until(first, Answered))[-1], Answered)
                assert (await signals_until(second, Closed))[-1] == Closed(status=486, reason="Busy Here")
                with pytest.raises(LineError, match="the permit is for line three"):
                    await line.dial(spent(NUMBER, line="three"))
                await first.hang_up()
            assert (len(one.of("INVITE")), len(two.of("INVITE"))) == (1, 1)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("replies", "is_alive"),
    [((Reply(status="200 OK"),), True), ((Reply(status="405 Method Not Allowed"),), True),
     ((Reply(status="403 Forbidden"),), True), ((Reply(status="503 Service Unavailable"),), False), ((), False)],
)  # fmt: skip
def test_a_probe_tells_a_carrier_that_lives_from_one_that_does_not(replies: tuple[Reply, ...], is_alive: bool) -> None:
    async def story() -> None:
        for transport in (Transport.UDP, Transport.TCP):
            async with far_end(lambda _: replies, transport=transport) as far:
                assert (await probe(far.address, transport, patience_s=0.7)).is_alive is is_alive
                assert [one.method for one in far.requests] == ["OPTIONS"]

    asyncio.run(story())


def test_nobody_listening_is_no_sign_of_life() -> None:
    assert not asyncio.run(probe("127.0.0.1:9", Transport.TCP, patience_s=0.5)).is_alive
    assert not asyncio.run(probe("127.0.0.1:9", Transport.UDP, patience_s=0.5)).is_alive
