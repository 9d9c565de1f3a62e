"""One viewer's stream of server-sent events about a campaign's living calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fairdial.ledger.database import Database
from fairdial.web.live import Board, Hub

HEARTBEAT_S = 10.0
"""A stream says at least this often that it lives; then it is asked anew whether the viewer may still see it."""

_GATHER_S = 0.1
"""What changes within this time goes out together."""

_RETRY = "retry: 1500\n\n"
"""Milliseconds after which a browser that was cut off comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one viewer sees; `since` is the last event they had, `still_may` asks whether they may go on."""

    campaign_id: int
    since: str | None
    with_words: bool
    still_may: Callable[[], Awaitable[bool]]


async def events(hub: Hub, database: Database, view: View) -> AsyncIterator[str]:
    """The stream, until the viewer leaves, may see no more, or the server ends."""
    loop = asyncio.get_running_loop()
    async with hub.watching(view.campaign_id) as board:
        now = await database.now()
        mark = board.mark
        yield _RETRY + _first(board, view, now)
        asked_at = loop.time()
        while not hub.is_closed:
            if await board.moved(mark, within_s=HEARTBEAT_S):
                await asyncio.sleep(_GATHER_S)
                text, mark = _since(board, mark, with_words=view.with_words), board.mark
                yield text
            elif not hub.is_closed:
                yield ": still here\n\n"
            if loop.time() - asked_at >= HEARTBEAT_S:
                if not await view.still_may():
                    return
                asked_at = loop.time()


def _first(board: Board, view: View, now: datetime) -> str:
    news = board.news(view.since, with_words=view.with_words)
    calls, gone = news if news is not None else (board.whole(with_words=view.with_words), [])
    about = {"now": now.isoformat(), "is_whole": news is None, "is_withheld": not view.with_words, "gone": gone}
    data = f'{json.dumps(about)[:-1]}, "calls": [{", ".join(calls)}]}}'
    return f"event: calls\nid: {board.mark}\ndata: {data}\n\n"


def _since(board: Board, mark: str, *, with_words: bool) -> str:
    news = board.news(mark, with_words=with_words)
    calls, gone = news if news is not None else (board.whole(with_words=with_words), [])
    changed = [f"event: call\nid: {board.mark}\ndata: {call}\n\n" for call in calls]
    return "".join([*changed, *(f"event: gone\nid: {board.mark}\ndata: {number}\n\n" for number in gone)])
