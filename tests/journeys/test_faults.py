"""A network that misbehaves: the attempt ends with its own disposition, the line is freed, the campaign goes on."""

from __future__ import annotations

from tests.journeys.operator import Operator, invites
from tests.rehearsal.practice import example_network


def test_each_fault_ends_its_own_call_and_no_other(operator: Operator) -> None:
    persona_of = operator.takes_the_list("silent", "busy", "asks_price", "interested", "declined")
    fault_of = dict(
        zip(persona_of, ("ignores_invite", "malformed_sdp", "rtp_stops", "interested", "declined"), strict=True)
    )
    with example_network(operator.folder, operator.example, fault_of) as network:
        operator.prepares(network, capacity=2)
        operator.runs(*operator.campaign)
        ended = dict(
            operator.reads("SELECT c.number_key, a.disposition FROM attempt a JOIN contact c ON c.id = a.contact_id")
        )
        by_fault = {fault: ended[operator.person_key.of(number)] for number, fault in fault_of.items()}
        assert by_fault == {
            "ignores_invite": "failed",
            "malformed_sdp": "failed",
            "rtp_stops": "failed",
            "interested": "answered",
            "declined": "rejected",
        }
        assert len(invites(network)) == 5


def test_a_network_that_is_down_fails_every_call_and_the_run_ends(operator: Operator) -> None:
    persona_of = operator.takes_the_list("silent", "busy")
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
    operator.runs(*operator.campaign)
    assert operator.reads("SELECT DISTINCT state, disposition FROM attempt") == [("ended", "failed")]


def test_a_database_that_is_away_is_said_in_one_line(operator: Operator) -> None:
    operator.database_url = "postgresql://nobody@127.0.0.1:9/nothing"
    printed = operator.runs("report", "write", "renewals", code=3)
    assert "cannot be reached" in printed and "Traceback" not in printed
