"""Which of the evidence files that were shown a list means. Pure.

A list names files by their path beside it; a browser often tells the bare name only, or a path with another folder
before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fairdial.core.contacts.columns import Columns


def named_evidence(rows: Iterable[tuple[int, tuple[str, ...]]], columns: Columns) -> set[str]:
    """The evidence files that the rows of a list name; rows are looked at only when there is a column for it."""
    if "evidence_file" not in columns.fields:
        return set()
    return {columns.value(cells, "evidence_file") for _, cells in rows} - {""}


def matched(named: Iterable[str], shown: Mapping[str, str]) -> dict[str, str | None]:
    """The SHA-256 of every file a list names; None for one that was not shown, or for which several could be meant.

    Args:
        shown: SHA-256 by the path or name under which a file was shown.
    """
    by_path = {_plain(path): sha for path, sha in shown.items()}
    by_name: dict[str, set[str]] = defaultdict(set)
    for path, sha in by_path.items():
        by_name[_last(path)].add(sha)

    def one(name: str) -> str | None:
        path = _plain(name)
        if (sha := by_path.get(path)) is not None:
            return sha
        found = by_name.get(_last(path), set())
        return next(iter(found)) if len(found) == 1 else None

    return {name: one(name) for name in named}


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")


def _last(path: str) -> str:
    return path.rpartition("/")[2]
