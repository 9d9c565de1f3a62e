"""What happens around a run: a second run, a database that dies, a trunk that falls silent, a campaign that changes."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.journeys.operator import Operator, invites, wait_until
from tests.own_server import send, start
from tests.rehearsal.practice import example_network

PEOPLE = (
    "silent",
    "no_answer",
    "refuses_at_once",
    "busy",
    "interested",
    "declined",
    "hangs_up_midsentence",
    "voicemail",
)


def test_a_second_run_of_a_campaign_is_refused_while_the_first_lasts(operator: Operator) -> None:
    """Two runs took each other's contacts back and asked for everybody hundreds of times."""
    persona_of = operator.takes_the_list("silent", "busy", "declined")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        first = operator.starts(*operator.campaign)
        wait_until(lambda: invites(network))
        assert "run by another process" in operator.runs(*operator.campaign, code=2)
        first.communicate(timeout=90)
        assert first.returncode == 0
        assert operator.reads("SELECT count(*) FROM verdict") == [(3,)]


def test_a_database_that_dies_and_comes_back_cuts_nobody_off(operator: Operator, tmp_path: Path) -> None:
    """Everybody was hung up on within a fifth of a second, and counted as unknown."""
    data = tmp_path / "own" / "postgres"

    operator.database_url = start(data)
    persona_of = operator.takes_the_list(*PEOPLE)
    try:
        with example_network(operator.folder, operator.example, persona_of) as network:
            operator.prepares(network)
            dialer = operator.starts(*operator.campaign)
            wait_until(lambda: invites(network) and network.count("answer") >= 2)
            send(data, signal.SIGKILL)
            bye_before = sum(line["event"] == "bye" and line.get("by") == "caller" for line in network.lines)
            wait_until(lambda: not _answers(operator.database_url), within_s=10)
            start(data)
            printed, _ = dialer.communicate(timeout=180)
            assert dialer.returncode == 0, printed
            assert bye_before <= 1
            dialled = Counter(number for number, _ in invites(network))
            assert set(dialled) == set(persona_of) and max(dialled.values()) == 1
            states = dict(operator.reads("SELECT state, count(*) FROM attempt GROUP BY state"))
            assert states == {"ended": len(PEOPLE)}
    finally:
        send(data, signal.SIGINT)


def test_a_database_at_its_connection_limit_cuts_nobody_off(operator: Operator, tmp_path: Path) -> None:
    """Others take every connection, and the run's own are gone: calls go on, and so does the run when there is room."""
    data = tmp_path / "own" / "postgres"
    operator.database_url = start(data)
    persona_of = operator.takes_the_list(*PEOPLE)
    try:
        with example_network(operator.folder, operator.example, persona_of) as network:
            operator.prepares(network)
            dialer = operator.starts(*operator.campaign)
            wait_until(lambda: invites(network) and network.count("answer") >= 2)
            with _crowd(operator.database_url, for_s=6.0) as connections:
                assert connections > 50
                printed = operator.runs("report", "write", "renewals", code=3)
                assert "too many clients" in printed and "Traceback" not in printed
            printed, _ = dialer.communicate(timeout=180)
            assert dialer.returncode == 0, printed
            dialled = Counter(number for number, _ in invites(network))
            assert set(dialled) == set(persona_of) and max(dialled.values()) == 1
            assert dict(operator.reads("SELECT state, count(*) FROM attempt GROUP BY state")) == {"ended": len(PEOPLE)}
    finally:
        send(data, signal.SIGINT)


@contextmanager
def _crowd(url: str, *, for_s: float) -> Iterator[int]:
    """Take every connection there is and end those of others, for a while; then hold them until the end."""
    crowd = [psycopg.connect(url, autocommit=True, application_name="crowd")]
    until = time.monotonic() + for_s
    try:
        while time.monotonic() < until:
            crowd[0].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND application_name <> 'crowd'"
            )
            with suppress(psycopg.OperationalError):
                while True:
                    crowd.append(psycopg.connect(url, autocommit=True, application_name="crowd"))
        yield len(crowd)
    finally:
        for one in crowd:
            one.close()


def test_a_disk_that_fills_up_stops_every_worker_in_one_line_and_the_rest_is_called_later(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona_of = operator.takes_the_list("busy", "declined", "no_answer")
    command = (*operator.campaign, "--processes", "2")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        with monkeypatch.context() as full:
            full.setenv("FAIRDIAL_MIN_FREE_MB", "100000000")
            printed = operator.runs(*command, code=3)
        assert "MB are free, less than FAIRDIAL_MIN_FREE_MB" in printed and "Traceback" not in printed
        assert operator.reads("SELECT count(*) FROM attempt WHERE dialled_at IS NOT NULL") == [(0,)]
        operator.runs(*command)
        assert Counter(number for number, _ in invites(network)) == dict.fromkeys(persona_of, 1)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def test_a_trunk_that_falls_silent_ends_the_run_with_a_clear_word(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the list was burnt into a dead trunk."""
    monkeypatch.setenv("FAIRDIAL_LINE_PATIENCE_S", "1")
    persona_of = operator.takes_the_list(*PEOPLE)
    dead = dict.fromkeys(persona_of, "ignores_invite")
    with example_network(operator.folder, operator.example, dead) as network:
        operator.prepares(network, capacity=1)
        printed = operator.runs(*operator.campaign, code=3)
        assert "does not answer" in printed
        assert len(invites(network)) == 5, "three people are left for later"
    assert operator.reads("SELECT DISTINCT disposition, outcome FROM attempt") == [("failed", "network_silent")]


def test_a_campaign_keeps_its_purpose(operator: Operator) -> None:
    """A script of another purpose was taken into a standing campaign and dialled under the old purpose's law."""
    persona_of = operator.takes_the_list("busy")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
    script = (
        (operator.example / "script.yaml").read_text(encoding="utf-8").replace("purpose: service", "purpose: marketing")
    )
    (operator.folder / "sell.yaml").write_text(script, encoding="utf-8")
    operator.runs("script", "submit", "sell.yaml", "--by", "王编写")
    operator.runs("script", "approve", "sell.yaml", "--by", "李审核")
    create = ("campaign", "create", "renewals", "--list", "renewals", "--script", "sell.yaml", "--line", "practice")
    printed = operator.runs(*create, "--caller-number", "+8615499990001", code=2)
    assert "another list or purpose" in printed


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("list", "import", "nowhere.csv", "--name", "x"), "does not exist"),
        (("campaign", "run", "nobody", "--clips", "."), "is not known"),
        (("script", "check", "nowhere.yaml"), "cannot be read"),
        (("line", "add", "x", "--address", "127.0.0.1:99999", "--purpose", "service", "--documents-until", "2027-12-31"), "host:port"),
        (("caller", "add", "abc", "--documents-until", "2027-12-31"), "digits"),
        (("decide", "nowhere.json"), "cannot be read"),
        (("complaint", "add", "110", "--category", "nuisance", "--source", "person"), "emergency"),
        (("suspension", "lift", "line", "x", "--by", "a", "--reason", "b"), "is not suspended"),
        (("attempts", "settle", "7", "--disposition", "busy", "--record", "r", "--by", "a"), "is not unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(operator: Operator, command: tuple[str, ...], says: str) -> None:
    printed = operator.runs(*command, code=2)
    assert says in printed and "Traceback" not in printed and len(printed.strip().splitlines()) == 1
