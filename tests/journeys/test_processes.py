"""One run spread over processes: one of them dies, or the supervisor does."""

from __future__ import annotations

import signal
from collections import Counter

import psutil

from fairdial.campaign.dialer import GOODBYE_S
from tests.journeys.operator import Operator, invites, wait_until
from tests.rehearsal.practice import example_network

PEOPLE = (
    "silent",
    "refuses_at_once",
    "hangs_up_midsentence",
    "declined",
    "busy",
    "voicemail",
    "announce_vacant",
    "wrong_number",
    "busy_later",
    "no_answer",
    "announce_off",
    "assistant",
)


def workers(supervisor: int) -> list[psutil.Process]:
    """The living ones; a dead one has no command line."""
    children = psutil.Process(supervisor).children()
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE and "fairdial.app.worker" in one.cmdline()]


def calling(operator: Operator) -> int:
    """How many workers have a call under way."""
    return int(operator.reads("SELECT count(DISTINCT worker) FROM attempt WHERE state = 'dialing'")[0][0])


def test_a_worker_that_is_killed_leaves_unknown_calls_and_everybody_else_is_reached_once(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=7)
        run = operator.starts(*operator.campaign, "--processes", "2")
        wait_until(lambda: calling(operator) == 2)
        killed, other = workers(run.pid)
        killed.kill()
        unknown = "SELECT worker, count(*) FROM attempt WHERE state = 'unknown' GROUP BY worker"
        wait_until(lambda: operator.reads(unknown), within_s=5)  # a lease lasts 15 s
        wait_until(lambda: len(workers(run.pid)) == 2 and other in workers(run.pid))  # the dead one is replaced
        printed, _ = run.communicate(timeout=120)

        assert run.returncode == 0, printed
        assert printed.count("killed by SIGKILL") == 1
        dialled = Counter(number for number, _ in invites(network))
        assert max(dialled.values()) == 1, "nobody twice"
        assert set(dialled) == set(persona_of), "and nobody forgotten"
        [(_, lost)] = operator.reads(unknown)
        assert operator.reads(
            "SELECT count(*) FROM attempt WHERE state = 'ended' AND disposition <> 'not_dialled'"
        ) == [(len(PEOPLE) - lost,)]
        assert operator.reads("SELECT count(*), count(ended_at) FROM run") == [(1, 1)]


def test_a_supervisor_that_is_killed_takes_its_workers_along_politely(operator: Operator) -> None:
    persona_of = operator.takes_the_list("silent", "interested", "asks_price", "asks_who")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=2)
        run = operator.starts(*operator.campaign, "--processes", "2")
        wait_until(lambda: calling(operator) == 2 and any(line["event"] == "answer" for line in network.lines))
        mourners = workers(run.pid)
        run.send_signal(signal.SIGKILL)
        gone, living = psutil.wait_procs(mourners, timeout=GOODBYE_S + 5)

        assert (len(gone), living) == (2, [])
        run.communicate()
        answered = {line["call_id"] for line in network.lines if line["event"] == "answer"}
        assert answered <= {line["call_id"] for line in network.lines if line["event"] == "bye"}
        assert operator.reads("SELECT DISTINCT state FROM attempt") == [("ended",)]
        assert len(invites(network)) == 2, "nobody was dialled after the supervisor's death"
