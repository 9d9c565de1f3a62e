"""A telephone number that somebody typed: usable, or refused with what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from fairdial.core.contacts.number import Number, read_number
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError


def require_number(text: str, packs: Mapping[str, Pack]) -> Number:
    """Read a number as people write it.

    Raises:
        InputError: It cannot be called; what was typed is not repeated.
    """
    number = read_number(text, packs)
    if isinstance(number, Number):
        return number
    raise InputError(f"the number {number.reason_en} {number.reason_zh}; {number.remedy_en} {number.remedy_zh}")
