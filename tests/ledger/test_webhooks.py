"""The operator's systems are told of every call that is over: once it is committed, until they have taken it, and no names."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from fairdial.app.webhooks import tell_due
from fairdial.cli.main import app
from fairdial.core.policy.case import Level
from fairdial.core.webhook import headers_of
from fairdial.errors import AccessError, InputError
from fairdial.ledger.calls.attempts import end_attempt, lose_attempt
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import record_refusal
from fairdial.ledger.webhooks import add_webhook, has_due, remove_webhook, tell_again, webhooks
from tests.campaign.test_dialer import RECORD
from tests.core.cases import CN_MORNING
from tests.ledger.receiver import Receiver, receiving
from tests.ledger.stories import TENANT, ask_all, campaign, ledger, one, person, run_of, whole_database

WHO = person(1).number


def told(url: str, story: Callable[[Database, Receiver], Awaitable[None]]) -> None:
    async def telling() -> None:
        with receiving() as receiver:
            async with ledger(url) as database:
                await story(database, receiver)

    asyncio.run(telling())


async def dialled(database: Database, *people: int) -> list[int]:
    """Attempts on their way, each to one of these people."""
    await campaign(database, [person(n) for n in people])
    found = []
    for asked in await ask_all(database, await run_of(database)):
        assert asked.permit is not None
        await redeem(database, asked.permit)
        found.append(asked.permit.attempt_id)
    return found


async def added(database: Database, receiver: Receiver, *, name: str = "crm", names_person: bool = False) -> str:
    made = await add_webhook(
        database, tenant=TENANT, name=name, url=receiver.url, names_person=names_person, by="李合规"
    )
    return made.secret


async def later(database: Database) -> None:
    """As if the waits of all jobs were over."""
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE jobs.procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))


def test_a_call_that_ends_is_told_of_once_signed_and_without_a_name(database_url: str) -> None:
    async def story(database: Database, receiver: Receiver) -> None:
        secret = await added(database, receiver)
        [attempt] = await dialled(database, 1)
        await record_refusal(database, attempt_id=attempt, kind="hard", words="别打了", understood_at=CN_MORNING)
        assert not await has_due(database), "nobody is told of a call that goes on"
        await end_attempt(database, attempt_id=attempt, record=replace(RECORD, grade="F", outcome="refused"))
        await end_attempt(database, attempt_id=attempt, record=RECORD)  # as after an answer that was lost
        for _ in range(2):
            await tell_due(database)
        [message], [headers], [body] = receiver.told, receiver.headers, receiver.bodies
        assert message["type"] == "call.ended" and message["data"]["attempt"] == attempt
        assert message["data"]["grade"] == "F" and message["data"]["refused"] is True
        assert (message["data"]["campaign"], message["data"]["list"], message["data"]["line_no"]) == (
            "renewal",
            "renewal",
            2,
        )
        expected = headers_of(secret, message=f"call-{attempt}-ended", at=int(headers["webhook-timestamp"]), body=body)
        assert expected.items() <= headers.items()
        assert WHO not in str(message) and "王" not in str(message) and not await has_due(database)
        [listed] = await webhooks(database, tenant=TENANT)
        assert (listed["waiting"], listed["given_up"], listed["failure"]) == (0, 0, None) and listed["told_at"]
        assert secret not in str(listed) and receiver.url not in await whole_database(database)

    told(database_url, story)


def test_names_go_where_somebody_who_may_read_them_sends_them_until_they_are_erased(database_url: str) -> None:
    async def story(database: Database, receiver: Receiver) -> None:
        with pytest.raises(AccessError):
            await added(database, receiver, names_person=True)
        await set_reader(database, tenant=TENANT, name="李合规", level=Level.PRIVATE, by="王经理")
        await added(database, receiver, names_person=True)
        for attempt in await dialled(database, 1, 2):
            await end_attempt(database, attempt_id=attempt, record=RECORD)
        await erase(database, tenant=TENANT, number=person(2).number, by="李合规", reason="本人要求")
        await tell_due(database)
        persons = sorted(str(message["data"]["person"]) for message in receiver.told)
        assert persons == [str({"number": WHO, "name": "王", "title": "女士"}), "{}"]

    told(database_url, story)


def test_every_system_is_told_of_every_call_also_of_one_that_was_lost_and_nobody_where_none_is(
    database_url: str,
) -> None:
    async def story(database: Database, receiver: Receiver) -> None:
        before, ended, lost = await dialled(database, 1, 2, 3)
        await end_attempt(database, attempt_id=before, record=RECORD)
        assert await one(database, "SELECT count(*) FROM jobs.procrastinate_jobs") == 0
        await added(database, receiver)
        await added(database, receiver, name="bi")
        await end_attempt(database, attempt_id=ended, record=RECORD)
        await lose_attempt(database, attempt_id=lost)
        await tell_due(database)
        assert sorted(receiver.ids) == sorted([f"call-{ended}-ended", f"call-{lost}-unknown"] * 2)

    told(database_url, story)


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_message_that_is_not_taken_comes_again_under_the_same_id(database_url: str, status: int) -> None:
    """A redirection is not followed: the message is for the address that was given."""

    async def story(database: Database, receiver: Receiver) -> None:
        receiver.answers = [status, 204]
        await added(database, receiver)
        [attempt] = await dialled(database, 1)
        await end_attempt(database, attempt_id=attempt, record=RECORD)
        await tell_due(database)
        assert receiver.ids == [f"call-{attempt}-ended"] and not await has_due(database), "it waits for its time"
        [listed] = await webhooks(database, tenant=TENANT)
        assert (listed["waiting"], listed["failure"]) == (1, f"HTTP {status}")
        await later(database)
        await tell_due(database)
        assert receiver.ids == [f"call-{attempt}-ended"] * 2
        [listed] = await webhooks(database, tenant=TENANT)
        assert (listed["waiting"], listed["failure"]) == (0, None)

    told(database_url, story)


def test_what_was_given_up_is_told_when_somebody_says_so_and_what_was_removed_never(database_url: str) -> None:
    async def story(database: Database, receiver: Receiver) -> None:
        receiver.answers = [500]
        await added(database, receiver)
        first, second = await dialled(database, 1, 2)
        await end_attempt(database, attempt_id=first, record=RECORD)
        async with database.transaction() as connection:
            await connection.execute(text("UPDATE jobs.procrastinate_jobs SET attempts = 99"))
        await tell_due(database)
        [listed] = await webhooks(database, tenant=TENANT)
        assert (listed["waiting"], listed["given_up"]) == (0, 1)
        receiver.answers = [204]
        assert await tell_again(database, tenant=TENANT, name="crm") == 1
        await tell_due(database)
        assert receiver.ids == [f"call-{first}-ended"] * 2
        await end_attempt(database, attempt_id=second, record=RECORD)
        await remove_webhook(database, tenant=TENANT, name="crm", by="王运营")
        await tell_due(database)
        assert len(receiver.ids) == 2 and await webhooks(database, tenant=TENANT) == []
        assert await one(database, "SELECT count(*) FROM webhook WHERE sealed IS NOT NULL") == 0
        with pytest.raises(InputError, match="not known"):
            await remove_webhook(database, tenant=TENANT, name="crm", by="王运营")
        kinds = "SELECT string_agg(kind, ' ' ORDER BY id) FROM event WHERE kind LIKE 'webhook%'"
        assert await one(database, kinds) == "webhook.add webhook.remove"

    told(database_url, story)


def test_what_a_process_was_telling_when_it_was_killed_is_told_by_another(database_url: str) -> None:
    async def story(database: Database, receiver: Receiver) -> None:
        receiver.answers = [None, 204]
        await added(database, receiver)
        [attempt] = await dialled(database, 1)
        await end_attempt(database, attempt_id=attempt, record=RECORD)
        telling = subprocess.Popen([sys.executable, "-c", TELLS, database_url])
        while not receiver.ids:
            await asyncio.sleep(0.05)
        telling.kill()
        telling.wait()
        assert not await has_due(database), "it may be alive yet"
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
            )
        await tell_due(database)
        assert receiver.ids == [f"call-{attempt}-ended"] * 2

    told(database_url, story)


TELLS = (
    "import asyncio, sys; from fairdial.app.webhooks import tell_due; from tests.ledger.stories import ledger\n"
    "async def main():\n"
    "    async with ledger(sys.argv[1]) as database: await tell_due(database)\n"
    "asyncio.run(main())"
)


def test_a_webhook_is_added_tried_listed_and_removed_on_the_command_line(installation: None, tmp_path: Path) -> None:
    def run(*arguments: str, ok: bool = True) -> str:
        done = CliRunner().invoke(app, ["webhook", *arguments])
        assert (done.exception is None) is ok, (done.output, done.exception)
        return done.output if ok else str(done.exception)

    assert CliRunner().invoke(app, ["rehearsal", "clock", "2026-01-05T10:00"]).exception is None
    with receiving() as receiver:
        secret: Any = json.loads(run("add", "crm", "--url", receiver.url, "--by", "王运营", "--json"))["secret"]
        assert "already" in run("add", "crm", "--url", receiver.url, "--by", "王运营", ok=False)
        refused = run("add", "far", "--url", "http://crm.example.com/?token=abc", "--by", "王运营", ok=False)
        assert "https" in refused and "abc" not in refused
        run("add", "far", "--url", "https://crm.example.com/?token=abc", "--by", "王运营")
        shown = run("list")
        assert "https://crm.example.com/" in shown and "abc" not in shown and "never told" in shown
        run("remove", "far", "--by", "王运营")
        assert "taken" in run("try", "crm")
        [headers], [body] = receiver.headers, receiver.bodies
        assert (
            headers_of(secret, message=headers["webhook-id"], at=int(headers["webhook-timestamp"]), body=body).items()
            <= headers.items()
        )
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60, "a rehearsal's clock is not the receiver's"
        receiver.answers = [503]
        assert "HTTP 503" in run("try", "crm", ok=False)
        [listed] = json.loads(run("list", "--json"))
        assert listed["name"] == "crm" and listed["url"] == receiver.url
        assert "0 calls" in run("retry", "crm") and "removed" in run("remove", "crm", "--by", "王运营")
        assert json.loads(run("list", "--json")) == []
