"""Spans on their way to a real OTLP endpoint."""

from __future__ import annotations

import sys
from uuid import uuid4

import pytest

from fairdial.core.call_trace import Span, Took
from fairdial.errors import SettingsError
from fairdial.observe.traces import open_tracer
from tests.observe.receiver import attributes, otlp_receiver

WHOLE = Span(
    name="call",
    took=Took(begun=1000.0, ended=1030.5),
    attributes={"attempt": 7, "line": "trunk-1", "disposition": "failed"},
    moments={"answered": 1004.0},
)
TALK = Span(name="talk", took=Took(begun=1004.0, ended=1030.0), attributes={"turns": 3})


def test_a_call_arrives_as_one_trace_that_has_its_permits_id() -> None:
    permits = [uuid4(), uuid4()]
    with otlp_receiver() as received:
        with open_tracer(f"{received.url}/v1/traces", process="worker-1", version="0.1") as trace:
            for permit in permits:
                trace(permit, [WHOLE, TALK])
        traces = received.traces()
    assert set(traces) == {permit.hex for permit in permits}
    whole, talk = traces[permits[0].hex]
    assert (whole.name, talk.name, talk.parent_span_id) == ("call", "talk", whole.span_id)
    assert (whole.start_time_unix_nano, whole.end_time_unix_nano) == (1_000_000_000_000, 1_030_500_000_000)
    assert attributes(whole) == {"attempt": 7, "line": "trunk-1", "disposition": "failed"}
    assert [(event.name, event.time_unix_nano) for event in whole.events] == [("answered", 1_004_000_000_000)]
    assert whole.status.code == 2  # STATUS_CODE_ERROR
    [resource] = {str(one.resource) for request in received.requests for one in request.resource_spans}
    assert "worker-1" in resource and "host" not in resource and "command" not in resource


def test_an_endpoint_that_is_not_there_costs_no_call() -> None:
    with open_tracer("http://127.0.0.1:9/v1/traces", process="worker-1", version="0.1") as trace:
        trace(uuid4(), [WHOLE, TALK])


def test_without_the_sdk_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fairdial.observe.sdk", None)
    with pytest.raises(SettingsError, match=r"pip install 'fairdial\[traces\]'"):
        open_tracer("http://127.0.0.1:4318/v1/traces", process="w", version="0").__enter__()


def test_who_wants_no_traces_loads_no_sdk() -> None:
    import subprocess

    check = "import sys, fairdial.app.observed, fairdial.app.work; print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
