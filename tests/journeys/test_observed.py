"""A run of two processes that is watched: metrics, traces and log lines, and nothing of a person in any."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sys
from asyncio.subprocess import PIPE
from uuid import UUID

from prometheus_client.parser import text_string_to_metric_families

from fairdial.observe.health import Health
from fairdial.observe.joined import Joined
from fairdial.observe.metrics import Meters
from fairdial.observe.together import Together, shown
from fairdial.script_file import read_script_file
from tests.journeys.operator import Operator, invites
from tests.ledger.receiver import receiving
from tests.observe.receiver import Receiver, attributes, otlp_receiver
from tests.rehearsal.practice import Network, example_network, free_port

PEOPLE = ("refuses_at_once", "busy", "announce_vacant")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def counted(text: str, name: str, **labels: str) -> float:
    """The sum of a metric over whatever labels are not named."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]
    return sum(one.value for one in samples if labels.items() <= one.labels.items())


def personal(operator: Operator) -> set[str]:
    """Names and numbers of everybody on the list, and what the script says to them."""
    with (operator.folder / "customers.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[1:]
    _, script = read_script_file(operator.example / "script.yaml")
    wordings = [wording for line in script.lines.values() for wording in line]
    spoken = {part for wording in wordings for part in re.split(r"[^\u4e00-\u9fff]+", wording) if len(part) > 3}
    return {row[0] for row in rows} | {row[2] for row in rows} | spoken


async def watched(operator: Operator, told: dict[str, str]) -> tuple[str, str]:
    """Run the campaign in two processes beside a holder of the port; what was counted and what was logged."""
    host, port = "127.0.0.1", free_port()
    meters = Meters()
    joined = Joined(meters.registry)
    async with shown(Together((host, port), operator.folder / "home", meters, joined, Health({}))):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairdial.cli.entry", *operator.campaign, "--processes", "2"),
            env=operator.environment | told | {"FAIRDIAL_METRICS": f"{host}:{port}"},
            cwd=operator.folder,
            stdout=PIPE,
            stderr=PIPE,
        )
        printed, logged = await process.communicate()
        assert process.returncode == 0, printed.decode() + logged.decode()
        await asyncio.sleep(0.2)  # the last word of the run is on its way
        return joined.text().decode(), logged.decode()


def traces_are_the_calls(network: Network, received: Receiver) -> None:
    """One trace a call, under the permit that its INVITE carried, its steps in their order."""
    traces = received.traces()
    assert set(traces) == {UUID(permit).hex for _, permit in invites(network)}
    for spans in traces.values():
        [whole] = [span for span in spans if not span.parent_span_id]
        assert all(span.parent_span_id == whole.span_id for span in spans if span is not whole)
        steps = [span.name for span in spans if span is not whole]
        assert steps[:4] == ["claim", "gate", "permit spent", "invite"] and steps[-1] == "recorded"
        if attributes(whole)["disposition"] == "answered":
            assert steps[4:-1] == ["ringing", "talk"]
            assert [event.name for event in whole.events][:2] == ["answered", "first word"]
    statuses = {attributes(span).get("sip.status") for spans in traces.values() for span in spans}
    assert {486, 200} <= statuses


def test_a_run_is_watched_and_nothing_of_a_person_is_shown(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    with (
        example_network(operator.folder, operator.example, persona_of) as network,
        otlp_receiver() as received,
        receiving() as crm,
    ):
        operator.prepares(network, capacity=3)
        operator.runs("webhook", "add", "crm", "--url", crm.url, "--by", "王运营")
        told = {"FAIRDIAL_TRACES": received.url, "FAIRDIAL_LOG": "json"}
        shown_metrics, logged = asyncio.run(watched(operator, told))
        traces_are_the_calls(network, received)
        placed = invites(network)

    for disposition, count in operator.reads("SELECT disposition, count(*) FROM attempt GROUP BY 1"):
        assert counted(shown_metrics, "fairdial_calls_ended_total", disposition=disposition) == count
    assert counted(shown_metrics, "fairdial_gate_decisions_total", outcome="allow") == len(PEOPLE)
    assert counted(shown_metrics, "fairdial_calls_placed_total", line="practice") == len(PEOPLE)
    assert counted(shown_metrics, "fairdial_refusal_durable_seconds_count") == 1
    assert counted(shown_metrics, "fairdial_ledger_seconds_count", operation="redeem") == len(PEOPLE)
    assert counted(shown_metrics, "fairdial_recognition_seconds_count") >= 2
    assert counted(shown_metrics, "fairdial_sip_refusals_total", status="486") == 1
    assert "fairdial_calls_living{" not in shown_metrics, "gauges of processes that are gone are gone"

    ended = operator.reads("SELECT id, disposition, grade FROM attempt")
    assert sorted(
        (one["data"]["attempt"], one["data"]["disposition"], one["data"]["grade"]) for one in crm.told
    ) == sorted(ended), "the CRM was told of every call before the run ended"

    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert {line["attempt"] for line in lines if line["message"].startswith("call ended")} == {1, 2, 3}
    assert {line["trace_id"] for line in lines if "attempt" in line} == {UUID(permit).hex for _, permit in placed}
    assert all({"time", "level", "logger", "message", "process"} <= line.keys() for line in lines)
    for secret in personal(operator):
        assert secret not in logged and secret not in shown_metrics and secret not in received.text(), secret
        assert secret not in str(crm.told), secret
    assert not CHINESE.search(shown_metrics) and not CHINESE.search(received.text())
