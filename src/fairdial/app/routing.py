"""Which line and number each claimed contact is asked for with; the dialer knows contacts and permits only.

What routing holds back is given back to the ledger with why and until when. A run waits while its lines are out, and ends when
none of them could be used for too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from fairdial.core.pacing.breaker import State
from fairdial.core.pacing.limits import LineRoom
from fairdial.core.pacing.routing import Held, Route, blocked_until, route
from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.errors import LineError
from fairdial.ledger.calls import claims
from fairdial.ledger.calls.facts import Task
from fairdial.ledger.calls.permits import UseOf, ask
from fairdial.ledger.database import Database
from fairdial.ledger.lines import give_back_trials, take_trials
from fairdial.ledger.routes import WAITED_FOR, Choice, held_back, hold, read_choice, read_lines, release
from fairdial.packs import calendar_of
from fairdial.tenant_law import LivingLaw


class Routing:
    """The dialer's `claim`, `ask` and `held_elsewhere` for one run in one process, and what its lines take."""

    def __init__(
        self, database: Database, task: Task, law: LivingLaw, *, worker: str, patience_s: float, stays: bool
    ) -> None:
        self._database, self._task, self._law, self._worker = database, task, law, worker
        self._patience_s, self._stays = patience_s, stays
        self._out_since: float | None = None
        self._were_all_held = False
        self._is_blocked = False

    async def claim(self, count: int) -> list[Claimed]:
        """Claim contacts unless none of the campaign could go anywhere."""
        if await self._is_nothing_free():
            return []
        return await claims.claim(self._database, self._task, count=count, worker=self._worker)

    async def held_elsewhere(self) -> int:
        """What the run waits for: contacts of other workers, those held back for a short while, whoever is due when no number is free."""
        elsewhere = await claims.held_elsewhere(self._database, self._task, worker=self._worker)
        back = await held_back(self._database, self._task)
        return elsewhere + back + (await claims.due_now(self._database, self._task, most=1) if self._is_blocked else 0)

    async def ask(self, contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
        """Ask the gate, over the line and with the number of each contact; those held back have no answer."""
        choice = await read_choice(self._database, self._task, contacts)
        routes = route(choice.contacts, lines=choice.lines, callers=choice.callers, now=choice.now)
        held = {contact: found for contact, found in routes.items() if isinstance(found, Held)}
        await hold(self._database, self._task, held, worker=self._worker)
        self._were_all_held = len(held) == len(routes)
        answers: dict[int, tuple[Verdict, Permit | None]] = {}
        for way in dict.fromkeys(found for found in routes.values() if isinstance(found, Route)):
            group = [one for one in contacts if routes.get(one.contact_id) == way]
            answers |= await self._ask_over(way, group, choice)
        return answers

    async def _ask_over(
        self, way: Route, group: Sequence[Claimed], choice: Choice
    ) -> dict[int, tuple[Verdict, Permit | None]]:
        granted = await self._granted(way, len(group))
        asked = group[:granted]
        task = replace(self._task, line=way.line, caller_number=way.caller)
        answers = await ask(
            self._database,
            asked,
            task,
            self._law.packs,
            calendar_of,
            worker=self._worker,
            use=self._use_of(way, choice),
        )
        if way.is_trial:
            made = sum(answer.permit is not None for answer in answers.values())
            await give_back_trials(self._database, way.line, unused=granted - made)
        if granted < len(group):  # another worker took the trials meanwhile: routed anew when claimed again
            left = [one.contact_id for one in group[granted:]]
            await release(self._database, self._task, left, worker=self._worker)
        return {contact: (answer.verdict, answer.permit) for contact, answer in answers.items()}

    async def _granted(self, way: Route, wanted: int) -> int:
        if not way.is_trial:
            return wanted
        return await take_trials(self._database, way.line, wanted=wanted)

    @staticmethod
    def _use_of(way: Route, choice: Choice) -> UseOf:
        caller = next(one for one in choice.callers if one.number == way.caller)
        return UseOf(caller=caller, areas={one.contact_id: one.region for one in choice.contacts})

    async def _is_nothing_free(self) -> bool:
        """Whether claiming would only turn the list over: asked after everybody claimed was held back."""
        self._is_blocked = False
        if not self._were_all_held:
            return False
        choice = await read_choice(self._database, self._task, [])
        until = blocked_until(choice.lines, choice.callers, now=choice.now)
        self._is_blocked = until is not None and until - choice.now <= WAITED_FOR
        return until is not None

    async def lines(self) -> list[LineRoom]:
        """What the campaign's lines take now; one that is out, or not let for this, takes nothing.

        Raises:
            LineError: No line could be used for `patience_s`, or none is let for this and the run does not stay.
        """
        found = await read_lines(self._database, self._task)
        barred = [line.name for line in found.states if not line.is_permitted]
        out = [line for line in found.states if line.breaker.state is State.OPEN]
        if barred and len(barred) == len(found.states) and not self._stays:
            raise LineError(
                f"{_barred(barred)}; the rest of the list is left for later. 线路资质或用途不符,其余客户留待以后"
            )
        unusable = {*barred, *(line.name for line in out)}
        if len(unusable) < len(found.states):
            self._out_since = None
        else:
            now = asyncio.get_running_loop().time()
            self._out_since = self._out_since or now
            if now - self._out_since >= self._patience_s:
                faults = "; ".join(f"{one.name} {', '.join(one.breaker.faults)}" for one in out)
                why = [f"the line does not answer: {faults}"] if out else []
                raise LineError(
                    f"{'; '.join([*why, *([_barred(barred)] if barred else [])])}; no line of the campaign could be used for"
                    f" {self._patience_s:g} s, and the rest of the list is left for later (`fairdial line health`)."
                    " 线路无法使用,其余客户留待以后"
                )
        return [LineRoom(free=0) if name in unusable else use.room for name, use in found.uses.items()]


def _barred(lines: Sequence[str]) -> str:
    return (
        f"{', '.join(lines)}: not let for this purpose, or its documents have ended; put it right with"
        " `fairdial line set NAME --purpose … --documents-until …`"
    )
