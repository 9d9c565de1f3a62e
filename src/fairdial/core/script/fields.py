"""A contact's fields as they are read aloud, by the names a script's variables draw from.

Pure; a field without a value is absent, and a script that needs it cannot be spoken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from fairdial.core.script.model import Script
from fairdial.core.script.numerals import spoken_amount, spoken_date
from fairdial.core.script.speech import needed

SOURCES = ("salutation", "product", "expiry", "premium", "segment")
"""Fields of a contact that a variable may draw from."""

_COMPOUND = (
    "欧阳", "上官", "司马", "司徒", "诸葛", "夏侯", "尉迟", "公孙", "慕容", "令狐", "皇甫", "东方", "宇文", "长孙", "端木",
)  # fmt: skip
"""Family names of two characters; every other one is a single character."""


def spoken_fields(*, name: str, title: str | None, attributes: dict[str, Any]) -> dict[str, str]:
    """The fields of a contact as they are read aloud, by field name; missing ones are absent."""
    family = name[:2] if name.startswith(_COMPOUND) else name[:1]
    fields = {"salutation": f"{family}{title}" if title else name} if name else {}
    fields |= {name: str(attributes[name]) for name in ("product", "segment") if attributes.get(name)}
    if attributes.get("expiry"):
        fields["expiry"] = spoken_date(date.fromisoformat(attributes["expiry"]))
    if attributes.get("premium"):
        fields["premium"] = spoken_amount(Decimal(str(attributes["premium"])))
    return fields


def values_of(script: Script, fields: Mapping[str, str]) -> dict[str, str]:
    """The values of a script's variables for one contact; a variable without a value is absent."""
    return {v.name: fields[v.source] for v in script.variables.values() if v.source in fields}


def speakable(script: Script, contacts: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The values of every contact to whom the whole script can be spoken."""
    wanted = needed(script).keys()
    return [v for fields in contacts if (v := values_of(script, fields)).keys() >= wanted]
