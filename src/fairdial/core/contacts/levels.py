"""How sensitive each field of a person is, and what somebody may read. Pure.

A field nobody has thought about counts as sensitive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairdial.core.policy.case import Level

RANK: Mapping[Level, int] = {Level.GENERAL: 0, Level.PRIVATE: 1, Level.SENSITIVE: 2}

_GENERAL = (
    "list", "name", "title", "salutation", "country", "region", "zone", "data_source", "basis", "product", "expiry", "segment",
    "purposes", "channels", "form", "artificial_voice", "any_hour", "obtained_at", "valid_until", "revoked_at",
    "scope", "purpose", "source", "kind", "understood_at", "durable_at", "category", "caller_number", "received_at",
    "closed_at", "contacted_at", "channel", "id", "campaign", "state", "disposition", "outcome", "grade", "dialled_at",
    "answered_at", "ended_at", "permit", "attempt_id", "meaning", "heard_at", "decided_at", "until", "opinions", "not_before",
    "created_at", "done_at",
)  # fmt: skip
_PRIVATE = (
    "number",
    "premium",
    "words",
    "heard",
    "said",
    "answers",
    "log",
    "text",
    "evidence",
    "evidence_file",
    "evidence_sha256",
)
_SENSITIVE = ("recording",)
"""A voice identifies its owner."""

LEVELS: Mapping[str, Level] = (
    dict.fromkeys(_GENERAL, Level.GENERAL)
    | dict.fromkeys(_PRIVATE, Level.PRIVATE)
    | dict.fromkeys(_SENSITIVE, Level.SENSITIVE)
)


def level_of(field: str) -> Level:
    """The level of a field by its name."""
    return LEVELS.get(field, Level.SENSITIVE)


def is_within(level: Level, at_most: Level) -> bool:
    return RANK[level] <= RANK[at_most]


def readable(row: Mapping[str, Any], at_most: Level) -> dict[str, Any]:
    """A row without what is above a level; attributes are judged one by one."""
    kept = {name: value for name, value in row.items() if name == "attributes" or is_within(level_of(name), at_most)}
    if "attributes" in kept:
        kept["attributes"] = readable(kept["attributes"], at_most)
    return kept
