"""What is told of a call is the same bytes each time, signed so that nobody else's passes, and tried again for days."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.webhook import WAITS_S, Told, body_of, headers_of, id_of, secret_of, wait_s

AT = datetime(2026, 11, 30, 2, 5, tzinfo=UTC)
CALL = Told(
    attempt=17,
    state="ended",
    campaign="renewals",
    contact_list="december",
    line_no=3,
    disposition="answered",
    outcome="refused",
    grade="F",
    dialled_at=AT,
    answered_at=AT,
    ended_at=AT,
    has_refused=True,
    call_back_at=None,
    owed=[("hand_over", "课程顾问")],
    person=None,
)


def test_a_message_says_the_call_and_nobodys_name() -> None:
    told = json.loads(body_of(CALL))
    assert told["type"] == "call.ended" and told["timestamp"] == "2026-11-30T02:05:00.000+00:00"
    assert told["data"]["list"] == "december" and told["data"]["line_no"] == 3 and told["data"]["refused"] is True
    assert told["data"]["owed"] == [{"kind": "hand_over", "name": "课程顾问"}] and "person" not in told["data"]
    assert body_of(CALL) == body_of(CALL) and id_of(17, "ended") == id_of(17, "ended") != id_of(17, "unknown")


@given(key=st.binary(min_size=32, max_size=32), body=st.binary(), at=st.integers(0, 2**33))
def test_a_signature_is_what_the_standard_says_and_of_this_message_only(key: bytes, body: bytes, at: int) -> None:
    headers = headers_of(secret_of(key), message="call-1-ended", at=at, body=body)
    version, _, signature = headers["webhook-signature"].partition(",")
    expected = hmac.new(key, b"call-1-ended." + str(at).encode() + b"." + body, hashlib.sha256).digest()
    assert version == "v1" and base64.b64decode(signature) == expected
    assert headers["webhook-timestamp"] == str(at)
    other = headers_of(secret_of(key), message="call-2-ended", at=at, body=body)
    assert other["webhook-signature"] != headers["webhook-signature"]


def test_a_known_message_has_a_known_signature() -> None:
    """Made with the reference of Standard Webhooks' own words: `openssl dgst -sha256 -hmac` over id, time and body."""
    headers = headers_of(secret_of(b"k" * 32), message="call-17-ended", at=1764468300, body=b'{"type":"call.ended"}')
    assert headers["webhook-signature"] == "v1,MT1z+jQB9j2sblXJ1WOj2PCDzJY5NZMbqhadG79Ovfc="


def test_waits_grow_and_reach_over_a_weekend() -> None:
    waits = [wait_s(tries) for tries in range(1, len(WAITS_S) + 2)]
    assert waits.pop() is None
    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known) and 3 * 86_400 <= sum(known) <= 4 * 86_400


@pytest.mark.parametrize("tries", [0, -1])
def test_nothing_is_waited_for_that_was_never_tried(tries: int) -> None:
    assert wait_s(tries) is None
