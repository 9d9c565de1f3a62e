"""Living calls are told as they change: by one watcher to all viewers, words only to whoever may read them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from fairdial.core.access.roles import Role
from fairdial.core.live_call import LiveCall, Stage
from fairdial.core.policy.case import Level
from fairdial.ledger.calls.live import LiveFeed
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.runs import only_run
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import record_refusal
from fairdial.web.asking import CSRF_HEADER
from tests.console.served import Served, served
from tests.ledger.stories import TENANT, ask_all, campaign, one, person, run_of

LIVE = "/api/v1/campaigns/renewal/live"
OURS, THEIRS = "您的车险快到期了", "多少钱啊"


@dataclass
class Living:
    """A served campaign with two people being called, and the feed of the process that calls them."""

    there: Served
    feed: LiveFeed

    def tells(self, call: LiveCall) -> None:
        self.there.loop.call_soon_threadsafe(self.feed.tell, call)

    @contextmanager
    def browser(self, name: str, role: Role = Role.OPERATOR, level: Level | None = None) -> Iterator[httpx.Client]:
        """Somebody signed in; without a level they read what is general."""
        token = self.there.link_for(name, [role]).rpartition("#")[2]
        if level is not None:
            database = self.there.there.app.database
            self.there.do(set_reader(database, tenant=TENANT, name=name, level=level, by="王经理"))
        with httpx.Client(base_url=self.there.base, timeout=20) as browser:
            browser.headers[CSRF_HEADER] = browser.post("/api/v1/session/link", json={"token": token}).json()["csrf"]
            yield browser

    def count(self, kind: str) -> object:
        return self.there.do(one(self.there.there.app.database, "SELECT count(*) FROM event WHERE kind = :k", k=kind))


@contextmanager
def living(url: str, *, people: int = 2) -> Iterator[Living]:
    async def begins() -> LiveFeed:
        database = there.there.app.database
        await campaign(database, [person(index) for index in range(people)])
        await held.enter_async_context(only_run(database, tenant=TENANT, campaign="renewal"))
        task = await run_of(database)
        for asked in await ask_all(database, task):
            assert asked.permit is not None
            await redeem(database, asked.permit)
        feed = LiveFeed(database, campaign_id=task.campaign_id)
        running.append(asyncio.create_task(feed.run()))
        return feed

    async def ends() -> None:
        running[0].cancel()
        await held.aclose()

    running: list[asyncio.Task[None]] = []
    held = AsyncExitStack()
    with served(url) as there:
        yield Living(there, there.do(begins()))
        there.do(ends())


Event = tuple[str, str, Any]


@contextmanager
def watching(browser: httpx.Client, last: str | None = None) -> Iterator[Iterator[Event]]:
    """Events as kind, id, data."""

    def read() -> Iterator[Event]:
        kind = number = ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                number = value
            elif name == "data":
                yield kind, number, json.loads(value)

    with browser.stream("GET", LIVE, headers={} if last is None else {"Last-Event-ID": last}) as stream:
        assert stream.status_code == 200
        yield read()


def talking(number: int, **what: Any) -> LiveCall:
    return LiveCall(attempt_id=number, stage=Stage.TALKING, answered_at="2026-11-26T02:00:00+00:00", **what)


def until(events: Iterator[Event], **wanted: Any) -> dict[str, Any]:
    """The next changed call that has all of this."""
    for kind, _, call in events:
        if kind == "call" and all(call.get(name) == value for name, value in wanted.items()):
            return dict(call)
    raise AssertionError("the stream ended")


def test_words_appear_as_they_are_said_and_are_kept_nowhere(database_url: str) -> None:
    with (
        living(database_url) as calls,
        calls.browser("li", level=Level.PRIVATE) as browser,
        watching(browser) as events,
    ):
        kind, _, first = next(events)
        assert kind == "calls" and first["is_whole"] and not first["is_withheld"]
        assert {(call["number"], call["state"]) for call in first["calls"]} == {
            ("+86154****0000", "dialing"), ("+86154****0001", "dialing"),
        }  # fmt: skip
        calls.tells(talking(1, step="offer", said=OURS))
        assert until(events, said=OURS)["answered_at"] == "2026-11-26T02:00:00+00:00"
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS[:2], is_final=False, said_last=False))
        assert until(events, heard=THEIRS[:2])["meaning"] is None
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS, meaning="ask_price", said_last=False))
        assert until(events, heard=THEIRS)["meaning"] == "ask_price"
        rows = calls.there.do(one(calls.there.there.app.database, "SELECT count(*) FROM turn"))
        assert (rows, calls.count("live.read")) == (0, 1), "one reading, however many words"


def test_who_may_read_what_is_general_is_told_everything_but_the_words(database_url: str) -> None:
    with living(database_url) as calls, calls.browser("li") as browser, watching(browser) as events:
        assert next(events)[2]["is_withheld"]
        calls.tells(talking(1, step="offer", said=OURS, heard=THEIRS, meaning="ask_price"))
        call = until(events, meaning="ask_price")
        assert call["step"] == "offer" and OURS not in str(call) and THEIRS not in str(call)
        assert (calls.count("live.read"), calls.count("read.refused")) == (0, 0), "no words were asked for or given"


def test_many_viewers_have_one_watcher(database_url: str) -> None:
    with living(database_url) as calls, ExitStack() as open_ones:
        browser = open_ones.enter_context(calls.browser("li", level=Level.PRIVATE))
        views = [open_ones.enter_context(watching(browser)) for _ in range(12)]
        for events in views:
            next(events)
        calls.tells(talking(2, step="offer", said=OURS))
        assert {until(events, said=OURS)["id"] for events in views} == {2}
        listening = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN fairdial_live'"
        with psycopg.connect(database_url) as owner:
            assert owner.execute(listening).fetchone() == (1,)


def test_who_was_away_is_told_what_changed_and_a_stranger_everything(database_url: str) -> None:
    with living(database_url) as calls, calls.browser("li", level=Level.PRIVATE) as browser:
        with watching(browser) as events:
            next(events)
            calls.tells(talking(1, said=OURS))
            kind, mark, call = next(events)
            assert (kind, call["id"]) == ("call", 1)
        with watching(browser) as other:
            next(other)
            calls.tells(talking(2, said=OURS))
            until(other, id=2)
        with watching(browser, last=mark) as events:
            kind, _, caught_up = next(events)
            assert not caught_up["is_whole"] and [one["id"] for one in caught_up["calls"]] == [2]
        for unknown in ("0-0", "nonsense", f"{mark}9"[:-1].replace("-", "x-")):
            with watching(browser, last=unknown) as events:
                whole = next(events)[2]
                assert whole["is_whole"] and {one["id"]: one.get("said") for one in whole["calls"]} == {
                    1: OURS,
                    2: OURS,
                }


def test_a_server_that_begins_later_knows_what_is_being_said(database_url: str) -> None:
    """Words are told, not kept: a server that was started anew asks for them."""
    with living(database_url) as calls:
        calls.tells(talking(1, said=OURS, heard=THEIRS))
        with served(database_url) as later, calls.browser("li", level=Level.PRIVATE) as browser:
            browser.base_url = httpx.URL(later.base)
            with watching(browser) as events:
                next(events)
                assert until(events, said=OURS)["heard"] == THEIRS


def test_a_call_that_ends_says_how_and_one_whose_viewer_signs_out_is_told_no_more(database_url: str) -> None:
    with (
        living(database_url) as calls,
        calls.browser("li", level=Level.PRIVATE) as browser,
        watching(browser) as events,
    ):
        next(events)
        calls.tells(talking(1, said=OURS))
        until(events, id=1)
        database = calls.there.there.app.database
        calls.there.do(ended(database))
        calls.tells(LiveCall(attempt_id=1, stage=Stage.OVER))
        call = until(events, state="ended")
        assert (call["disposition"], call["grade"], call["said"]) == ("answered", "F", OURS)
        browser.delete("/api/v1/session")
        for _ in events:  # ends by itself
            pass


async def ended(database: Any) -> None:
    now = await database.now()
    await record_refusal(database, attempt_id=1, kind="hard", words=THEIRS, understood_at=now)
    async with database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE attempt SET state = 'ended', disposition = 'answered', grade = 'F', outcome = 'refused',"
            " ended_at = fairdial_now() WHERE id = 1"
        )


def test_a_notice_that_no_feed_wrote_is_nothing(database_url: str) -> None:
    with (
        living(database_url) as calls,
        calls.browser("li", level=Level.PRIVATE) as browser,
        watching(browser) as events,
    ):
        next(events)
        for forged in ("", "not base64", "AAAABBBB" * 9):
            calls.there.do(
                one(calls.there.there.app.database, "SELECT 1 FROM pg_notify('fairdial_live', :p)", p=forged)
            )
        calls.tells(talking(1, said=OURS))
        assert until(events, said=OURS)["id"] == 1
