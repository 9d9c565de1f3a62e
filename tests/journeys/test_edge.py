"""An operator puts an edge between the workers and the carrier: two commands and a setting."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.edge.running import EDGE_HOST, MISSING, free_edge_port, has_kamailio, started
from tests.journeys.operator import Operator
from tests.rehearsal.practice import example_network

pytestmark = pytest.mark.skipif(not has_kamailio(), reason=MISSING)


def test_a_campaign_runs_through_an_edge_that_was_rendered_from_the_ledger(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona_of = operator.takes_the_list("busy", "refuses_at_once")
    folder, address = operator.folder / "edge", f"{EDGE_HOST}:{free_edge_port()}"
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        said = operator.runs("edge", "render", "--to", str(folder), "--listen", address)
        assert "config file ok" in said and "practice" in said
        again = json.loads(operator.runs("edge", "render", "--to", str(folder), "--json"))
        assert not again["has_changed"] and again["checked"]["is_good"] and again["keys"] == [1]

        monkeypatch.setenv("FAIRDIAL_EDGE", address)
        with started(folder, address) as edge:
            operator.runs(*operator.campaign)
            assert "refused" not in edge.log
        reached = [line for line in network.lines if line["event"] == "invite"]
        assert Counter(line["to"] for line in reached) == Counter(list(persona_of))
        assert {line["permit"] for line in reached} == {None}, "the carrier sees no permit"
        assert sorted(operator.reads("SELECT disposition FROM attempt")) == [("answered",), ("busy",)]
        call_ids = {call_id for (call_id,) in operator.reads("SELECT call_id FROM attempt")}
        assert call_ids == {line["call_id"] for line in reached}, "one Call-ID on both sides of the edge"
