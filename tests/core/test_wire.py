"""Of a SIP message is kept what it was and why; numbers, addresses and permits are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.wire import WireMessage, read_message

INVITE = (
    "INVITE sip:+8615400000000@127.0.0.1:5060;transport=udp SIP/2.0\r\nCall-ID: 4550fc\r\nCSeq: 51352 INVITE\r\n"
    "From: <sip:+8615499990001@127.0.0.1>\r\nX-Fairdial-Permit: e8e95601\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
)


def test_a_request_is_its_method_and_no_number_is_kept() -> None:
    read = read_message(INVITE, is_ours=True)
    sent = WireMessage(after_ms=0, is_ours=True, what="INVITE", of="51352 INVITE", has_sdp=True)
    assert read == ("4550fc", sent)


def test_a_refusal_keeps_why() -> None:
    read = read_message(
        "SIP/2.0 608 Rejected\r\ni: abc\r\nCSeq: 1 INVITE\r\nReason: Q.850;cause=21\r\nRetry-After: 30\r\n"
        "Call-Info: <https://blocker.example/card>;purpose=jwscard\r\nContent-Length: 0",
        is_ours=False,
    )
    assert read is not None
    assert (read[1].what, read[1].has_sdp) == ("608 Rejected", False)
    assert read[1].told == (
        "reason: Q.850;cause=21",
        "retry-after: 30",
        "call-info: <https://blocker.example/card>;purpose=jwscard",
    )


def test_a_number_that_the_network_writes_is_taken_out() -> None:
    read = read_message(
        "SIP/2.0 404 +8615400000000 vacant\r\nCall-ID: abc\r\nCSeq: 7 INVITE\r\n"
        'Reason: Q.850;cause=1;text="154 0000 0000 is no number"\r\nCall-Info: <https://b.example/154-0000-0000>\r\n\r\n',
        is_ours=False,
    )
    assert read is not None
    assert (read[1].what, read[1].of) == ("404 +… vacant", "7 INVITE")
    assert read[1].told == ('reason: Q.850;cause=1;text="… is no number"', "call-info: <https://b.example/…>")


@given(st.text(max_size=300), st.booleans())
def test_whatever_comes_is_read_or_passed_over(text: str, is_ours: bool) -> None:
    read = read_message(text, is_ours=is_ours)
    assert read is None or len(read[1].what) <= 80
