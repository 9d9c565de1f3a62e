"""Of a SIP message is kept what it was and why; numbers, addresses and permits are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.wire import read_message

INVITE = (
    "INVITE sip:+8615400000000@127.0.0.1:5060;transport=udp SIP/2.0\r\nCall-ID: 4550fc\r\nCSeq: 51352 INVITE\r\n"
    "From: <sip:+8615499990001@127.0.0.1>\r\nX-Fairdial-Permit: e8e95601\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
)


def test_a_request_is_its_method_and_no_number_is_kept() -> None:
    read = read_message(INVITE)
    assert read == ("4550fc", "INVITE", "51352 INVITE", True, ())
    assert "154" not in str(read)


def test_a_refusal_keeps_why() -> None:
    read = read_message(
        "SIP/2.0 608 Rejected\r\ni: abc\r\nCSeq: 1 INVITE\r\nReason: Q.850;cause=21\r\nRetry-After: 30\r\n"
        "Call-Info: <https://blocker.example/card>;purpose=jwscard\r\nContent-Length: 0"
    )
    assert read is not None
    assert read[1:4] == ("608 Rejected", "1 INVITE", False)
    assert read[4] == (
        "reason: Q.850;cause=21",
        "retry-after: 30",
        "call-info: <https://blocker.example/card>;purpose=jwscard",
    )


@given(st.text(max_size=300))
def test_whatever_comes_is_read_or_passed_over(text: str) -> None:
    read = read_message(text)
    assert read is None or len(read[1]) <= 80
