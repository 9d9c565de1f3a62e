"""Each SIP final status is told as what it is, and a phone that may have rung is never taken for one that did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, CallRecord, Disposition
from fairdial.core.pacing.set_up import read_signalling, surely_unrung
from fairdial.core.sip_status import MEANINGS, Blame, meaning_of
from fairdial.core.wire import MOST_MESSAGES, WireMessage, read_message

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)


def ours(what: str) -> WireMessage:
    return WireMessage(after_ms=0, is_ours=True, what=what, of=f"1 {what}")


def theirs(what: str, after_ms: int = 100, of: str = "1 INVITE", told: tuple[str, ...] = ()) -> WireMessage:
    return WireMessage(after_ms=after_ms, is_ours=False, what=what, of=of, has_sdp=what.startswith("183"), told=told)


def ended(status: int | None, wire: Sequence[WireMessage], *, outcome: str | None = None) -> CallRecord:
    return CallRecord(
        disposition=meaning_of(status).disposition, sip_status=status, announcement=None, call_id="c", answered_at=None,
        ended_at=NOW, goodbye_ended_at=None, first_word_ms=None, grade="D", outcome=outcome, recording=None, turns=(),
        wire=tuple(wire),
    )  # fmt: skip


INVITE, ACK, TRYING = ours("INVITE"), ours("ACK"), theirs("100 Trying")
BUSY_NETWORK = theirs("503 Service Unavailable")


@pytest.mark.parametrize(
    ("status", "disposition", "blame"),
    [
        (302, "forwarded", "nobody"),
        (401, "failed", "line"),
        (402, "caller_arrears", "line"),
        (403, "failed", "line"),
        (404, "invalid_number", "nobody"),
        (408, "no_answer", "nobody"),
        (422, "failed", "line"),
        (480, "no_answer", "nobody"),
        (486, "busy", "nobody"),
        (503, "failed", "line"),
        (599, "failed", "line"),
        (603, "rejected", "number"),
        (607, "rejected", "person"),
        (608, "rejected", "number"),
        (999, "failed", "nobody"),
        (None, "failed", "nobody"),
    ],
)
def test_a_status_says_how_the_call_ended_and_of_whom_it_speaks(
    status: int | None, disposition: str, blame: str
) -> None:
    assert (meaning_of(status).disposition, meaning_of(status).blame) == (disposition, blame)


def test_another_line_is_asked_only_about_what_lies_before_the_called_side() -> None:
    """403 blocks, 408 and 504 waited for somebody: none is escaped by another carrier."""
    before = {status for status, meaning in MEANINGS.items() if meaning.lies_before}
    assert before == {401, 407, 421, 422, 500, 501, 502, 503, 505, 513, 580}
    assert all(meaning_of(status).blame is Blame.LINE for status in before)


def test_a_refusal_before_anything_rang_is_certain() -> None:
    assert surely_unrung(ended(503, [INVITE, TRYING, BUSY_NETWORK, ACK]))
    assert surely_unrung(ended(503, [INVITE, BUSY_NETWORK]))
    challenge = theirs("401 Unauthorized")
    assert surely_unrung(ended(401, [INVITE, challenge, ACK, INVITE, challenge, ACK]))
    never_left = replace(ended(None, [], outcome=LINE_REFUSED), call_id=None)
    assert surely_unrung(never_left)


@pytest.mark.parametrize(
    ("status", "wire", "outcome"),
    [
        (503, [INVITE, TRYING, theirs("180 Ringing"), BUSY_NETWORK, ACK], None),
        (503, [INVITE, theirs("183 Session Progress"), BUSY_NETWORK, ACK], None),
        (503, [INVITE, theirs("181 Call Is Being Forwarded"), BUSY_NETWORK, ACK], None),
        (503, [INVITE, theirs("199 Early Dialog Terminated"), BUSY_NETWORK], None),
        (503, [INVITE, theirs("200 OK"), BUSY_NETWORK], None),
        (503, [INVITE, ours("CANCEL"), BUSY_NETWORK, ACK], None),
        (503, [INVITE, theirs("what"), BUSY_NETWORK], None),
        (503, [INVITE, TRYING], None),
        (503, [], None),
        (503, [TRYING, BUSY_NETWORK], None),
        (503, [INVITE, BUSY_NETWORK, theirs("180 Ringing")], None),
        (503, [INVITE] + [TRYING] * (MOST_MESSAGES - 2) + [BUSY_NETWORK], None),
        (504, [INVITE, theirs("504 Server Time-out")], None),
        (408, [INVITE, theirs("408 Request Timeout")], None),
        (403, [INVITE, theirs("403 Forbidden")], None),
        (486, [INVITE, theirs("486 Busy Here")], None),
        (None, [INVITE], NETWORK_SILENT),
        (None, [INVITE, ours("CANCEL")], NETWORK_SILENT),
    ],
)
def test_what_may_have_rung_is_never_certain(status: int | None, wire: list[WireMessage], outcome: str | None) -> None:
    assert not surely_unrung(ended(status, wire, outcome=outcome))


def test_a_call_that_was_answered_announced_or_given_up_is_never_certain() -> None:
    plain = ended(503, [INVITE, BUSY_NETWORK])
    assert not surely_unrung(replace(plain, answered_at=NOW))
    assert not surely_unrung(replace(plain, announcement="您拨打的电话已关机"))
    assert not surely_unrung(replace(plain, disposition=Disposition.CANCELLED))
    assert not surely_unrung(replace(plain, outcome=LINE_REFUSED))


WHATS = st.sampled_from(
    ["100 Trying", "180 Ringing", "182 Queued", "183 Session Progress", "200 OK", "401 U", "503 S", "x"]
)


@given(st.lists(WHATS, max_size=6), st.sampled_from([None, 401, 403, 408, 486, 500, 503, 504, 603]))
def test_no_set_up_in_which_anything_rang_is_ever_certain(whats: list[str], status: int | None) -> None:
    wire = [INVITE, *[theirs(what) for what in whats]]
    if surely_unrung(ended(status, wire)):
        assert all(what[:3] in ("100", "401", "503") for what in whats) and whats


def test_the_wire_tells_delay_early_media_retry_and_redress() -> None:
    told = ("retry-after: 120 (maintenance);duration=60", "call-info: <https://redress.example/608>;purpose=jwscard")
    wire = [INVITE, theirs("183 Session Progress", after_ms=2300), theirs("608 Rejected", 2500, told=told)]
    seen = read_signalling(ended(608, wire))
    assert (seen.post_dial_ms, seen.has_early_media, seen.retry_after_s) == (2300, True, 120)
    assert seen.redress == "https://redress.example/608"
    far, odd = (
        read_signalling(ended(503, [INVITE, theirs("503 S", told=(f"retry-after: {t}",))])) for t in ("9" * 9, "x")
    )
    assert (far.retry_after_s, odd.retry_after_s) == (3600, None)


def test_a_redress_address_never_carries_a_number() -> None:
    text = "SIP/2.0 608 Rejected\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nCall-Info: <https://a.example/+8613800138000>;purpose=jwscard\r\n\r\n"
    read = read_message(text, is_ours=False)
    assert read is not None and "138" not in str(read[1].told)
