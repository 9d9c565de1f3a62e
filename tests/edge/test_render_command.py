"""`fairdial edge render` from a real ledger, and a line that signs with the same ledger's key, through the edge it made."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairdial.app import App, open_app
from fairdial.app.work import edge_way
from fairdial.cli.main import app
from fairdial.core.policy.case import LineKind
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.ports import Answered, Closed
from tests.edge.running import EDGE_HOST, MISSING, Edge, free_edge_port, has_kamailio, started
from tests.line.contract import signals_until, spent
from tests.rehearsal.practice import NUMBER_OF, practice_network, write_files

pytestmark = pytest.mark.usefixtures("installation")


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def add_line(name: str, address: str) -> None:
    run(
        *("line", "add", name, "--address", address, "--kind", "practice", "--capacity", "2"),
        *("--purpose", "service", "--documents-until", "2099-12-31"),
    )


def test_lines_become_an_edge_and_what_changed_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    add_line("trunk 二", "127.0.0.31:5060")
    first = ("edge", "render", "--to", str(folder), "--listen", "127.0.0.20:5060")
    assert "new 新建" in run(*first, "--calls-per-second", "trunk 二=20")
    again = json.loads(run("edge", "render", "--to", str(folder), "--json"))
    assert not again["has_changed"] and set(again["files"].values()) == {"same"} and again["keys"] == [1]
    add_line("trunk-3", "127.0.0.32:5060")
    more = json.loads(run("edge", "render", "--to", str(folder), "--json"))
    assert more["has_changed"] and more["lines"] == ["trunk 二", "trunk-3"]
    assert {name for name, change in more["files"].items() if change == "changed"} == {"lines.cfg", "dispatcher.list"}
    assert "::each_second) = 20;" in (folder / "lines.cfg").read_text(encoding="utf-8")
    assert json.loads(run("edge", "render", "--to", str(folder), "--new-key", "--json"))["keys"] == [1, 2]


@pytest.mark.skipif(not has_kamailio(), reason=MISSING)
def test_a_rendered_edge_takes_what_workers_of_the_same_ledger_sign(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    address = f"{EDGE_HOST}:{free_edge_port()}"
    with practice_network(write_files(tmp_path / "network")) as network:
        add_line("practice", f"127.0.0.1:{network.port}")
        said = run("edge", "render", "--to", str(tmp_path / "edge"), "--listen", address)
        assert "config file ok" in said

        async def story(edge: Edge) -> None:
            async with open_app() as opened:
                way = edge_way(_with_edge(opened, address), LineKind.PRACTICE)
                options = LineOptions(
                    name="practice",
                    kind=LineKind.PRACTICE,
                    address=f"127.0.0.1:{network.port}",
                    capacity=1,
                    edge=way,
                )
                async with open_line(options) as line:
                    call = await line.dial(spent(NUMBER_OF["listener"]))
                    assert isinstance(await call.next_signal(), Answered), edge.log
                    await call.hang_up()
                    await signals_until(call, Closed)

        with started(tmp_path / "edge", address) as edge:
            asyncio.run(story(edge))
        [reached] = [line for line in network.lines if line["event"] == "invite"]
        assert reached["to"] == NUMBER_OF["listener"] and not reached["permit"]


def _with_edge(opened: App, address: str) -> App:
    return replace(opened, settings=replace(opened.settings, edge=address))


def test_practice_goes_to_no_edge_that_is_elsewhere() -> None:
    async def story() -> None:
        async with open_app() as opened:
            elsewhere = _with_edge(opened, "192.0.2.1:5060")
            assert edge_way(elsewhere, LineKind.PRACTICE) is None
            assert edge_way(opened, LineKind.CARRIER) is None, "no edge is set"
            way = edge_way(elsewhere, LineKind.CARRIER)
            assert way is not None and way.address == "192.0.2.1:5060"

    asyncio.run(story())
