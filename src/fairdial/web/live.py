"""What lives now, for everybody who watches: one watcher for the whole server, which knows each campaign's calls once.

A board holds the calls of one campaign and numbers every change; who watches it is told what is newer than what they
have, so that nobody is waited for and who was away catches up. Boards are kept a little longer than they are watched.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fairdial.app import App
from fairdial.core.access.masking import masked
from fairdial.core.live_call import LiveCall, Stage
from fairdial.errors import FairdialError
from fairdial.ledger.calls.live import ASK_S, ask, told
from fairdial.ledger.views.living import living

_log = logging.getLogger(__name__)

LINGER_S = 20.0
"""Seconds a board is kept after the last has left: who reconnects within them is told only what has changed."""

_LOOK_S = 2.0
"""The ledger is looked at as often as this, because a process that died tells nothing; a call that tells has it looked
at at once."""

_REST_S = 0.2
"""Between two looks, however much happens."""

_MOST_GONE = 2000
"""Calls that have gone, which a board remembers for those who were away."""


@dataclass(slots=True)
class _Call:
    row: dict[str, Any]
    live: LiveCall | None = None
    version: int = 0
    texts: dict[bool, str] = field(default_factory=dict)


class Board:
    """The living calls of one campaign."""

    def __init__(self, campaign_id: int) -> None:
        self.campaign_id = campaign_id
        self.viewers = 0
        self.left_at = 0.0
        self.is_stale = True
        self.is_new = True
        self._boot = secrets.token_hex(4)
        self._version = 0
        self._whole_from = 0
        self._calls: dict[int, _Call] = {}
        self._gone: dict[int, int] = {}
        self._early: dict[int, tuple[float, LiveCall]] = {}
        self._moved = asyncio.Event()

    @property
    def mark(self) -> str:
        """How far a reader is who knows everything."""
        return f"{self._boot}-{self._version}"

    @property
    def known(self) -> list[int]:
        """Calls whose number is known."""
        return list(self._calls)

    async def moved(self, since: str, *, within_s: float) -> bool:
        """Wait until something is newer than a mark, or waiting is over; whether something is."""
        if self.mark == since:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), within_s)
        return self.mark != since

    def news(self, since: str | None, *, with_words: bool) -> tuple[list[str], list[int]] | None:
        """Calls that changed since a mark, as JSON, and the ids of those that have gone; None when it is too long ago."""
        boot, _, version = (since or "").partition("-")
        if boot != self._boot or not version.isdigit() or int(version) < self._whole_from:
            return None
        seen = int(version)
        changed = [self._text(call, with_words) for call in self._calls.values() if call.version > seen]
        return changed, [number for number, at in self._gone.items() if at > seen]

    def whole(self, *, with_words: bool) -> list[str]:
        """Every call, as JSON."""
        return [self._text(call, with_words) for call in self._calls.values()]

    def take_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What the ledger says."""
        now = asyncio.get_running_loop().time()
        self.is_stale = self.is_new = False
        found = set()
        for row in rows:
            number = row["id"]
            found.add(number)
            call = self._calls.get(number)
            shown = {name: value for name, value in row.items() if name != "number"}
            if call is None:
                shown["number"] = masked(row.get("number", ""))
                _, live = self._early.pop(number, (0.0, None))
                self._calls[number] = call = _Call(row=shown, live=live)
                self._changes(call)
            elif (shown := shown | {"number": call.row["number"]}) != call.row:
                call.row = shown
                self._changes(call)
        for number in self._calls.keys() - found:
            del self._calls[number]
            self._version += 1
            self._gone[number] = self._version
        while len(self._gone) > _MOST_GONE:
            oldest = next(iter(self._gone))
            self._whole_from = self._gone.pop(oldest)
        self._early = {number: one for number, one in self._early.items() if now - one[0] < LINGER_S}
        self.let_go()

    def take_live(self, calls: Sequence[LiveCall]) -> None:
        """What a process tells of its calls."""
        now = asyncio.get_running_loop().time()
        for told_now in calls:
            call = self._calls.get(told_now.attempt_id)
            if call is None:
                self.is_stale = True
                if told_now.stage is not Stage.OVER:
                    self._early[told_now.attempt_id] = (now, told_now)
            elif told_now.stage is Stage.OVER:  # its words stay; how it ended stands in the ledger
                self.is_stale = True
            elif told_now != call.live:
                self.is_stale = self.is_stale or call.row["state"] != "dialing"
                call.live = told_now
                self._changes(call)
        self.let_go()

    def let_go(self) -> None:
        """Wake whoever waits."""
        self._moved.set()
        self._moved = asyncio.Event()

    def _changes(self, call: _Call) -> None:
        self._version += 1
        call.version = self._version
        call.texts.clear()

    @staticmethod
    def _text(call: _Call, with_words: bool) -> str:
        if with_words not in call.texts:
            call.texts[with_words] = json.dumps(_shown(call, with_words), ensure_ascii=False, default=str)
        return call.texts[with_words]


