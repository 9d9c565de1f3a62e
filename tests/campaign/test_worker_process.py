"""A worker as a process: what comes up its pipe, what the end of the other pipe does, how it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fairdial.campaign.messages import Asked, Ended, Failed, Finished, Message, from_line, to_line
from fairdial.campaign.worker_process import WorkerProcess
from fairdial.core.call_record import CallEnd, Disposition
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.policy.finding import Outcome

MESSAGES: list[Message] = [
    Asked(contact=1, outcome=Outcome.WAIT),
    Ended(contact=1, end=CallEnd(disposition=Disposition.BUSY, outcome=None, grade="D")),
    Finished(was_stopped=True, punctuality=Punctuality(ticks=3, late=1, worst_ms=2.5)),
    Failed(code="line", reason="线路无响应"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.kind)
def test_a_message_comes_out_of_its_line_as_it_went_in(message: Message) -> None:
    assert to_line(message).count(b"\n") == 1
    assert from_line(to_line(message)) == message


async def started(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> WorkerProcess:
    """A worker that is a program of the test's."""
    (folder / "program.py").write_text(f"import os, sys\njob = sys.stdin.readline()\n{program}\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return await WorkerProcess.start("w", "program", b"{}")


def test_half_a_line_of_a_worker_that_was_killed_is_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        line = to_line(MESSAGES[0])
        worker = await started(tmp_path, monkeypatch, f"os.write(1, {line + line[:20]!r}); os.kill(os.getpid(), 9)")
        assert [message async for message in worker.messages()] == [MESSAGES[0]]
        assert await worker.exit_status() == -9
        worker.finish()  # nobody reads it any more, and nothing happens
        worker.stop()
        await worker.end_now()

    asyncio.run(story())


def test_orders_are_a_word_and_the_end_of_the_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        worker = await started(tmp_path, monkeypatch, "sys.exit(7 if sys.stdin.read() == 'finish\\n' else 8)")
        worker.finish()
        worker.stop()
        assert await worker.exit_status() == 7

    asyncio.run(story())


def test_a_worker_is_ended_at_once_by_an_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = f"os.write(1, {to_line(MESSAGES[0])!r})"
    hears = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # as a worker does
    program = f"import signal, time\n{hears}\ntry: {says}; time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(130)"

    async def story() -> None:
        worker = await started(tmp_path, monkeypatch, program)
        assert await anext(worker.messages()) == MESSAGES[0]
        await worker.end_now()
        assert await worker.exit_status() == 130

    asyncio.run(story())
