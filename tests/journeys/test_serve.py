"""A campaign run from a browser: start it, watch a call to its refusal, read why, stop."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx

from fairdial.web.asking import CSRF_HEADER
from tests.journeys.operator import Operator, wait_until
from tests.rehearsal.practice import example_network, free_port

API = "/api/v1"


Call = dict[str, object]


def happenings(browser: httpx.Client) -> Iterator[Call]:
    """Every call that lives, and each again whenever it has changed."""
    with browser.stream("GET", f"{API}/campaigns/renewals/live", timeout=60.0) as stream:
        kind = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind in ("call", "calls"):
                told = json.loads(line.removeprefix("data: "))
                yield from told["calls"] if kind == "calls" else [told]


def until_refused(calls: Iterator[Call]) -> list[Call]:
    """What was told of the calls until one had ended with a refusal, that one last."""
    seen = []
    for call in calls:
        seen.append(call)
        if call["state"] == "ended" and call["outcome"] == "refused":
            return seen
    raise AssertionError("the stream ended")


def test_a_campaign_is_started_watched_and_stopped_from_a_browser(operator: Operator) -> None:
    persona_of = operator.takes_the_list(
        "refuses_at_once", "asks_source"
    )  # the second is still to come when it is stopped
    port = free_port()
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=1)
        address = operator.runs("user", "add", "wang", "--role", "operator", "--by", "王经理").strip()
        operator.runs("reader", "set", "wang", "--level", "private", "--by", "王经理")
        served = operator.starts("serve", "--port", str(port), "--clips", str(operator.example / "clips"))
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
                wait_until(lambda: answers(browser))
                token = address.rpartition("#")[2]
                browser.headers[CSRF_HEADER] = browser.post(f"{API}/session/link", json={"token": token}).json()["csrf"]
                assert browser.post(f"{API}/campaigns/renewals/run").json()["is_running"] is True
                again = browser.post(f"{API}/campaigns/renewals/run")
                assert (again.status_code, "runs already" in again.json()["detail"]) == (400, True)
                seen = until_refused(happenings(browser))
                refused = seen[-1]
                words = [call.get("heard") for call in seen if call["id"] == refused["id"]]
                assert any(words), "the person's words were seen while they spoke"
                assert {call["meaning"] for call in seen if call.get("meaning")} & {"refuse_hard", "refuse_soft"}
                assert {call["step"] for call in seen if call.get("step")}, "and the script's step"
                assert str(refused["number"]).startswith("+86154****"), "masked"
                assert browser.post(f"{API}/campaigns/renewals/run/stop").status_code == 202
                wait_until(lambda: not browser.get(f"{API}/campaigns/renewals/run").json()["is_running"])
                funnel = browser.get(f"{API}/campaigns/renewals/funnel").json()
                assert funnel["refusals"] == 1 and funnel["without_permit"] == 0
                nobody = browser.post(f"{API}/campaigns/renewals/run/stop")
                assert nobody.status_code == 409
        finally:
            served.send_signal(2)
            printed, _ = served.communicate(timeout=30)
        assert served.returncode in (0, 130), printed  # 0 where the shell had put it in the background


def answers(browser: httpx.Client) -> bool:
    """Whether the server listens by now."""
    try:
        return browser.get(f"{API}/session").status_code in (200, 401)
    except httpx.TransportError:
        return False


def test_a_server_that_begins_anew_shows_a_run_that_went_on_without_it(operator: Operator) -> None:
    persona_of = operator.takes_the_list("refuses_at_once", "silent", "interested")
    port = free_port()
    clips = ("--clips", str(operator.example / "clips"))
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=1)
        address = operator.runs("user", "add", "wang", "--role", "operator", "--by", "王经理").strip()
        operator.runs("reader", "set", "wang", "--level", "private", "--by", "王经理")
        worker = operator.starts("worker", *clips)
        served = operator.starts("serve", "--no-worker", "--port", str(port), *clips)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
                wait_until(lambda: answers(browser))
                token = address.rpartition("#")[2]
                browser.headers[CSRF_HEADER] = browser.post(f"{API}/session/link", json={"token": token}).json()["csrf"]
                assert browser.post(f"{API}/campaigns/renewals/run").json()["by"] == "wang"
                next(call for call in happenings(browser) if call.get("said"))
                served.send_signal(2)
                served.communicate(timeout=30)
                served = operator.starts("serve", "--no-worker", "--port", str(port), *clips)
                wait_until(lambda: answers(browser))
                stands = browser.get(f"{API}/campaigns/renewals/run").json()
                assert (stands["state"], stands["by"], stands["last_words"]) == ("running", "wang", None)
                assert next(call for call in happenings(browser) if call.get("said"))
                worker.kill()
                wait_until(lambda: browser.get(f"{API}/campaigns/renewals/run").json()["state"] == "ended")
                assert "start it again" in browser.get(f"{API}/campaigns/renewals/run").json()["last_words"]
        finally:
            for process in (served, worker):
                process.send_signal(2)
                process.communicate(timeout=40)
