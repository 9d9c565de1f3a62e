"""Systems of the operator that are told of calls which are over: who they are, what they are told, how it went.

A trigger makes a job for each of them in the transaction that ends a call (`jobs`, procrastinate's tables); a job names
the call and no person. What is sent is read when it is sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from fairdial.core.policy.case import Level
from fairdial.core.webhook import SECRET_BYTES, Told, secret_of
from fairdial.errors import InputError
from fairdial.ledger.calls.follow_ups import OWED
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.people.readers import require_level
from fairdial.ledger.protection.sealed import of_webhook, opened, with_sealed

_NAME = re.compile(r"[\w.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A system that is told; `secret` is what messages to it are signed with."""

    id: int
    name: str
    url: str
    secret: str
    names_person: bool


async def add_webhook(database: Database, *, tenant: str, name: str, url: str, names_person: bool, by: str) -> Receiver:
    """Have a system told of every call that ends from now on.

    Args:
        names_person: Whether it is told numbers and names.

    Raises:
        InputError: The name is taken or cannot be one.
        AccessError: `by` may not read private data and names are wanted; that it was asked is an event.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"webhook {name!r}: a name has up to 64 letters, digits, dots and dashes 名称只能用字母、数字、点和横线"
        )
    if names_person:
        await require_level(database, tenant=tenant, by=by, level=Level.PRIVATE, what="webhook.add")
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        values = {
            "tenant": owner,
            "name": name,
            "person": names_person,
            "by": by,
            "sealed": database.vault.seal(of_webhook(owner, name), {"url": url, "secret": secret}),
        }
        made = (await connection.execute(_ADD, values)).scalar_one_or_none()
        if made is None:
            raise InputError(f"webhook {name} is there already; `fairdial webhook remove {name}` first 名称已存在")
        await note(connection, owner, "webhook.add", {"name": name, "names_person": names_person, "by": by})
    return Receiver(id=made, name=name, url=url, secret=secret, names_person=names_person)


async def remove_webhook(database: Database, *, tenant: str, name: str, by: str) -> None:
    """Tell it nothing any more, not even what waits; its address and secret are erased.

    Raises:
        InputError: There is none of that name.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        removed = (await connection.execute(_REMOVE, {"tenant": owner, "name": name, "by": by})).scalar_one_or_none()
        if removed is None:
            raise _unknown(name)
        await connection.execute(_FORGET_JOBS, {"webhook": removed})
        await note(connection, owner, "webhook.remove", {"name": name, "by": by})


async def webhooks(database: Database, *, tenant: str) -> Sequence[Mapping[str, Any]]:
    """All that are told, by name: since when, how many calls wait to be told, how many were given up, how the last telling went."""
    async with database.transaction() as connection:
        rows = await connection.execute(_LISTED, {"tenant": tenant})
        found = [opened(database.vault, row) for row in rows.mappings()]
    return [{name: value for name, value in one.items() if name != "secret"} for one in found]


async def receiver_named(database: Database, *, tenant: str, name: str) -> Receiver:
    """The system of that name.

    Raises:
        InputError: There is none.
    """
    async with database.transaction() as connection:
        row = (await connection.execute(_NAMED, {"tenant": tenant, "name": name})).mappings().one_or_none()
    if row is None:
        raise _unknown(name)
    return Receiver(**opened(database.vault, row))


async def receiver(database: Database, webhook: int) -> Receiver | None:
    """The system of a job; None when it was removed."""
    async with database.statement() as connection:
        row = (await connection.execute(_BY_ID, {"id": webhook})).mappings().one_or_none()
    return None if row is None else Receiver(**opened(database.vault, row))


async def told_of(database: Database, *, attempt: int, state: str, names_person: bool) -> Told | None:
    """What is told of a call now; None when nothing is known of it any more."""
    async with database.statement() as connection:
        row = (await connection.execute(_TOLD, {"attempt": attempt})).mappings().one_or_none()
    if row is None:
        return None
    call = opened(database.vault, row)
    person = {part: str(call[part]) for part in ("number", "name", "title") if call.get(part)}
    return Told(
        state=state,
        person=person if names_person else None,
        owed=[(kind, name) for kind, name in call["owed"] or ()],
        **{name: call[name] for name in _PLAIN},
    )


async def has_due(database: Database) -> bool:
    """Whether a call waits to be told of now, or was being told of by a process that has died."""
    async with database.statement() as connection:
        return bool((await connection.execute(_DUE)).scalar_one())


async def note_telling(database: Database, webhook: int, *, failure: str | None) -> None:
    """Keep how a telling went, for whoever looks; `failure` holds nothing personal."""
    async with database.statement() as connection:
        await connection.execute(_TOLD_AT if failure is None else _FAILED_AT, {"id": webhook, "failure": failure})


