"""The Python client: it says what the contract says, and does nothing twice."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import httpx
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from fairdial.cli.main import app as commands
from fairdial.client import Client, RemoteProblem, Unreachable
from fairdial.client.live import told
from fairdial.client.wire import PREFIX, Asked, Wire
from fairdial.core.access.roles import Permission
from fairdial.errors import SettingsError
from fairdial.ledger.access.sessions import make_key
from fairdial.web.routes.campaigns import NewCampaign
from fairdial.web.routes.complaints import NewComplaint
from fairdial.web.routes.refusals import NewRefusal
from tests.console.served import Served, served
from tests.ledger.stories import TENANT
from tests.ledger.test_vault import a_full_call

CONTRACT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
GENERAL = {"close", "pages"}
"""Methods that are no operation of the contract."""


@dataclass
class Recorder(Wire):
    """Tells what was asked for, and asks nobody."""

    asked: list[tuple[str, str, Any, set[str], str | None]] = field(default_factory=list)

    def read(self, path: str, kind: Any, *, at: Asked = {}, query: Asked = {}) -> Any:  # noqa: B006
        self.asked.append(("get", path.format_map(dict.fromkeys(at, "{}")), kind, set(query), None))
        raise StopAsyncIteration

    def write(self, method: str, path: str, kind: Any, *, at: Asked = {}, body: Any = None, **_: Any) -> Any:  # noqa: B006
        filled = path.format_map(dict.fromkeys(at, "{}"))
        self.asked.append((method.lower(), filled, kind, set(), type(body).__name__ if body else None))
        raise StopAsyncIteration

    def stream(self, path: str, *, at: Asked, last: str | None) -> Any:
        self.asked.append(("get", path.format_map(dict.fromkeys(at, "{}")), None, set(), None))
        raise StopAsyncIteration


def named(kind: Any) -> Any:
    """The schema by which the contract calls a type."""
    if kind is type(None):
        return None
    if get_origin(kind) is list:
        return [named(get_args(kind)[0])]
    assert issubclass(kind, BaseModel)
    return kind.__name__.replace("[", "_").replace("]", "_")


def schema_of(answer: dict[str, Any]) -> Any:
    shape = answer.get("content", {}).get("application/json", {}).get("schema") or {}
    if shape.get("type") == "array":
        return [shape["items"]["$ref"].rpartition("/")[2]]
    return shape["$ref"].rpartition("/")[2] if "$ref" in shape else None


OPERATIONS = [
    name for name, _ in inspect.getmembers(Client, inspect.isfunction) if name[0] != "_" and name not in GENERAL
]
BODIES: dict[str, Any] = {
    "create_campaign": NewCampaign.model_construct(),
    "take_refusal": NewRefusal(number="1", source="sms", evidence="x"),
    "take_complaint": NewComplaint(number="1", category="nuisance", source="12321"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_method_asks_what_the_contract_offers_and_reads_what_it_answers(name: str) -> None:
    wire = Recorder()
    method: Callable[..., Any] = getattr(Client("", "", wire=wire), name)
    must = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    given = [BODIES[name] if p.name == "asked" else "x" for p in must]
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        answer = method(*given)
        next(answer)
    [(verb, path, kind, query, body)] = wire.asked
    paths = {"/".join("{}" if part[:1] == "{" else part for part in one.split("/")): one for one in CONTRACT["paths"]}
    operation = CONTRACT["paths"][paths[PREFIX + path]][verb]
    assert query <= {one["name"] for one in operation.get("parameters", [])}
    if kind is not None:
        done = next(answer for status, answer in operation["responses"].items() if status < "300")
        assert schema_of(done) == named(kind)
    if name in BODIES:
        assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(f"/{body}")


def wire_to(answers: list[httpx.Response | httpx.TransportError]) -> tuple[Wire, list[httpx.Request], list[float]]:
    """A wire whose other end answers these in turn; what was sent, and how long was waited."""
    sent: list[httpx.Request] = []
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        one = answers.pop(0)
        if isinstance(one, httpx.TransportError):
            raise one
        return one

    wire = Wire("https://console.example", "fd_x", transport=httpx.MockTransport(answer), wait=waited.append)
    return wire, sent, waited


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"type": f"urn:fairdial:problem:{code}", "title": "x", "status": status, "detail": "what to do"}
    return httpx.Response(status, json=body, headers=headers)


def test_what_the_server_puts_off_is_asked_again_under_the_same_key() -> None:
    taken = httpx.Response(201, json={"durable_at": "2026-11-20T10:00:00Z"})
    late, lost = problem(503, "ledger", **{"Retry-After": "7"}), httpx.ReadError("gone")
    wire, sent, waited = wire_to([late, lost, taken])
    Client("", "", wire=wire).take_refusal(BODIES["take_refusal"])
    keys = {request.headers["Idempotency-Key"] for request in sent}
    assert (len(sent), len(keys), waited) == (3, 1, [7.0, 1.0])
    assert sent[0].headers["Authorization"] == "Bearer fd_x"


def test_a_problem_keeps_the_servers_code_and_is_not_asked_again() -> None:
    for status, code, exit_code in ((404, "not-found", 1), (422, "shape", 2), (503, "ledger", 3)):
        wire, sent, _ = wire_to([problem(status, code)])
        with pytest.raises(RemoteProblem, match="what to do") as raised:
            Client("", "", wire=wire).campaigns()
        assert (raised.value.code, raised.value.exit_code, len(sent)) == (code, exit_code, 1)


def test_who_never_answers_or_is_no_fairdial_is_unreachable() -> None:
    wire, sent, _ = wire_to([httpx.ConnectError("refused")] * 4)
    with pytest.raises(Unreachable, match="is it running"):
        Client("", "", wire=wire).campaigns()
    assert len(sent) == 4
    for strange in (httpx.Response(502, text="<html>"), httpx.Response(200, json={"hello": 1})):
        wire, _, _ = wire_to([strange])
        with pytest.raises(Unreachable):
            Client("", "", wire=wire).campaigns()


def test_a_key_travels_only_where_nobody_reads_along() -> None:
    with pytest.raises(SettingsError):
        Client("http://console.example.com", "fd_x")


def test_a_name_stays_within_its_part_of_the_address() -> None:
    wire, sent, _ = wire_to([problem(404, "not-found")])
    with pytest.raises(RemoteProblem):
        Client("", "", wire=wire).campaign("../users?x=1#")
    assert sent[0].url.raw_path == b"/api/v1/campaigns/..%2Fusers%3Fx%3D1%23"


def test_events_are_read_line_by_line() -> None:
    lines = [
        "id: 1-2",
        "event: calls",
        'data: [{"id":',
        "data: 7}]",
        "",
        ": still here",
        "",
        "event: gone",
        "data: 7",
        "",
    ]
    assert [(one.kind, one.data, one.id) for one in told([*lines, "data: cut off"])] == [
        ("calls", [{"id": 7}], "1-2"),
        ("gone", 7, "1-2"),
    ]


async def _key(there: Served, *scopes: Permission) -> str:
    await a_full_call(there.there.app.database)
    ends = (await there.there.app.database.now()) + timedelta(days=1)
    return await make_key(there.there.app.database, tenant=TENANT, name="crm", scopes=scopes, ends_at=ends, by="王经理")


@contextmanager
def asked(url: str, *scopes: Permission) -> Iterator[tuple[Served, str]]:
    """A server with one call, and a key of it."""
    with served(url) as there:
        yield there, there.do(_key(there, *scopes))


def test_over_a_real_server_pages_are_one_row_after_another_and_living_calls_are_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairdial.client.client._PAGE", 1)
    scopes = (Permission.SEE_CALLS, Permission.SEE_CAMPAIGNS, Permission.TAKE_REFUSALS, Permission.SEE_COMPLIANCE)
    with asked(database_url, *scopes) as (there, key), Client(there.base, key) as client:
        assert client.who().name == "key crm"
        [campaign] = client.campaigns()
        [call] = client.calls(campaign=campaign.name)
        assert client.call(call.id).id == call.id
        before = len(list(client.refusals()))
        for number in ("+8615400000071", "+8615400000072", "+8615400000072"):
            refusal = NewRefusal(number=number, source="sms", evidence="TD")
            client.take_refusal(refusal, repeat_key=f"TD {number}".replace(" ", "-"))
        assert len(list(client.refusals())) == before + 2, "the third was asked for twice"
        assert next(iter(client.live(campaign.name))).kind == "calls"
        with pytest.raises(RemoteProblem) as raised:
            client.start_run(campaign.name)
        assert raised.value.code == "permission"


def test_the_command_line_asks_a_server_elsewhere(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with asked(database_url, Permission.SEE_CALLS, Permission.SEE_CAMPAIGNS) as (there, key):
        monkeypatch.setenv("FAIRDIAL_SERVER", there.base)
        missing = CliRunner().invoke(commands, ["remote", "campaigns"])
        assert isinstance(missing.exception, SettingsError)
        monkeypatch.setenv("FAIRDIAL_KEY", key)
        shown = CliRunner().invoke(commands, ["remote", "campaigns", "--json"])
        assert [one["name"] for one in json.loads(shown.stdout)] == ["renewal"]
        calls = json.loads(CliRunner().invoke(commands, ["remote", "calls", "--json"]).stdout)
        assert len(calls) == 1 and "****" in calls[0]["number"]
        refused = CliRunner().invoke(commands, ["remote", "run", "renewal"])
        assert isinstance(refused.exception, RemoteProblem) and refused.exception.exit_code == 1