def _shown(call: _Call, with_words: bool) -> dict[str, Any]:
    live = call.live
    row = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in call.row.items()}
    if live is None:
        return row
    row["answered_at"] = row["answered_at"] or live.answered_at
    row["step"], row["meaning"], row["confidence"] = live.step, live.meaning, live.confidence
    row["is_final"], row["said_last"] = live.is_final, live.said_last
    return row | {"said": live.said, "heard": live.heard} if with_words else row


class Hub:
    """The server's one watcher; it runs while somebody watches."""

    def __init__(self, opened: App) -> None:
        self._opened = opened
        self._boards: dict[int, Board] = {}
        self._task: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()
        self._looked_at = self._asked_at = 0.0
        self.is_closed = False

    @asynccontextmanager
    async def watching(self, campaign_id: int) -> AsyncIterator[Board]:
        """The board of a campaign, kept up for as long as the block goes on."""
        board = self._boards.get(campaign_id)
        if board is None:
            board = self._boards[campaign_id] = Board(campaign_id)
        board.viewers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="live")
        if board.is_new:
            board.take_rows(await living(self._opened.database, campaign_id=campaign_id))
            await ask(self._opened.database, [campaign_id], whole=True)
        try:
            yield board
        finally:
            board.viewers -= 1
            board.left_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Watch nothing any more; whoever is watching is let go."""
        self.is_closed = True
        for board in self._boards.values():
            board.let_go()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        listening = asyncio.create_task(self._listen(), name="live-told")
        try:
            while self._boards:
                try:
                    await self._look()
                except FairdialError as error:
                    _log.warning("living calls cannot be read now: %s", error.code)
                    await asyncio.sleep(_LOOK_S)
                await asyncio.sleep(_REST_S)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stale.wait(), _LOOK_S - _REST_S)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def _look(self) -> None:
        """Read the ledger where something has changed, or after a while; ask the feeds on; put away what nobody watches."""
        now = asyncio.get_running_loop().time()
        self._stale.clear()
        for number, board in list(self._boards.items()):
            if not board.viewers and now - board.left_at > LINGER_S:
                del self._boards[number]
        is_due = now - self._looked_at >= _LOOK_S - _REST_S
        for board in list(self._boards.values()):
            if board.is_stale or is_due:
                board.is_stale = False
                board.take_rows(await living(self._opened.database, campaign_id=board.campaign_id, known=board.known))
        if is_due:
            self._looked_at = now
        if now - self._asked_at >= ASK_S and self._boards:
            self._asked_at = now
            await ask(self._opened.database, self._boards, whole=False)

    async def _listen(self) -> None:
        async for heard in told(self._opened.database):
            if heard == "again":
                with contextlib.suppress(FairdialError):
                    await ask(self._opened.database, self._boards, whole=True)
            elif (board := self._boards.get(heard.campaign_id)) is not None:
                board.take_live(heard.calls)
                if board.is_stale:
                    self._stale.set()
