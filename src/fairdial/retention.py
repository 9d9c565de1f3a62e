"""Files of recordings and rows of the ledger, removed together: when their time is over, or a person asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairdial.core.policy.pack import Pack
from fairdial.ledger.database import Database
from fairdial.ledger.people.person import erase, recordings_of
from fairdial.ledger.people.retention import plan_retention, remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Rows removed by part, and recordings that are over but whose files were not found."""

    counts: Mapping[str, int]
    not_found: tuple[str, ...]


async def run_retention(
    database: Database,
    packs: Mapping[str, Pack],
    *,
    tenant: str,
    recordings: Path,
    by: str,
    missing_are_gone: bool = False,
) -> Removed:
    """Remove what is over. A file goes before its row, so that nothing is left that nobody knows of.

    A recording whose file is not in `recordings` stays on record, unless `missing_are_gone`; may be repeated.
    """
    plan = await plan_retention(database, packs, tenant=tenant)
    removed, not_found = await asyncio.to_thread(unlink_recordings, recordings, plan.recordings)
    gone = [*removed, *(not_found if missing_are_gone else ())]
    counts = await remove(database, packs, tenant=tenant, files_gone=gone, by=by)
    return Removed(counts=counts, not_found=() if missing_are_gone else tuple(not_found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What is left of a person, refusals found by keyed hash, and how many files went."""

    refusals_kept: int
    recordings_removed: int


async def erase_person(
    database: Database,
    *,
    tenant: str,
    number: str,
    by: str,
    reason: str,
    recordings: Path,
    missing_are_gone: bool = False,
) -> Erased:
    """Erase what a tenant knows of a person, files first.

    Raises:
        InputError: Nothing is known, the person is being called right now, or a recording was not found.
    """
    names = await recordings_of(database, tenant=tenant, number=number)
    removed, not_found = await asyncio.to_thread(unlink_recordings, recordings, names)
    gone = [*removed, *(not_found if missing_are_gone else ())]
    kept = await erase(database, tenant=tenant, number=number, by=by, reason=reason, files_gone=gone)
    return Erased(refusals_kept=kept, recordings_removed=len(removed))


def unlink_recordings(folder: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Remove recordings from a folder; returns the names removed and those not found."""
    removed, not_found = [], []
    for name in names:
        path = folder / Path(name).name
        if path.is_file():
            path.unlink()
            removed.append(name)
        else:
            not_found.append(name)
    return removed, not_found
