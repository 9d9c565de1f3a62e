"""Which of a million numbers have refused: every refusal in memory, followed to the last commit.

The ledger's events say what is new (docs/why/scrub.md): everything of transactions that were not finished at the
last look is read again, so nothing is missed in whatever order transactions commit, and reading twice adds nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.people_by_key import KEY_BYTES, NOBODY, People, PeopleByKey, keys_of
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.core.policy.scrub import Reach, is_refused
from fairdial.ledger.database import Database
from fairdial.ledger.facts import Said, read_said
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.person_key import HASH_BYTES, PersonKey

_PEOPLE_A_READ = 200_000
_NUMBERS_A_PART = 100_000

_ENTRY = np.dtype([("key", f"V{KEY_BYTES}"), ("person", ">i4")])
"""How the statements below put a key and its person together."""

_KEYS = (
    "SELECT r.scope, r.tenant_id, r.purpose, string_agg("
    f"substr(decode(n.number_key, 'hex'), 1, {KEY_BYTES}) || int4send(n.person_id), ''::bytea) AS entries"
    " FROM (SELECT DISTINCT person_id, scope, tenant_id, purpose FROM refusal WHERE {among}) r"
    " JOIN (SELECT person_id, number_key FROM person_number WHERE {among}) n USING (person_id) GROUP BY 1, 2, 3"
)
"""Keys of every number of people who refused, by what their refusals reach."""

_KEYS_OF_A_SPAN = text(_KEYS.format(among="person_id > :after AND person_id <= :until"))
_KEYS_OF_PEOPLE = text(_KEYS.format(among="person_id = ANY(cast(:people AS int[]))"))
_TOUCHED = text(
    "SELECT DISTINCT cast(body ->> 'person_id' AS int) FROM event WHERE xact >= cast(cast(:since AS text) AS xid8)"
    " AND kind IN ('refusal.insert', 'person_number.insert', 'person_number.update')"
)
"""People who may have refused, or got a number, since a moment."""

_OLDEST_OPEN = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")

_NOBODY_YET = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Who asks, for which calls, when."""

    tenant_id: int
    purpose: Purpose
    now: datetime

    def is_bound_by(self, reach: Reach) -> bool:
        return reach.binds(tenant_id=self.tenant_id, purpose=self.purpose, now=self.now)

    def is_refused_by(self, said: Said) -> bool:
        return is_refused(said.refusals, said.consents, purpose=self.purpose, now=self.now)


class Scrub:
    """Find who refused, in bulk and exactly; one for a process, shared by all its tenants.

    The first look reads every refusal of the installation, each later one what was committed since. A preview and a
    filter: it permits no call. Memory: about 27 bytes a refused number.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people: dict[Reach, PeopleByKey] = {}
        self._since: str | None = None
        self._looking = asyncio.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of memory the keys take."""
        return sum(people.nbytes for people in self._people.values())

    async def catch_up(self, done: Callable[[float], object] = lambda _share: None) -> None:
        """Read what was committed since the last look; every refusal when it is the first.

        A refusal that was committed before this is called is known after it.

        Args:
            done: Called while everything is read, with the share that is done, in [0, 1].

        Raises:
            LedgerError: The database cannot be reached; the next look begins where this one did.
        """
        async with self._looking, self._database.transaction() as connection:
            # Marked before anything is read: what commits meanwhile is read again at the next look.
            open_now: str = (await connection.execute(_OLDEST_OPEN)).scalar_one()
            if self._since is None:
                await self._add(await _all_keys(connection, done))
            else:
                touched = (await connection.execute(_TOUCHED, {"since": self._since})).scalars().all()
                if touched:
                    await self._add(await connection.execute(_KEYS_OF_PEOPLE, {"people": touched}))
            self._since = open_now

    async def refused(self, numbers: Sequence[str], *, tenant: str, purpose: Purpose) -> npt.NDArray[np.bool_]:
        """Say of each number whether its person has refused calls of this tenant for this purpose.

        A refusal that was committed before this is called is seen.

        Args:
            numbers: E.164.

        Returns:
            Shape (n,), in the order of the numbers; True where the gate would deny because of a refusal.
        """
        await self.catch_up()
        async with self._database.transaction() as connection:
            owner = await tenant_id(connection, tenant)
            now = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
        asking = _Asking(tenant_id=owner, purpose=purpose, now=now)
        binding = [people for reach, people in self._people.items() if asking.is_bound_by(reach)]
        answers, found = [], _NOBODY_YET
        for part in [*_parts(numbers), ()]:  # while the database reads the consents of a part, the next is hashed
            next_found, answer = await asyncio.gather(
                asyncio.to_thread(_find, self._database.person_key, part, binding), self._unlifted(found, asking)
            )
            answers.append(answer)
            found = next_found
        return np.concatenate(answers)

    async def _unlifted(self, found: People, asking: _Asking) -> npt.NDArray[np.bool_]:
        """Whether there is a person whose refusal no consent has lifted."""
        hit: npt.NDArray[np.bool_] = found != NOBODY
        if not hit.any():
            return hit
        async with self._database.transaction() as connection:
            said = await read_said(connection, np.unique(found[hit]).tolist(), asking.tenant_id)
        lifted = [s.person_id for s in said if not asking.is_refused_by(s)]
        return hit & ~np.isin(found, lifted)

    async def _add(self, rows: Iterable[Any]) -> None:
        """Sort keys in by what their refusals reach; off the loop, for it may take seconds."""
        entries: dict[Reach, list[bytes]] = defaultdict(list)
        for row in rows:
            purpose = Purpose(row.purpose) if row.purpose else None
            entries[Reach.of(RefusalScope(row.scope), row.tenant_id, purpose)].append(row.entries)
        for reach, parts in entries.items():
            known = self._people.get(reach) or PeopleByKey.nobody()
            self._people[reach] = await asyncio.to_thread(_added, known, b"".join(parts))


async def _all_keys(connection: AsyncConnection, done: Callable[[float], object]) -> list[Any]:
    last: int = (await connection.execute(text("SELECT coalesce(max(person_id), 0) FROM refusal"))).scalar_one()
    rows: list[Any] = []
    for after in range(0, last, _PEOPLE_A_READ):
        span = {"after": after, "until": after + _PEOPLE_A_READ}
        rows += await connection.execute(_KEYS_OF_A_SPAN, span)
        done(min(1.0, span["until"] / last))
    return rows


def _added(known: PeopleByKey, entries: bytes) -> PeopleByKey:
    person = np.frombuffer(entries, dtype=_ENTRY)["person"].astype(np.int32)
    return known.added(keys_of(entries, each=_ENTRY.itemsize), person)


def _parts(numbers: Sequence[str]) -> Iterable[Sequence[str]]:
    return (numbers[begin : begin + _NUMBERS_A_PART] for begin in range(0, len(numbers), _NUMBERS_A_PART))


def _find(person_key: PersonKey, numbers: Sequence[str], binding: Sequence[PeopleByKey]) -> People:
    """The person of each number who refused in one of these reaches."""
    keys = keys_of(person_key.of_all(numbers), each=HASH_BYTES)
    found = np.full(len(numbers), NOBODY, dtype=np.int32)
    for people in binding:
        left = np.flatnonzero(found == NOBODY)
        found[left] = people.find(keys[:, left])
    return found
