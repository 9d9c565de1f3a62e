"""One port for all processes of a machine: who holds it, who tells, who takes it over."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event

import httpx
import pytest

from fairdial.observe import port, together
from fairdial.observe.health import Health
from fairdial.observe.joined import Joined
from fairdial.observe.metrics import Meters
from fairdial.observe.together import Together, shown

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def _hastily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "TELL_S", 0.05)


@pytest.fixture
def free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def process(number: int, home: Path, *, placed: int = 0) -> Together:
    meters = Meters()
    meters.placed.labels("trunk-1").inc(placed)
    return Together((HOST, number), home, meters, Joined(meters.registry), Health({}))


async def asked(number: int, path: str = "/metrics") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://{HOST}:{number}{path}")


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await is_so():
            await asyncio.sleep(0.02)


def shows(number: int, placed: int) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        try:
            return f'fairdial_calls_placed_total{{line="trunk-1"}} {placed}.0' in (await asked(number)).text
        except httpx.TransportError:
            return False

    return is_so


def test_the_first_holds_the_port_the_others_tell_it_and_one_takes_over(tmp_path: Path, free: int) -> None:
    async def story() -> None:
        async with shown(process(free, tmp_path, placed=1)):
            await until(shows(free, 1))
            async with shown(process(free, tmp_path, placed=10)):
                await until(shows(free, 11))
            await until(shows(free, 11))  # it is gone; what it counted is not
            last = process(free, tmp_path, placed=100)
            telling = asyncio.create_task(last.run())
            await until(shows(free, 111))
            assert last.port is None
        await until(shows(free, 100))
        assert last.port == free
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        assert (tmp_path / f"metrics-{free}.sock").exists() is False

    asyncio.run(story())


def test_a_process_that_is_killed_leaves_a_socket_that_the_next_one_takes(tmp_path: Path, free: int) -> None:
    async def story() -> None:
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(tmp_path / f"metrics-{free}.sock"))
        stale.close()
        async with shown(process(free, tmp_path, placed=1)), shown(process(free, tmp_path, placed=2)):
            await until(shows(free, 3))
            assert (tmp_path / f"metrics-{free}.sock").stat().st_mode & 0o077 == 0

    asyncio.run(story())


def test_a_port_that_another_program_has_costs_one_warning_and_nothing_else(
    tmp_path: Path, free: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        with socket.create_server((HOST, free)):
            async with shown(process(free, tmp_path)) as one:
                await asyncio.sleep(0.5)
                assert one.port is None

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert [record.getMessage() for record in caplog.records if "FAIRDIAL_METRICS" in record.getMessage()] != []
    assert len(caplog.records) == 1


def test_a_loop_that_hangs_is_not_alive_and_still_counted(
    tmp_path: Path, free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "_LOOP_S", 0.3)

    async def story() -> list[httpx.Response]:
        async with shown(process(free, tmp_path)):
            await until(shows(free, 0))

            def ask() -> list[httpx.Response]:
                paths = ("healthz", "readyz", "metrics", "nothing")
                return [httpx.get(f"http://{HOST}:{free}/{path}", trust_env=False) for path in paths]

            well = await asyncio.to_thread(ask)
            assert [one.status_code for one in well] == [200, 200, 200, 404]
            head = await asyncio.to_thread(httpx.head, f"http://{HOST}:{free}/healthz", trust_env=False)
            assert (head.status_code, head.content) == (200, b"")
            answered = Event()

            def ask_meanwhile() -> list[httpx.Response]:
                try:
                    return ask()
                finally:
                    answered.set()

            answers = asyncio.get_running_loop().run_in_executor(None, ask_meanwhile)
            answered.wait(60)  # on the loop itself, which does nothing else until then
            return await answers

    ill = asyncio.run(story())
    assert [one.status_code for one in ill] == [503, 503, 200, 404]
    assert ill[0].json() == {"status": "failed", "checks": {"loop": "failed"}}


def test_nobody_who_asks_slowly_or_wrongly_holds_up_the_others(tmp_path: Path, free: int) -> None:
    async def story() -> None:
        async with shown(process(free, tmp_path, placed=1)):
            await until(shows(free, 1))
            _, slow = await asyncio.open_connection(HOST, free)
            slow.write(b"GET /metrics HTTP/1.1\r\n")
            _, wrong = await asyncio.open_connection(HOST, free)
            wrong.write(b"\x16\x03\x01\x02\x00 nonsense\r\n\r\n")
            assert (await asked(free, "/healthz")).json() == {"status": "ok", "checks": {"loop": "ok"}}
            slow.close()
            wrong.close()

    asyncio.run(story())
