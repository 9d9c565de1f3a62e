"""Who may do what, when a sign-in may be tried again, and from where a session is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.access.roles import Permission, Role, permissions_of
from fairdial.core.access.signing_in import address_class, may_try_at

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


def test_an_auditor_changes_nothing() -> None:
    changing = {p for p in Permission if p.value.partition(":")[2] not in ("read", "hear", "export")}
    assert not permissions_of([Role.AUDITOR]) & changing


def test_no_role_may_both_write_a_script_and_review_one() -> None:
    both = {Permission.WRITE_SCRIPTS, Permission.REVIEW_SCRIPTS}
    assert not [role for role in Role if both <= permissions_of([role])]


def test_every_permission_is_given_by_some_role() -> None:
    assert permissions_of(Role) == frozenset(Permission)


def test_nobody_has_what_nobody_gave() -> None:
    assert permissions_of([]) == frozenset()


@given(st.lists(st.integers(0, 7200), max_size=40))
def test_more_failures_never_shorten_the_wait(ago_s: list[int]) -> None:
    failures = [NOW - timedelta(seconds=s) for s in ago_s]
    wait, longer = may_try_at(failures, now=NOW), may_try_at([*failures, NOW], now=NOW)
    assert NOW <= wait <= longer <= NOW + timedelta(minutes=15)


def test_five_failures_are_free_and_old_ones_forgotten() -> None:
    assert may_try_at([NOW] * 4, now=NOW) == NOW
    assert may_try_at([NOW] * 5, now=NOW) == NOW + timedelta(seconds=10)
    assert may_try_at([NOW] * 7, now=NOW) == NOW + timedelta(seconds=40)
    assert may_try_at([NOW - timedelta(hours=2)] * 50, now=NOW) == NOW


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("127.0.0.1", "::1", True),
        ("203.0.113.9", "203.0.200.1", True),
        ("203.0.113.9", "198.51.100.7", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("10.1.2.3", "10.1.200.1", True),
        ("10.1.2.3", "192.168.1.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("127.0.0.1", "203.0.113.9", False),
    ],
)
def test_a_session_is_good_in_its_neighbourhood(one: str, other: str, is_same: bool) -> None:
    assert (address_class(one) == address_class(other)) == is_same
