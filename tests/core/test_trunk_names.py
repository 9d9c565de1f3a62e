"""What a line may be called, and where it may lead: what SIP and the edge can be told."""

from __future__ import annotations

import pytest

from fairdial.core.trunk import is_address, is_line_name


@pytest.mark.parametrize(
    "address", ["192.0.2.10:5060", "sip.carrier.example:5061", "[2001:db8::1]:5060", "127.0.0.1:65535"]
)
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "192.0.2.10",
        "192.0.2.10:0",
        "192.0.2.10:65536",
        "300.1.1.1:5060",
        "::1:5060",
        "a;b@c:5060",
        "a b:5060",
        "x:５０６０",
    ],
)
def test_what_sip_cannot_be_told_is_no_address(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize("name", ["trunk-1", "线路一", "Carrier 2 (backup)"])
def test_a_line_has_a_name_people_can_read(name: str) -> None:
    assert is_line_name(name)


@pytest.mark.parametrize("name", ["", " ", "a=b", 'a"b', "a\nb", "\x00", " a", "x" * 101])
def test_what_separates_or_quotes_names_elsewhere_is_in_none(name: str) -> None:
    assert not is_line_name(name)
