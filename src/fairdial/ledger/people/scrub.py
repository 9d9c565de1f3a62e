"""Which of a million numbers have refused: every refusal in memory, followed to the last commit.

The ledger's events say what is new (docs/why/scrub.md): everything of transactions that were not finished at the
last look is read again, so nothing is missed in whatever order transactions commit, and reading twice adds nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.people_by_key import KEY_BYTES, NOBODY, Keys, People, PeopleByKey, keys_of
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.core.policy.scrub import Reach, is_refused
from fairdial.ledger.calls.facts import read_said
from fairdial.ledger.database import Database
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.person_key import HASH_BYTES

_PEOPLE_A_READ = 200_000
_PART = 2**17
"""Keys looked up by one thread at a time."""

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
_CONSENTED = (
    "SELECT DISTINCT c.tenant_id, c.person_id FROM consent c"
    " JOIN refusal r ON r.person_id = c.person_id AND r.understood_at < c.obtained_at"
)
"""People who gave a tenant a consent after a refusal: nobody else's can have been lifted; whether it was, the judge says."""

_ALL_CONSENTED = text(_CONSENTED)
_CONSENTED_OF_PEOPLE = text(_CONSENTED + " WHERE c.person_id = ANY(cast(:people AS int[]))")
_TOUCHED = text(
    "SELECT DISTINCT cast(body ->> 'person_id' AS int) FROM event WHERE xact >= cast(cast(:since AS text) AS xid8) AND kind IN"
    " ('refusal.insert', 'consent.insert', 'consent.update', 'person_number.insert', 'person_number.update')"
)
"""People of whom something may be new."""

_OLDEST_OPEN = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")


class Scrub:
    """Find who refused, in bulk and exactly; one for a process, shared by all its tenants.

    The first look reads every refusal of the installation, each later one what was committed since. A preview and a
    filter: it permits no call. Memory: about 27 bytes a refused number.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys: dict[Reach, PeopleByKey] = {}
        self._consented: dict[int, set[int]] = defaultdict(set)
        self._since: str | None = None
        self._looking = asyncio.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of memory the keys take."""
        return sum(people.nbytes for people in self._keys.values())

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
                await self._add(await _all_keys(connection, done), await connection.execute(_ALL_CONSENTED))
            elif touched := (await connection.execute(_TOUCHED, {"since": self._since})).scalars().all():
                people = {"people": touched}
                keys = await connection.execute(_KEYS_OF_PEOPLE, people)
                await self._add(keys, await connection.execute(_CONSENTED_OF_PEOPLE, people))
            self._since = open_now

    async def refused(self, numbers: Sequence[str], *, tenant: str, purpose: Purpose) -> npt.NDArray[np.bool_]:
        """Say of each number whether its person has refused calls of this tenant for this purpose.

        A refusal that was committed before this is called is seen.

        Args:
            numbers: E.164.

        Returns:
            Shape (n,), in the order of the numbers; True where the gate would deny because of a refusal.
        """
        keys = await asyncio.to_thread(lambda: keys_of(self._database.person_key.of_all(numbers), each=HASH_BYTES))
        await self.catch_up()
        async with self._database.transaction() as connection:
            owner = await tenant_id(connection, tenant)
            now = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
            binding = [k for reach, k in self._keys.items() if reach.binds(tenant_id=owner, purpose=purpose, now=now)]
            found = await asyncio.to_thread(_find, keys, binding)
            hit = np.flatnonzero(found != NOBODY)
            doubtful = np.intersect1d(found[hit], np.fromiter(self._consented[owner], dtype=np.int32))
            said = await read_said(connection, doubtful.tolist(), owner)
        lifted = [s.person_id for s in said if not is_refused(s.refusals, s.consents, purpose=purpose, now=now)]
        still = np.zeros(len(numbers), dtype=bool)
        still[hit] = ~np.isin(found[hit], lifted)
        return still

    async def _add(self, keys: Iterable[Any], consented: Iterable[Any]) -> None:
        """Sort keys in by what their refusals reach; off the loop, for it may take seconds."""
        for row in consented:
            self._consented[row.tenant_id].add(row.person_id)
        entries: dict[Reach, list[bytes]] = defaultdict(list)
        for row in keys:
            purpose = Purpose(row.purpose) if row.purpose else None
            entries[Reach.of(RefusalScope(row.scope), row.tenant_id, purpose)].append(row.entries)
        for reach, parts in entries.items():
            known = self._keys.get(reach) or PeopleByKey.nobody()
            self._keys[reach] = await asyncio.to_thread(_added, known, b"".join(parts))


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


def _find(keys: Keys, binding: Sequence[PeopleByKey]) -> People:
    """The person of each key who refused in one of these reaches."""
    found = np.full(keys.shape[1], NOBODY, dtype=np.int32)
    for people in binding:
        left = np.flatnonzero(found == NOBODY)
        found[left] = find_in_parts(people, keys[:, left])
    return found


def find_in_parts(people: PeopleByKey, keys: Keys) -> People:
    """The person of each key, by all processors: numpy lets go of the interpreter, and a part stays in the cache."""
    parts = [keys[:, start : start + _PART] for start in range(0, keys.shape[1], _PART)]
    if len(parts) < 2:
        return people.find(keys)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return np.concatenate(list(workers.map(people.find, parts)))
