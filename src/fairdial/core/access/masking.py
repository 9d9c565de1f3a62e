"""Numbers as those see them who need not know them."""

from __future__ import annotations


def masked(number: str) -> str:
    """A number with its middle hidden: `+8613812345678` is `+86138****5678`; of a short one only the end is shown."""
    if len(number) < 9:
        return "*" * max(0, len(number) - 2) + number[-2:] if number else ""
    return f"{number[:-8]}****{number[-4:]}"
