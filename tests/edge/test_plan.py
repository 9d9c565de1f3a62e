"""The edge's files from lines, keys and addresses: the same for the same, and nothing that could leave its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.policy.case import LineKind, Purpose
from fairdial.edge.files import Change, ask_kamailio, fixed_files, put_files
from fairdial.edge.given import Given, kept_in, options_of, to_keep, with_what_was_given
from fairdial.edge.plan import EdgeLine, EdgeOptions, Listener, Media, render
from fairdial.errors import InputError
from tests.edge.running import MISSING, SECRETS, edge_line, has_kamailio

OPTIONS = EdgeOptions(
    folder="/etc/fairdial-edge",
    listeners=(Listener(transport="udp", address="10.0.0.5:5060", advertised="203.0.113.5:5060"),),
)
UNTIL = datetime(2027, 12, 31, tzinfo=UTC)
FIRST = edge_line("trunk-1", "192.0.2.10:5060", calls=30, each_second=20, stand_ins=["trunk-2"], until=UNTIL)
SECOND = edge_line("trunk-2", "sip.carrier.example:5061", until=UNTIL)


def test_what_is_rendered_says_the_lines_and_does_not_depend_on_their_order() -> None:
    files = render([FIRST, SECOND], SECRETS, OPTIONS)
    assert files == render([SECOND, FIRST], SECRETS, OPTIONS)
    assert set(files) == {"edge.cfg", "lines.cfg", "dispatcher.list"}
    assert "listen=udp:10.0.0.5:5060 advertise 203.0.113.5:5060\n" in files["edge.cfg"]
    assert files["dispatcher.list"].splitlines()[1:] == [
        "1 sip:192.0.2.10:5060 8 0 line=trunk-1",
        "2 sip:sip.carrier.example:5061 8 0 line=trunk-2",
    ]
    for said in ('::ways) = "trunk-1/trunk-2";', "::calls) = 30;", "::each_second) = 20;", "::until) = 1830211200;"):
        assert f"$sht(lines=>trunk-1{said}" in files["lines.cfg"]


def test_documents_that_hold_beyond_2038_are_not_taken_for_ended() -> None:
    """Kamailio read 2099 as a negative number, and the line carried nothing."""
    files = render([edge_line("x", "192.0.2.1:5060", until=datetime(2099, 12, 31, tzinfo=UTC))], SECRETS, OPTIONS)
    assert "::until) = 2147483647;" in files["lines.cfg"]


@given(name=st.text(min_size=1), address=st.text())
def test_no_name_and_no_address_can_leave_its_place_in_a_file(name: str, address: str) -> None:
    """A line's name is the operator's; written into a configuration as it stands it could say anything."""
    plain = render([edge_line("x", "192.0.2.1:5060", until=UNTIL)], SECRETS, OPTIONS)
    named = render([edge_line(name, "192.0.2.1:5060", until=UNTIL)], SECRETS, OPTIONS)
    assert [one.count("\n") for one in named.values()] == [one.count("\n") for one in plain.values()]
    assert "".join(named.values()).count('"') == "".join(plain.values()).count('"')
    try:
        addressed = render([edge_line("x", address, until=UNTIL)], SECRETS, OPTIONS)
    except InputError:
        return
    assert addressed["dispatcher.list"].count(" ") == plain["dispatcher.list"].count(" ")


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (None, "not known"),
        (replace(SECOND, tenant="other"), "one enterprise"),
        (replace(SECOND, kind=LineKind.CARRIER), "one kind"),
        (replace(SECOND, purposes=frozenset({Purpose.SURVEY})), "not for service"),
    ],
)
def test_only_a_line_of_which_the_gate_would_have_said_the_same_stands_in(other: EdgeLine | None, says: str) -> None:
    with pytest.raises(InputError, match=says):
        render([FIRST, *([other] if other else [])], SECRETS, OPTIONS)


def test_no_line_stands_in_for_itself() -> None:
    with pytest.raises(InputError, match="for itself"):
        render([replace(FIRST, stand_ins=("trunk-1",))], SECRETS, OPTIONS)


def test_all_problems_are_said_at_once_with_their_remedies() -> None:
    with pytest.raises(InputError) as said:
        render(
            [replace(FIRST, address="nowhere", stand_ins=()), replace(SECOND, srtp=True, transport="tls")],
            SECRETS,
            EdgeOptions(folder="/etc/with space", listeners=(Listener(transport="udp", address="edge:5060"),)),
        )
    for part in ("write ip:port", "no host:port", "wants SRTP", "goes by tls", "no spaces"):
        assert part in str(said.value)


def test_what_was_said_of_an_edge_is_said_once(tmp_path: Path) -> None:
    first = Given(listen=("10.0.0.5:5060=203.0.113.5:5060",), stand_in=("trunk-1=trunk-2",), silence_s=8.0)
    put_files(tmp_path, {"render.json": to_keep(first)})
    again = Given(stand_in=("trunk-2=trunk-1",)).over(kept_in(tmp_path))
    assert again == replace(first, stand_in=("trunk-2=trunk-1",))
    options = options_of(again, folder=tmp_path)
    assert options.listeners == OPTIONS.listeners and options.silence_s == 8.0
    assert with_what_was_given([FIRST, SECOND], Given(each_second=("trunk-2=7",)))[1].each_second == 7
    [unasked, _] = with_what_was_given([FIRST, SECOND], Given(no_options=("trunk-1",)))
    assert "\n1 sip:192.0.2.10:5060 0 0 " in render([unasked, SECOND], SECRETS, OPTIONS)["dispatcher.list"]
    for wrong in (
        Given(no_options=("nobody",)),
        Given(each_second=("trunk-2=many",)),
        Given(stand_in=("nobody=trunk-1",)),
        Given(stand_in=("x",)),
    ):
        with pytest.raises(InputError, match=r"write|not known"):
            with_what_was_given([FIRST, SECOND], wrong)


def test_rendering_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    files = {**fixed_files(), **render([FIRST, SECOND], SECRETS, OPTIONS)}
    assert set(put_files(folder, files).values()) == {Change.NEW}
    assert set(put_files(folder, files).values()) == {Change.SAME}
    less = {**files, **render([replace(FIRST, stand_ins=())], SECRETS, OPTIONS)}
    changed = [name for name, change in put_files(folder, less).items() if change is Change.CHANGED]
    assert changed == ["lines.cfg", "dispatcher.list"]
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    (folder / "lines.cfg").chmod(0o644)
    assert put_files(folder, less)["lines.cfg"] is Change.CHANGED, "keys that others could read are closed again"


@pytest.mark.skipif(not has_kamailio(), reason=MISSING)
def test_kamailio_takes_every_shape_of_the_files_and_says_what_it_does_not_take(tmp_path: Path) -> None:
    media = Media(control="127.0.0.1:2223", inside="10.0.0.5", outside="192.0.2.5", outside_advertised="203.0.113.5")
    every = (
        Listener(transport="udp", address="127.0.0.1:5060"),
        Listener(transport="tcp", address="127.0.0.1:5060"),
        Listener(transport="tls", address="127.0.0.2:5061"),
    )
    shapes = [
        EdgeOptions(folder=str(tmp_path), listeners=every[:1]),
        EdgeOptions(folder=str(tmp_path), listeners=every[:2], media=media),
        EdgeOptions(folder=str(tmp_path), listeners=every, media=media, certificate="/x.crt", private_key="/x.key"),
    ]
    for options in shapes:
        put_files(tmp_path, {**fixed_files(), **render([FIRST, SECOND], SECRETS, options)})
        assert ask_kamailio(tmp_path).is_good is True, ask_kamailio(tmp_path).words
    (tmp_path / "lines.cfg").write_text("nonsense", encoding="utf-8")
    checked = ask_kamailio(tmp_path)
    assert checked.is_good is False and "parse error" in checked.words
