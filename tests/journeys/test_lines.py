"""A campaign over several lines: one refuses, falls silent or comes back, and nobody's phone rings twice."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fairdial.core.pacing.breaker import FALSE_ROW, TRIALS
from tests.journeys.operator import Operator, invites
from tests.line.far_end import Answers, FarEnd, Reply, Request, always, far_end
from tests.rehearsal.practice import example_network, network_of

PEOPLE = (
    "silent",
    "busy",
    "declined",
    "refuses_at_once",
    "interested",
    "no_answer",
    "hangs_up_midsentence",
    "voicemail",
)


@contextmanager
def carrier(answers: Answers) -> Iterator[FarEnd]:
    """A hand-written carrier on a thread of its own."""
    ready, begun = threading.Event(), list[FarEnd]()
    over = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with far_end(answers) as far:
            begun.append(far)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    try:
        yield begun[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def adds_second(operator: Operator, address: str, *, capacity: int = 5) -> None:
    """The first line, called `flaky`, leads elsewhere; `practice` is the second."""
    until = ("--purpose", "service", "--documents-until", "2027-12-31")
    operator.runs(
        "line", "add", "flaky", "--address", address, "--kind", "practice", "--capacity", str(capacity), *until
    )
    create = ("campaign", "create", "renewals", "--list", "renewals", "--script", str(operator.example / "script.yaml"))
    operator.runs(*create, "--line", "flaky", "--line", "practice", "--caller", "+8615499990001")


def test_a_carrier_that_answers_503_is_taken_out_and_everybody_is_rung_once_over_another(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    refuses = always(Reply(status="100 Trying"), Reply(status="503 Service Unavailable", headers=("Retry-After: 600",)))
    with carrier(refuses) as flaky, example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        adds_second(operator, flaky.address)
        operator.runs(*operator.campaign)
        assert Counter(number for number, _ in invites(network)) == dict.fromkeys(persona_of, 1)
        assert 1 <= len(flaky.of("INVITE")) <= 5, "taken out by the first refusal that says how long"
        permits = [one.headers["x-fairdial-permit"] for one in flaky.of("INVITE")] + [
            permit for _, permit in invites(network)
        ]
        assert len(set(permits)) == len(permits)
        [flaky_stands, other] = json.loads(operator.runs("line", "health", "--json"))
        assert (flaky_stands["state"], flaky_stands["faults"]) == ("open", ["asked_to_wait"]) and other[
            "state"
        ] == "closed"
    assert operator.reads("SELECT count(*) FROM attempt WHERE surely_unrung") == [(len(flaky.of("INVITE")),)]


FALLS = """
voice: zm_yunxi
personas:
  falls: {behaviour: answer, ring_ms: 100, turns: [{when: answered, after_ms: 200, hang_up: true}]}
"""


def test_a_carrier_that_answers_for_everybody_and_hangs_up_at_once_is_taken_out(operator: Operator) -> None:
    """Such a carrier sells answers nobody gave: each would be paid for, and a person who was never rung count as served."""
    persona_of = operator.takes_the_list(
        *PEOPLE, "third_party", "wrong_number", "assistant", "asks_price", "busy_later"
    )
    folder = operator.folder / "flaky"
    folder.mkdir()
    with (
        network_of(folder, FALLS, dict.fromkeys(persona_of, "falls")) as flaky,
        example_network(operator.folder, operator.example, persona_of) as network,
    ):
        operator.prepares(network)
        adds_second(operator, f"127.0.0.1:{flaky.port}", capacity=1)
        operator.runs(*operator.campaign)
        rung = Counter(number for number, _ in [*invites(flaky), *invites(network)])
        assert rung == dict.fromkeys(persona_of, 1)
        assert FALSE_ROW <= len(invites(flaky)) <= FALSE_ROW + 1 + TRIALS, (
            "one was on its way; trials come after its rest"
        )
        [stands, _] = json.loads(operator.runs("line", "health", "--json"))
        assert stands["state"] != "closed" and stands["faults"] == ["false_answer"]


def test_a_line_that_came_back_carries_calls_again_after_its_trials(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the only line: the run waits for it, and everybody is called."""
    monkeypatch.setenv("FAIRDIAL_LINE_PATIENCE_S", "120")
    persona_of = operator.takes_the_list(*PEOPLE)
    seen: list[str] = []

    def heals(request: Request) -> list[Reply]:
        if request.method == "OPTIONS":
            seen.append("probe")
        if request.method != "INVITE":
            return [Reply(status="200 OK")]
        seen.append("call")
        if "probe" not in seen:
            return [Reply(status="503 Service Unavailable")]
        return [Reply(status="180 Ringing"), Reply(status="486 Busy Here", after_s=0.1)]

    with carrier(heals) as flaky, example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network)
        adds_second(operator, flaky.address, capacity=1)
        create = (
            "campaign",
            "create",
            "renewals",
            "--list",
            "renewals",
            "--script",
            str(operator.example / "script.yaml"),
        )
        operator.runs(*create, "--line", "flaky", "--caller", "+8615499990001")
        printed = operator.runs(*operator.campaign)
    assert "line flaky is out (server_error)" in printed and "line flaky is back" in printed
    assert seen[:6] == ["call"] * 5 + ["probe"] and invites(network) == []
    rung = operator.reads("SELECT count(DISTINCT contact_id) FROM attempt WHERE disposition = 'busy'")
    assert rung == [(3,)], "who was refused is for the next run: there was no other line"
