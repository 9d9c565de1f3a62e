"""A signature holds for one permit, one line, one number, one caller and some seconds; the edge computes the same."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.permit_signature import Claims, EdgeKey, Refused, check, line_token, sign

KEY = EdgeKey(number=1, secret=bytes(range(32)))
NEXT = EdgeKey(number=2, secret=bytes(range(32, 64)))
KEYS = {1: KEY, 2: NEXT}
CLAIMS = Claims(
    permit="7d2c0f0e-95b6-4b4c-8f3a-0a8a1f0f7f11",
    at=1_796_000_000,
    until=1_796_000_020,
    line="trunk-1",
    number="+8615400000001",
    caller="+8615499990001",
)


def told(
    claims: Claims = CLAIMS, *, heard: Claims | None = None, key: EdgeKey = KEY, now: int = CLAIMS.at + 1
) -> Claims | Refused:
    """What is said to an INVITE that shows `heard`, signed as `claims`."""
    shown = heard or claims
    return check(sign(claims, key), permit=shown.permit, number=shown.number, caller=shown.caller, keys=KEYS, now=now)


@given(line=st.text(min_size=1), number=st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True))
def test_what_was_signed_is_permitted_whatever_the_line_is_called(line: str, number: str) -> None:
    claims = replace(CLAIMS, line=line, number=number)
    assert told(claims) == claims
    assert set(line_token(line)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-%")


@pytest.mark.parametrize(
    "heard",
    [
        replace(CLAIMS, number="+8615400000002"),
        replace(CLAIMS, caller="+8615499990002"),
        replace(CLAIMS, permit="7d2c0f0e-95b6-4b4c-8f3a-0a8a1f0f7f12"),
    ],
)
def test_another_number_caller_or_permit_is_forged(heard: Claims) -> None:
    assert told(heard=heard) is Refused.FORGED


@given(place=st.integers(0, len(sign(CLAIMS, KEY)) - 1), other=st.characters(codec="ascii"))
def test_no_altered_signature_permits_anything(place: int, other: str) -> None:
    signed = sign(CLAIMS, KEY)
    altered = signed[:place] + other + signed[place + 1 :]
    heard = check(altered, permit=CLAIMS.permit, number=CLAIMS.number, caller=CLAIMS.caller, keys=KEYS, now=CLAIMS.at)
    assert (heard == CLAIMS) if altered == signed else isinstance(heard, Refused)


def test_a_signature_holds_from_its_instant_to_its_end_and_a_little_for_clocks() -> None:
    assert told(now=CLAIMS.at - 5) == CLAIMS and told(now=CLAIMS.until + 5) == CLAIMS
    assert told(now=CLAIMS.at - 6) is Refused.EXPIRED
    assert told(now=CLAIMS.until + 6) is Refused.EXPIRED
    assert told(replace(CLAIMS, until=CLAIMS.at + 61)) is Refused.EXPIRED, "nobody may sign for a day"


def test_a_missing_signature_and_an_unknown_key_are_told_apart() -> None:
    assert told(key=replace(KEY, number=9)) is Refused.UNKNOWN_KEY
    assert told(key=NEXT) == CLAIMS
    heard = check(None, permit=CLAIMS.permit, number=CLAIMS.number, caller=CLAIMS.caller, keys=KEYS, now=CLAIMS.at)
    assert heard is Refused.UNSIGNED


@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_the_padded_keys_make_the_hmac_that_the_edge_computes(secret: bytes, message: bytes) -> None:
    inner, outer = EdgeKey(number=1, secret=secret).padded
    at_the_edge = sha256(bytes.fromhex(outer) + sha256(bytes.fromhex(inner) + message).digest()).hexdigest()
    assert at_the_edge == hmac.new(secret, message, sha256).hexdigest()
