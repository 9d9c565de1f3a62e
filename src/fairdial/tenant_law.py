"""The law one tenant is judged by: the packs with its own adjustments, and who made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairdial.adjustments import adjustments_from
from fairdial.core.policy.adjust import adjust
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError
from fairdial.ledger.adjustments import Stored, newest_adjustments
from fairdial.ledger.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Packs by jurisdiction as a tenant has them, the version of adjustments in them, and the rules these touch."""

    packs: Mapping[str, Pack]
    stored: Stored | None = None
    adjusted: frozenset[str] = frozenset()


def adjusted_by(law: Law, rule_id: str) -> dict[str, Any] | None:
    """Who made this rule what it is, when it is not as shipped."""
    if law.stored is None or rule_id not in law.adjusted:
        return None
    return {"number": law.stored.number, "by": law.stored.set_by, "at": law.stored.set_at.isoformat()}


async def law_of(database: Database, packs: Mapping[str, Pack], *, tenant: str) -> Law:
    """Read and apply a tenant's adjustments.

    Raises:
        InputError: Today's packs do not allow them any more.
    """
    return _applied(packs, await newest_adjustments(database, tenant=tenant))


def _applied(packs: Mapping[str, Pack], stored: Stored | None) -> Law:
    if stored is None:
        return Law(packs=packs)
    adjusted = adjust(packs, adjustments_from(stored.content, packs), number=stored.number)
    touched = {rule.id for j, pack in adjusted.items() for rule in pack.rules if rule not in packs[j].rules}
    return Law(packs=adjusted, stored=stored, adjusted=frozenset(touched))


class LivingLaw:
    """The law of a tenant during a run: a newer version counts from the next `refresh` on."""

    def __init__(self, database: Database, packs: Mapping[str, Pack], *, tenant: str, law: Law) -> None:
        self._database, self._shipped, self._tenant = database, packs, tenant
        self._law: Law | InputError = law

    @property
    def packs(self) -> Mapping[str, Pack]:
        """The packs of now.

        Raises:
            InputError: The newest version does not fit the packs of this process: nothing is decided by another.
        """
        if isinstance(self._law, InputError):
            raise self._law
        return self._law.packs

    async def refresh(self) -> None:
        """Take up a newer version."""
        stored = await newest_adjustments(self._database, tenant=self._tenant)
        if not isinstance(self._law, InputError) and self._law.stored == stored:
            return
        try:
            self._law = _applied(self._shipped, stored)
        except InputError as error:
            self._law = error