async def tell_again(database: Database, *, tenant: str, name: str) -> int:
    """Have it told of the calls that were given up; returns how many.

    Raises:
        InputError: There is none of that name.
    """
    found = await receiver_named(database, tenant=tenant, name=name)
    async with database.transaction() as connection:
        return (await connection.execute(_AGAIN, {"webhook": found.id})).rowcount


def _unknown(name: str) -> InputError:
    return InputError(f"webhook {name} is not known; `fairdial webhook list` shows them 没有这个 webhook")


_OPEN = "w.removed_at IS NULL"
_RECEIVER = f"SELECT w.id, w.name, w.names_person, {with_sealed('webhook', 'w')} FROM webhook w"
_ADD = text(
    "INSERT INTO webhook (tenant_id, name, names_person, sealed, added_by) VALUES (:tenant, :name, :person, :sealed, :by)"
    " ON CONFLICT (tenant_id, name) WHERE removed_at IS NULL DO NOTHING RETURNING id"
)
_REMOVE = text(
    "UPDATE webhook w SET removed_at = fairdial_now(), removed_by = :by, sealed = NULL"
    f" WHERE w.tenant_id = :tenant AND w.name = :name AND {_OPEN} RETURNING id"
)
_NAMED = text(f"{_RECEIVER} JOIN tenant t ON t.id = w.tenant_id WHERE t.name = :tenant AND w.name = :name AND {_OPEN}")
_BY_ID = text(f"{_RECEIVER} WHERE w.id = :id AND {_OPEN}")
_OF_WEBHOOK = "queue_name = 'webhooks' AND args ->> 'webhook' = cast(:webhook AS text)"
_FORGET_JOBS = text(f"DELETE FROM jobs.procrastinate_jobs WHERE {_OF_WEBHOOK} AND status IN ('todo', 'failed')")
_AGAIN = text(
    "UPDATE jobs.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL"
    f" WHERE {_OF_WEBHOOK} AND status = 'failed'"
)
_JOBS = "SELECT count(*) FROM jobs.procrastinate_jobs j WHERE j.queue_name = 'webhooks' AND j.args ->> 'webhook' = cast(w.id AS text)"
_LISTED = text(
    f"SELECT w.name, w.names_person, w.added_at, w.added_by, w.told_at, w.failed_at, w.failure, {with_sealed('webhook', 'w')},"
    f" ({_JOBS} AND j.status IN ('todo', 'doing')) AS waiting, ({_JOBS} AND j.status = 'failed') AS given_up"
    f" FROM webhook w JOIN tenant t ON t.id = w.tenant_id WHERE t.name = :tenant AND {_OPEN} ORDER BY w.name"
)
_DUE = text(
    "SELECT EXISTS (SELECT FROM jobs.procrastinate_jobs j LEFT JOIN jobs.procrastinate_workers k ON k.id = j.worker_id"
    " WHERE j.queue_name = 'webhooks' AND (j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())"
    " OR j.status = 'doing' AND (k.id IS NULL OR k.last_heartbeat < now() - interval '30 seconds')))"
)
_TOLD_AT = text("UPDATE webhook SET told_at = fairdial_now(), failure = NULL WHERE id = :id")
_FAILED_AT = text("UPDATE webhook SET failed_at = fairdial_now(), failure = :failure WHERE id = :id")
_PLAIN = (
    "attempt", "campaign", "contact_list", "line_no", "disposition", "outcome", "grade", "dialled_at", "answered_at",
    "ended_at", "has_refused", "call_back_at",
)  # fmt: skip
_TOLD = text(
    "SELECT a.id AS attempt, k.name AS campaign, l.name AS contact_list, c.line_no, a.disposition, a.outcome, a.grade,"
    " a.dialled_at, a.answered_at, a.ended_at,"
    " EXISTS (SELECT FROM refusal f WHERE f.person_id = a.person_id AND f.attempt_id = a.id) AS has_refused,"
    " (SELECT not_before FROM call_back WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) AS call_back_at,"
    " (SELECT array_agg(ARRAY[u.kind, u.name] ORDER BY u.id) FROM follow_up u WHERE u.attempt_id = a.id"
    f" AND u.done_at IS NULL AND {OWED}) AS owed, {with_sealed('contact', 'c')} FROM attempt a"
    " JOIN contact c ON c.id = a.contact_id JOIN list l ON l.id = c.list_id JOIN run r ON r.id = a.run_id"
    " JOIN campaign k ON k.id = r.campaign_id WHERE a.id = :attempt"
)
