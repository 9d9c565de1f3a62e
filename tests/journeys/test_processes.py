"""One run spread over processes: one of them dies, or the supervisor does."""

from __future__ import annotations

from collections import Counter

import psutil

from fairdial.campaign.dialer import GOODBYE_S
from tests.journeys.operator import Operator, invites, wait_until
from tests.rehearsal.practice import example_network

PEOPLE = (
    "refuses_at_once",
    "busy_later",
    "silent",
    "hangs_up_midsentence",
    "third_party",
    "wrong_number",
    "voicemail",
    "assistant",
    "busy",
    "declined",
    "announce_vacant",
    "announce_off",
)
"""In the order of the list; the first four talk for a while."""


def workers(supervisor: int) -> list[psutil.Process]:
    """The living ones; a dead one has no command line."""
    children = psutil.Process(supervisor).children()
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE and "fairdial.app.worker" in one.cmdline()]


def calling(operator: Operator) -> int:
    """How many workers have a call under way."""
    return int(operator.reads("SELECT count(DISTINCT worker) FROM attempt WHERE state = 'dialing'")[0][0])


def test_whoever_is_killed_nobody_is_dialled_twice_and_everybody_is_reached(operator: Operator) -> None:
    """First the supervisor, whose workers say goodbye; then, by the same command, a worker, whose calls are unknown."""
    persona_of = operator.takes_the_list(*PEOPLE)
    command = (*operator.campaign, "--processes", "2")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=4)

        run = operator.starts(*command)
        wait_until(
            lambda: calling(operator) == 2 and any(line["event"] == "answer" for line in network.lines), within_s=120
        )
        orphans = workers(run.pid)
        run.kill()
        assert psutil.wait_procs(orphans, timeout=GOODBYE_S + 5)[1] == []
        run.communicate()
        answered = {line["call_id"] for line in network.lines if line["event"] == "answer"}
        assert answered <= {line["call_id"] for line in network.lines if line["event"] == "bye"}
        assert operator.reads("SELECT DISTINCT state FROM attempt") == [("ended",)]

        run = operator.starts(*command)
        wait_until(lambda: calling(operator) == 2, within_s=120)
        killed, other = workers(run.pid)
        killed.kill()
        unknown = "SELECT worker, count(*) FROM attempt WHERE state = 'unknown' GROUP BY worker"
        wait_until(lambda: operator.reads(unknown), within_s=5)  # a lease lasts 15 s
        wait_until(lambda: len(workers(run.pid)) == 2 and other in workers(run.pid))  # the dead one is replaced
        printed, _ = run.communicate(timeout=120)
        assert (run.returncode, printed.count("killed by SIGKILL")) == (0, 1), printed
        dialled = Counter(number for number, _ in invites(network))
        [(_, lost)] = operator.reads(unknown)
        assert max(dialled.values()) == 1
        never = set(persona_of) - set(dialled)
        assert len(never) <= lost, "only a call that was lost between its permit's use and its INVITE rang nowhere"
        ended = "SELECT count(*) FROM attempt WHERE state = 'ended' AND disposition <> 'not_dialled'"
        assert operator.reads(ended) == [(len(PEOPLE) - lost,)]
        assert operator.reads("SELECT ended_at IS NOT NULL FROM run ORDER BY number") == [(False,), (True,)]
