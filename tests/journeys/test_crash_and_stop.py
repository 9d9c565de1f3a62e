"""The dialer dies or is stopped in the middle of a campaign, and the same command goes on."""

from __future__ import annotations

import shlex
import signal
from collections import Counter

from tests.journeys.operator import Operator, invites, wait_until
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


def test_killed_in_mid_campaign_nobody_is_dialled_twice(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        dialer = operator.starts(*operator.campaign)
        wait_until(lambda: len(invites(network)) >= 4)
        dialer.kill()
        dialer.communicate()
        in_flight = operator.reads("SELECT count(*) FROM attempt WHERE state = 'dialing'")[0][0]
        assert in_flight >= 1

        operator.runs(*operator.campaign)

        dialled = Counter(number for number, _ in invites(network))
        assert max(dialled.values()) == 1, "nobody twice"
        assert set(dialled) == set(persona_of), "and nobody forgotten"
        unknown = operator.reads("SELECT count(*) FROM attempt WHERE state = 'unknown'")[0][0]
        assert unknown == in_flight
        permits = [permit for _, permit in invites(network)]
        assert len(permits) == len(set(permits))
        spent = {str(row[0]) for row in operator.reads("SELECT id FROM permit WHERE used_at IS NOT NULL")}
        assert set(permits) <= spent

        operator.runs(*operator.campaign)
        assert Counter(number for number, _ in invites(network)) == dialled, "and not by a third run either"


def test_ctrl_c_says_goodbye_and_the_same_command_goes_on(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        dialer = operator.starts(*operator.campaign)
        wait_until(lambda: any(line["event"] == "answer" for line in network.lines) if invites(network) else False)
        dialer.send_signal(signal.SIGINT)
        printed, _ = dialer.communicate(timeout=30)
        assert dialer.returncode == 130
        assert shlex.join(["fairdial", *operator.campaign]) in printed, "what is told can be typed"
        assert operator.reads("SELECT state, count(*) FROM attempt GROUP BY state") == [
            ("ended", len(invites(network)))
        ]
        answered = {line["call_id"] for line in network.lines if line["event"] == "answer"}
        assert answered == {line["call_id"] for line in network.lines if line["event"] == "bye"}

        operator.runs(*operator.campaign)
        dialled = Counter(number for number, _ in invites(network))
        assert set(dialled) == set(persona_of) and max(dialled.values()) == 1


def test_a_list_import_that_is_killed_leaves_nothing_behind(operator: Operator) -> None:
    rows = "".join(f"王芳,154{i:08d},上海,保单,现有客户\n" for i in range(20_000))
    (operator.folder / "long.csv").write_text("姓名,电话,地区,数据来源,依据\n" + rows, encoding="utf-8")
    operator.runs("rules", "list", "--json")
    operator.runs("rehearsal", "clock", "2026-11-26T10:00")
    importer = operator.starts("list", "import", "long.csv", "--name", "long")
    wait_until(
        lambda: operator.reads("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO contact%' LIMIT 1") != []
    )
    importer.kill()
    importer.communicate()
    wait_until(lambda: operator.reads("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO contact%'") == [])
    assert operator.reads("SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM list_import)") == [(0, 0)]
