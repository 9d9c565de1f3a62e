"""Which rows hold sealed personal data, the place each is bound to, and how a row is opened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from fairdial.ledger.protection.vault import Vault

SEALED = {
    "contact": "'contact/' || {0}.number_key",
    "turn": "'turn/' || {0}.attempt_id || '/' || {0}.position",
    "correction": "'correction/' || {0}.attempt_id || '/' || coalesce(cast({0}.position AS text), 'grade')",
    "conversation": "'conversation/' || {0}.attempt_id",
    "recording_key": "'recording_key/' || {0}.attempt_id",
    "refusal": "'refusal/' || {0}.person_id",
    "call_back": "'call_back/' || {0}.attempt_id",
    "follow_up": "'follow_up/' || {0}.attempt_id || '/' || {0}.kind || '/' || {0}.name",
    "complaint": "'complaint/' || {0}.person_id",
    "user_account": "'user_account/' || {0}.id",
    "list_upload": "'list_upload/' || {0}.stored",
    "edge_key": "'edge_key/' || {0}.id",
    "line_secret": "'line_secret/' || {0}.line",
    "webhook": "'webhook/' || {0}.tenant_id || '/' || {0}.name",
    "repeated_write": "'repeated_write/' || {0}.tenant_id || '/' || {0}.caller || '/' || {0}.key",
}
"""By table, the SQL expression of a row's place; the functions below say the same in Python."""


def with_sealed(table: str, alias: str) -> str:
    """SQL that selects what `opened` needs of a row."""
    return f"{SEALED[table].format(alias)} AS about, {alias}.sealed"


def opened(vault: Vault, row: RowMapping) -> dict[str, Any]:
    """A row with its personal data in the place of `about` and `sealed`; without them when they were erased."""
    plain = {name: value for name, value in row.items() if name not in ("about", "sealed")}
    return plain | vault.open(row["about"], row["sealed"])


def of_contact(number_key: str) -> str:
    return f"contact/{number_key}"


def of_turn(attempt_id: int, position: int) -> str:
    return f"turn/{attempt_id}/{position}"


def of_correction(attempt_id: int, position: int | None) -> str:
    return f"correction/{attempt_id}/{'grade' if position is None else position}"


def of_conversation(attempt_id: int) -> str:
    return f"conversation/{attempt_id}"


def of_recording_key(attempt_id: int) -> str:
    return f"recording_key/{attempt_id}"


def of_refusal(person_id: int) -> str:
    return f"refusal/{person_id}"


def of_call_back(attempt_id: int) -> str:
    return f"call_back/{attempt_id}"


def of_follow_up(attempt_id: int, kind: str, name: str) -> str:
    return f"follow_up/{attempt_id}/{kind}/{name}"


def of_complaint(person_id: int) -> str:
    return f"complaint/{person_id}"


def of_webhook(tenant: int, name: str) -> str:
    return f"webhook/{tenant}/{name}"


def of_repeated_write(tenant: int, caller: str, key: str) -> str:
    return f"repeated_write/{tenant}/{caller}/{key}"


def of_list_upload(stored: str) -> str:
    return f"list_upload/{stored}"


def of_user(user_id: int) -> str:
    return f"user_account/{user_id}"


def of_edge_key(number: int) -> str:
    return f"edge_key/{number}"


def of_line_secret(line: str) -> str:
    return f"line_secret/{line}"
