"""Whether two names are one person's. Pure."""

from __future__ import annotations

KEY = "key "
"""How the name of a key begins in what it did; no person's does."""


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are spaced or capitalised."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
