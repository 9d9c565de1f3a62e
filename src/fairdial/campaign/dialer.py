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
from fairdial.core.pacing.limits import Limit, Plan, Room, plan
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome
from fairdial.errors import FairdialError, LedgerError, PermitError

_log = logging.getLogger(__name__)

RENEW_S = 5.0
"""Seconds between two renewals of this worker's leases (a third of `leases.LEASE`)."""

GOODBYE_S = 15.0
"""Seconds the living calls get to say goodbye when the campaign is stopped."""

LEDGER_PATIENCE_S = 60.0
"""Seconds a run waits for a ledger that is out of reach; living calls go on meanwhile."""

_IDLE_S = 1.0
MOST_CLAIMED = 16
"""Contacts claimed and asked for at once; what they are given must be dialled within the life of a permit."""

PASSING = frozenset({Limit.NUMBERS, Limit.SEATS, Limit.CAMPAIGN, Limit.WORKER, Limit.RATE, Limit.LINES})
"""Limits that calls which end make room in: a run waits for it."""


class Calls(Protocol):
    """One living call."""

    async def run(self) -> CallRecord: ...

    def stop(self) -> None: ...

    def withdraw(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the dialer needs of the other rooms; `fairdial.app` joins it.

    Attributes:
        room: What there is room for, of which this worker carries so many.
        release: Frees what this worker has claimed and not asked for.
        is_due_later: Whether anybody of the campaign will be due, now or at any time.
        renew: Keeps this worker's claims and the attempts of living calls alive. The attempt of a call that failed is not
            among them: its lease runs out and it becomes unknown; renewed, it would let other workers wait for ever.
    """

    room: Callable[[int], Awaitable[Room]]
    claim: Callable[[int], Awaitable[list[Claimed]]]
    ask: Callable[[Sequence[Claimed]], Awaitable[dict[int, tuple[Verdict, Permit | None]]]]
    place: Callable[[Permit], Awaitable[Calls]]
    give_back: Callable[[Permit], Awaitable[None]]
    renew: Callable[[Sequence[int]], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]
    held_elsewhere: Callable[[], Awaitable[int]]
    is_due_later: Callable[[], Awaitable[bool]]
    release: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told of the run's progress: how many there are, each verdict, each end, what holds it, who died and of what."""

    began: Callable[[int], None] = field(default=lambda _contacts: None)
    asked: Callable[[int, Outcome], None] = field(default=lambda _contact, _outcome: None)
    ended: Callable[[int, CallEnd], None] = field(default=lambda _contact, _end: None)
    held: Callable[[Plan], None] = field(default=lambda _plan: None)
    lost: Callable[[str], None] = field(default=lambda _cause: None)


class Dialer:
    """Runs one campaign, perhaps beside others that run it too; `stop` ends its part early and politely.

    Args:
        capacity: Calls at once that this one carries; what the lines carry is `Hands.room`'s to say.
        stays: Whether it goes on until nobody will be due any more, and not only now.
    """

    def __init__(self, hands: Hands, *, capacity: int, watcher: Watcher, stays: bool = False) -> None:
        self._hands = hands
        self._capacity = capacity
        self._watcher = watcher
        self._stays = stays
        self._living: dict[asyncio.Task[None], tuple[Permit, Calls]] = {}
        self._stopping = asyncio.Event()
        self._starting_none = asyncio.Event()
        self._unasked: list[Claimed] = []
        self._permits: list[tuple[float, Permit]] = []
        """With the moment of the loop at which each may start."""
        self.was_stopped = False
        """Whether it was told to stop, or to leave, before nobody was left."""

    def stop(self) -> None:
        """Start no more calls; let the living ones say goodbye."""
        self.was_stopped = True
        self._stopping.set()
        self._starting_none.set()
        for _, call in self._living.values():
            call.stop()

    def finish(self) -> None:
        """Start no more calls; the living ones go on to their end."""
        self._starting_none.set()

    def drain(self, within_s: float) -> None:
        """Leave the run to others: start no more calls, let the living ones end, and say goodbye when they have not in time."""
        self.was_stopped = True
        self.finish()
        asyncio.get_running_loop().call_later(within_s, self.stop)

    @property
    def _starts_no_more(self) -> bool:
        return self._starting_none.is_set()

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
                with contextlib.suppress(LedgerError):  # its leases will do it
                    await self._hands.release()
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
        planned: Plan | None = None
        if not self._unasked and not self._permits:
            planned = plan(await self._hands.room(self._capacity - len(self._living)))
            self._watcher.held(planned)
            if planned.start:
                self._unasked = await self._hands.claim(min(planned.start, MOST_CLAIMED))
        if self._unasked or self._permits:
            await self._ask()
            await self._start_permitted()
            return True
        if not self._living and not await self._goes_on(planned):
            return False
        await self._hands.settle()
        await self._rest()
        return True

    async def _goes_on(self, planned: Plan | None) -> bool:
        """Whether there is something to wait for, when nothing lives here and nobody could be claimed."""
        if planned is not None and planned.held_by in PASSING and planned.room[Limit.LIST]:
            return True
        return bool(await self._hands.held_elsewhere()) or (self._stays and await self._hands.is_due_later())

    async def _ask(self) -> None:
        """Ask for what is claimed; whom a lost ledger leaves unasked stays ours, and is asked when it is back."""
        if not self._unasked or self._starts_no_more:
            return
        for contact, (verdict, permit) in (await self._hands.ask(self._unasked)).items():
            self._watcher.asked(contact, verdict.outcome)
            if permit is not None:
                self._permits.append((asyncio.get_running_loop().time() + permit.wait_s, permit))
        self._unasked = []

    async def _start_permitted(self) -> None:
        """Start the calls that are permitted, each at its slot; what an end of the run leaves is given back."""
        while self._permits:
            start_at, permit = self._permits[0]
            await self._until(start_at)
            if self._starts_no_more:
                await self._hands.give_back(permit)
            else:
                await self._start(permit)
            self._permits.pop(0)

    async def _until(self, moment: float) -> None:
        """Until this moment of the loop, or until no more calls are started."""
        wait_s = moment - asyncio.get_running_loop().time()
        if wait_s > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._starting_none.wait(), wait_s)

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
        while self._living and not self._stopping.is_set():
            await self._rest()
        if not self._living:
            return
        _, late = await asyncio.wait(set(self._living), timeout=GOODBYE_S)
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
