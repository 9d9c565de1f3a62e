"""A call's spans: made once it is recorded, in their order, inside the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.call_record import CallRecord, Disposition, Turn
from fairdial.core.call_trace import Span, Steps, Took, course_of, spans_of
from fairdial.core.wire import WireMessage

DIALLED = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
STEPS = Steps(
    claimed=Took(begun=100.0, ended=100.1),
    asked=Took(begun=100.1, ended=100.3),
    spent=Took(begun=100.9, ended=101.0),
    dialled_at=DIALLED,
)
RECORDED = Took(begun=130.0, ended=130.2)


def message(after_ms: int, what: str, *, of: str = "1 INVITE", sdp: bool = False) -> WireMessage:
    is_ours = not what[0].isdigit()
    return WireMessage(after_ms=after_ms, is_ours=is_ours, what=what, of=of, has_sdp=sdp)


ANSWERED = (
    message(0, "INVITE", sdp=True),
    message(20, "100 Trying"),
    message(1500, "180 Ringing"),
    message(5000, "200 OK", sdp=True),
    message(5010, "ACK", of="1 ACK"),
    message(28000, "BYE", of="2 BYE"),
    message(28010, "200 OK", of="2 BYE"),
)
RECORD = CallRecord(
    disposition=Disposition.ANSWERED,
    sip_status=None,
    announcement=None,
    call_id="c-1",
    answered_at=DIALLED + timedelta(seconds=5),
    ended_at=DIALLED + timedelta(seconds=28),
    goodbye_ended_at=DIALLED + timedelta(seconds=27),
    first_word_ms=800,
    grade="B",
    outcome="interested",
    recording=None,
    turns=(),
    wire=ANSWERED,
)


def spans(record: CallRecord, steps: Steps = STEPS) -> tuple[Span, ...]:
    return spans_of(steps, record, RECORDED, {"attempt": 7, "line": "trunk-1"})


def test_an_answered_call_is_told_from_its_claim_to_its_record() -> None:
    whole, *inner = spans(RECORD)
    assert [(one.name, one.took.begun, one.took.ended) for one in inner] == [
        ("claim", 100.0, 100.1),
        ("gate", 100.1, 100.3),
        ("permit spent", 100.9, 101.0),
        ("invite", 101.0, 102.5),
        ("ringing", 102.5, 106.0),
        ("talk", 106.0, 129.0),
        ("recorded", 130.0, 130.2),
    ]
    assert (whole.name, whole.took) == ("call", Took(begun=100.0, ended=130.2))
    assert whole.moments == {"answered": 106.0, "first word": 106.8, "goodbye ended": 128.0}
    assert whole.attributes == {
        "attempt": 7, "line": "trunk-1", "disposition": "answered", "grade": "B", "sip.status": 200,
        "sip.call_id": "c-1", "outcome": "interested",
    }  # fmt: skip


def test_a_refused_call_has_its_status_and_no_talk() -> None:
    wire = (message(0, "INVITE"), message(300, "183 Session Progress", sdp=True), message(4000, "404 Not Found"))
    ended = DIALLED + timedelta(seconds=4)
    record = replace(
        RECORD, disposition=Disposition.INVALID_NUMBER, sip_status=404, answered_at=None, ended_at=ended,
        goodbye_ended_at=None, first_word_ms=None, outcome=None, wire=wire,
    )  # fmt: skip
    whole, *inner = spans(record)
    assert [one.name for one in inner] == ["claim", "gate", "permit spent", "invite", "ringing", "recorded"]
    assert inner[3].attributes == {"sip.status": 404} and inner[4].attributes == {"early_media": True}
    assert inner[4].took == Took(begun=101.3, ended=105.0) and whole.attributes["sip.status"] == 404


def test_what_the_network_asks_credentials_for_has_not_reacted_yet() -> None:
    wire = (
        message(0, "INVITE"), message(30, "407 Proxy Authentication Required"), message(35, "INVITE", of="2 INVITE"),
        message(2000, "180 Ringing", of="2 INVITE"), message(9000, "200 OK", of="2 INVITE"),
        message(12000, "200 OK", of="3 INVITE"),
    )  # fmt: skip
    course = course_of(wire)
    assert (course.reacted, course.rang, course.final, course.status) == (2.0, 2.0, 9.0, 200)


def test_a_call_without_messages_and_without_a_gate_still_has_a_trace() -> None:
    """A line that keeps no SIP, a claim whose times were forgotten."""
    whole, *inner = spans(replace(RECORD, wire=()), Steps())
    assert [one.name for one in inner] == ["invite", "talk", "recorded"] and whole.took.ended >= whole.took.begun


@given(
    offsets=st.lists(st.integers(0, 40_000), min_size=3, max_size=3).map(sorted),
    rang=st.none() | st.integers(0, 60_000),
    turns=st.lists(st.none() | st.integers(0, 9000), max_size=3),
    is_answered=st.booleans(),
)
def test_every_span_lies_within_the_call_and_none_ends_before_it_begins(
    offsets: list[int], rang: int | None, turns: list[int | None], is_answered: bool
) -> None:
    answered, goodbye, ended = (DIALLED + timedelta(milliseconds=one) for one in offsets)
    said = tuple(
        Turn(heard="不用了", understood=None, heard_at=None, said="打扰了", said_at=None, gap_ms=gap, interrupted=False)
        for gap in turns
    )
    record = replace(
        RECORD, answered_at=answered if is_answered else None, goodbye_ended_at=goodbye, ended_at=ended, turns=said,
        wire=ANSWERED[:1] + ((message(rang, "180 Ringing"),) if rang is not None else ()),
    )  # fmt: skip
    whole, *inner = spans(record)
    for one in inner:
        assert whole.took.begun <= one.took.begun <= one.took.ended <= whole.took.ended, one
    assert "不用了" not in str((whole, inner)) and "打扰了" not in str((whole, inner))
