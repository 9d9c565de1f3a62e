"""How a call is named by people: by its number or by its permit."""

from __future__ import annotations


def is_named(call: str) -> str:
    """The condition on `attempt a` for what stands in `:call`."""
    return "a.id::text = :call" if call.isdigit() else "a.permit_id::text = lower(:call)"
