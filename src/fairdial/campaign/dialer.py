"""The dialer worker: claim, ask the gate, start the call; one run of one campaign."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from fairdial.core.call_record import CallEnd, CallRecord
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome
from fairdial.errors import FairdialError, LedgerError, PermitError

_log = logging.getLogger(__name__)

RENEW_S = 5.0
"""Seconds between two renewals of this worker's leases (a third of `permits.LEASE`)."""

GOODBYE_S = 15.0
"""Seconds the living calls get to say goodbye when the campaign is stopped."""

LEDGER_PATIENCE_S = 60.0
"""Seconds a run waits for a ledger that is out of reach; living calls go on meanwhile."""

_IDLE_S = 1.0
MOST_CLAIMED = 16
"""Contacts claimed and asked for at once; what they are given must be dialled within the life of a permit."""


class Calls(Protocol):
    """One living call."""

    async def run(self) -> CallRecord: ...

    def stop(self) -> None: ...

    def withdraw(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the dialer needs of the other rooms; `fairdial.app` joins it.

    Attributes:
        renew: Keeps this worker's claims and the attempts of living calls alive. The attempt of a call that failed is not
            among them: its lease runs out and it becomes unknown; renewed, it would let other workers wait for ever.
    """

    claim: Callable[[int], Awaitable[list[Claimed]]]
    ask: Callable[[Sequence[Claimed]], Awaitable[dict[int, tuple[Verdict, Permit | None]]]]
    place: Callable[[Permit], Awaitable[Calls]]
    give_back: Callable[[Permit], Awaitable[None]]
    renew: Callable[[Sequence[int]], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]
    held_elsewhere: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told of the run's progress: how many there are, each verdict, each end, each worker that died and of what."""

    began: Callable[[int], None] = field(default=lambda _contacts: None)
    asked: Callable[[int, Outcome], None] = field(default=lambda _contact, _outcome: None)
    ended: Callable[[int, CallEnd], None] = field(default=lambda _contact, _end: None)
    lost: Callable[[str], None] = field(default=lambda _cause: None)


class Dialer:
    """Runs one campaign once; `stop` ends it early and politely."""

    def __init__(self, hands: Hands, *, capacity: int, watcher: Watcher) -> None:
        self._hands = hands
        self._capacity = capacity
        self._watcher = watcher
        self._living: dict[asyncio.Task[None], tuple[Permit, Calls]] = {}
        self._stopping = asyncio.Event()
        self._is_finishing = False
        self._unasked: list[Claimed] = []
        self._permits: list[Permit] = []

    @property
    def was_stopped(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Start no more calls; let the living ones say goodbye."""
        self._stopping.set()
        for _, call in self._living.values():
            call.stop()

    def finish(self) -> None:
        """Start no more calls; the living ones go on to their end."""
        self._is_finishing = True

    @property
    def _starts_no_more(self) -> bool:
        return self._stopping.is_set() or self._is_finishing

    def refused(self, person_id: int) -> None:
        """A person has refused, anywhere: nothing more is set up for them; the gate keeps it so."""
        self._unasked = [one for one in self._unasked if one.person_id != person_id]
        for permit, call in self._living.values():
            if permit.person_id == person_id:
                call.withdraw()

    async def run(self) -> None:
        """Ask for every contact of the run once and carry its calls to their end."""
        async with self._keeping_leases():
            try:
                await self._rounds()
            finally:  # whatever ended the rounds, nobody is cut off in mid-sentence
                await self._wait_for_living()

    async def _rounds(self) -> None:
        """Claim, ask and start until nothing is left, the run is stopped, or the lines or the ledger stay away."""
        away_since: float | None = None
        loop = asyncio.get_running_loop()
        await self._hands.settle()
        while not self._starts_no_more:
            try:
                if not await self._one_round():
                    return
                away_since = None
            except LedgerError:
                away_since = away_since or loop.time()
                if loop.time() - away_since > LEDGER_PATIENCE_S:
                    raise
                await self._rest()

    async def _one_round(self) -> bool:
        """Claim and start what fits; False when nothing is left to do."""
        free = self._capacity - len(self._living)
        if not self._unasked and not self._permits and free:
            self._unasked = await self._hands.claim(min(free, MOST_CLAIMED))
        if self._unasked or self._permits:
            await self._ask()
            await self._start_permitted()
            return True
        if not self._living and not await self._hands.held_elsewhere():
            return False
        await self._hands.settle()
        await self._rest()
        return True

    async def _ask(self) -> None:
        """Ask for what is claimed; whom a lost ledger leaves unasked stays ours, and is asked when it is back."""
        if not self._unasked or self._starts_no_more:
            return
        for contact, (verdict, permit) in (await self._hands.ask(self._unasked)).items():
            self._watcher.asked(contact, verdict.outcome)
            if permit is not None:
                self._permits.append(permit)
        self._unasked = []

    async def _start_permitted(self) -> None:
        """Start the calls that are permitted; what an end of the run leaves is given back."""
        while self._permits:
            permit = self._permits[0]
            if self._starts_no_more:
                await self._hands.give_back(permit)
            else:
                await self._start(permit)
            self._permits.pop(0)

    async def _start(self, permit: Permit) -> None:
        call = await self._hands.place(permit)
        if self._starts_no_more:
            await self._hands.give_back(permit)
            return
        task = asyncio.create_task(self._carry(call, permit), name=f"call-{permit.attempt_id}")
        self._living[task] = (permit, call)
        task.add_done_callback(self._bury)

    def _bury(self, task: asyncio.Task[None]) -> None:
        self._living.pop(task)
        if not task.cancelled() and (defect := task.exception()):
            _log.error("%s ended by a defect; it will be counted as unknown", task.get_name(), exc_info=defect)

    async def _carry(self, call: Calls, permit: Permit) -> None:
        try:
            record = await call.run()
        except PermitError:
            _log.warning("attempt %s: the permit could not be spent; nothing was dialled", permit.attempt_id)
            await self._hands.give_back(permit)
        except FairdialError as error:
            _log.error("attempt %s: %s; it will be counted as unknown", permit.attempt_id, error.code)
        else:
            self._watcher.ended(permit.contact_id, record.end)

    async def _rest(self) -> None:
        """Until a call ends, the run is stopped or a second has passed."""
        waiting = {*self._living, asyncio.ensure_future(self._stopping.wait())}
        _, pending = await asyncio.wait(waiting, timeout=_IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in pending - set(self._living):
            task.cancel()

    async def _wait_for_living(self) -> None:
        if not self._living:
            return
        timeout = GOODBYE_S if self._stopping.is_set() else None
        _, late = await asyncio.wait(set(self._living), timeout=timeout)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    @asynccontextmanager
    async def _keeping_leases(self) -> AsyncIterator[None]:
        async def renewing() -> None:
            while True:
                await asyncio.sleep(RENEW_S)
                try:
                    await self._hands.renew([permit.attempt_id for permit, _ in self._living.values()])
                except LedgerError as error:
                    _log.warning("leases not renewed: %s", error.code)

        task = asyncio.create_task(renewing(), name="leases")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
