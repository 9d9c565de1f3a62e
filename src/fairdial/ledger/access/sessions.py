"""Sessions of people and keys of programs: from what was sent to who asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text

from fairdial.core.access.caller import Caller
from fairdial.core.access.persons import KEY
from fairdial.core.access.roles import SECOND_LOOKS, Permission, Role, permissions_of
from fairdial.core.access.signing_in import IDLE_SESSION, LONGEST_SESSION
from fairdial.errors import InputError
from fairdial.ledger.access.secrets import new_token, token_hash
from fairdial.ledger.access.users import User
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id

_SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written at most so often."""

LONGEST_KEY = timedelta(days=366)


async def open_session(database: Database, *, user: User, address_class: str, by_link: bool = False) -> tuple[str, str]:
    """A new session's token, which is kept nowhere, and its CSRF token."""
    token, csrf = new_token(), new_token()
    async with database.transaction() as connection:
        owner = await tenant_id(connection, user.tenant)
        await connection.execute(
            text(
                "INSERT INTO web_session (tenant_id, user_id, token_hash, csrf, address_class, by_link)"
                " VALUES (:tenant, :user, :hash, :csrf, :at, :by_link)"
            ),
            {
                "tenant": owner,
                "user": user.id,
                "hash": token_hash(token),
                "csrf": csrf,
                "at": address_class,
                "by_link": by_link,
            },
        )
        await note(connection, owner, "user.signed_in", {"name": user.name})
    return token, csrf


async def caller_of_session(database: Database, token: str, *, address_class: str) -> Caller | None:
    """Whose session it is; None when it is over. From another class of address it is ended."""
    async with database.transaction() as connection:
        row = (await connection.execute(_SESSION, {"hash": token_hash(token)})).one_or_none()
        if row is None:
            return None
        if row.address_class != address_class:
            await connection.execute(_END, {"id": row.id})
            await note(connection, row.tenant_id, "session.stolen", {"name": row.name})
            return None
        if row.is_over:
            return None
        if row.is_stale:
            await connection.execute(
                text("UPDATE web_session SET seen_at = fairdial_now() WHERE id = :id"), {"id": row.id}
            )
    roles = frozenset(Role(role) for role in row.roles)
    return Caller(
        name=row.name,
        tenant=row.tenant,
        roles=roles,
        permissions=permissions_of(roles),
        csrf=row.csrf,
        session_id=row.id,
        came_by_link=row.by_link,
    )


async def end_session(database: Database, session_id: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(_END, {"id": session_id})


async def make_key(
    database: Database, *, tenant: str, name: str, scopes: Iterable[Permission], ends_at: datetime, by: str
) -> str:
    """A key for a program, shown once.

    Raises:
        InputError: It has no scope, one that is a second person's, or would live longer than a year.
    """
    given = sorted(set(scopes))
    if persons := sorted(SECOND_LOOKS.intersection(given)):
        raise InputError(
            f"{', '.join(persons)} is a second person's and no key's; a person signs in to it 复核须由本人登录完成,不能交给密钥"
        )
    if not given:
        raise InputError("a key needs at least one scope 密钥至少要有一个权限")
    key = f"fd_{new_token()}"
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        now: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
        if not now < ends_at <= now + LONGEST_KEY:
            raise InputError(f"a key ends within {LONGEST_KEY.days} days from now 密钥有效期最长一年")
        await connection.execute(
            text(
                "INSERT INTO api_key (tenant_id, name, key_hash, scopes, made_by, ends_at)"
                " VALUES (:tenant, :name, :hash, :scopes, :by, :ends)"
            ),
            {"tenant": owner, "name": name, "hash": token_hash(key), "scopes": given, "by": by, "ends": ends_at},
        )
        await note(connection, owner, "key.made", {"name": name, "scopes": given, "by": by})
    return key


async def caller_of_key(database: Database, key: str) -> Caller | None:
    """Whose key it is; None when it is unknown, over or revoked."""
    async with database.transaction() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT k.name, k.scopes, t.name AS tenant FROM api_key k JOIN tenant t ON t.id = k.tenant_id"
                    " WHERE k.key_hash = :hash AND k.revoked_at IS NULL AND k.ends_at > fairdial_now()"
                ),
                {"hash": token_hash(key)},
            )
        ).one_or_none()
    if row is None:
        return None
    scopes = frozenset(Permission(scope) for scope in row.scopes) - SECOND_LOOKS
    return Caller(name=KEY + row.name, tenant=row.tenant, roles=frozenset(), permissions=scopes)


async def api_keys(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """The tenant's keys, without what they are."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT id, name, scopes, made_by, made_at, ends_at, revoked_at FROM api_key WHERE tenant_id = :tenant"
                " ORDER BY id"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def revoke_key(database: Database, *, tenant: str, key_id: int, by: str) -> bool:
    """End a key now; False when the tenant has no such key."""
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        ended = await connection.execute(
            text(
                "UPDATE api_key SET revoked_at = coalesce(revoked_at, fairdial_now()) WHERE id = :id"
                " AND tenant_id = :tenant RETURNING name"
            ),
            {"id": key_id, "tenant": owner},
        )
        name = ended.scalar_one_or_none()
        if name is not None:
            await note(connection, owner, "key.revoked", {"name": name, "by": by})
        return name is not None


_SESSION = text(
    "SELECT s.id, s.tenant_id, s.csrf, s.address_class, s.by_link, u.name, u.roles, t.name AS tenant,"
    f" s.made_at < fairdial_now() - interval '{LONGEST_SESSION.total_seconds():.0f} s'"
    f" OR s.seen_at < fairdial_now() - interval '{IDLE_SESSION.total_seconds():.0f} s' AS is_over,"
    f" s.seen_at < fairdial_now() - interval '{_SEEN_EVERY.total_seconds():.0f} s' AS is_stale"
    " FROM web_session s JOIN user_account u ON u.id = s.user_id JOIN tenant t ON t.id = s.tenant_id"
    " WHERE s.token_hash = :hash AND s.ended_at IS NULL AND u.is_active"
)
_END = text("UPDATE web_session SET ended_at = fairdial_now() WHERE id = :id AND ended_at IS NULL")
