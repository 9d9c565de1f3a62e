"""Where conversations can go, as laws over any graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.script.graph import ending_in, reached, spoken_order
from tests.core.scripts import renewal

_steps = st.sampled_from("abcdefgh")
_graphs = st.dictionaries(_steps, st.lists(_steps, max_size=4))


@given(_graphs, _steps, _steps)
def test_law_what_is_reached_forwards_is_found_backwards(graph: dict[str, list[str]], start: str, goal: str) -> None:
    assert (goal in reached(graph, start)) == (start in ending_in(graph, [goal]))


@given(_graphs, _steps)
def test_law_every_answer_of_a_reached_step_is_reached(graph: dict[str, list[str]], start: str) -> None:
    found = reached(graph, start)
    assert start in found and all(set(graph.get(step, ())) <= found for step in found)


@given(_graphs, st.lists(_steps, max_size=2))
def test_law_whoever_cannot_reach_an_end_only_leads_to_others_who_cannot(
    graph: dict[str, list[str]], goals: list[str]
) -> None:
    ends = ending_in(graph, goals)
    assert all(set(targets).isdisjoint(ends) for step, targets in graph.items() if step not in ends)


def test_steps_are_read_in_the_order_of_the_conversation() -> None:
    names = [step.name for step in spoken_order(renewal())]
    assert names[:2] == ["confirm", "remind"] and sorted(names) == sorted(renewal().steps)
