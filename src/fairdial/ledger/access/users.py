"""Those who sign in: their roles, passwords and second factors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.access.persons import KEY
from fairdial.core.access.roles import Role
from fairdial.errors import InputError, MissingError
from fairdial.ledger.access.secrets import (
    hashed_password,
    is_code,
    is_password,
    new_token,
    new_totp,
    token_hash,
    totp_address,
)
from fairdial.ledger.access.tries import Wait, begin_try, of_address, of_name, succeeded
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.sealed import of_user
from fairdial.ledger.seen import Overtaken, etag_of, is_overtaken

LINK_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in."""

    id: int
    tenant: str
    name: str
    roles: frozenset[Role]
    has_totp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WantsCode:
    """The password is right; the code of the second factor is missing or wrong."""


async def add_user(database: Database, *, tenant: str, name: str, roles: Iterable[Role], by: str) -> int:
    """Let somebody sign in; without a password until a link has been used.

    Raises:
        InputError: The name is taken, or is one that keys have.
    """
    if name.startswith(KEY):
        raise InputError(f"names of keys begin with {KEY!r}; choose another 用户名不能以 key 加空格开头")
    given = sorted(set(roles))
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        added = await connection.execute(
            text(
                "INSERT INTO user_account (tenant_id, name, roles, made_by) VALUES (:tenant, :name, :roles, :by)"
                " ON CONFLICT (name) DO NOTHING RETURNING id"
            ),
            {"tenant": owner, "name": name, "roles": given, "by": by},
        )
        new: int | None = added.scalar_one_or_none()
        if new is None:
            raise InputError(f"the name {name!r} is taken; choose another 用户名已存在")
        await note(connection, owner, "user.added", {"name": name, "roles": given, "by": by})
        return new


async def change_user(
    database: Database,
    *,
    tenant: str,
    name: str,
    roles: Iterable[Role] | None,
    is_active: bool | None,
    by: str,
    seen: str | None = None,
) -> Overtaken | None:
    """Change what somebody may do, or shut them out; their sessions end.

    Args:
        seen: The `user_etag` of what was changed; None of who does not care.

    Raises:
        MissingError: There is no such user.
        InputError: It is oneself.
    """
    if name == by:
        raise InputError("nobody changes their own rights; another administrator does 不能修改自己的权限")
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        stands = (
            await connection.execute(
                text(
                    "SELECT id, roles, is_active FROM user_account WHERE tenant_id = :tenant AND name = :name FOR UPDATE"
                ),
                {"tenant": owner, "name": name},
            )
        ).one_or_none()
        if stands is None:
            raise MissingError(f"there is no user {name!r}; `fairdial user add` makes one 没有该用户")
        if is_overtaken(seen, user_etag(stands.roles, stands.is_active)):
            return Overtaken()
        given = None if roles is None else sorted(set(roles))
        await connection.execute(
            text(
                "UPDATE user_account SET roles = coalesce(:roles, roles), is_active = coalesce(:active, is_active)"
                " WHERE id = :id"
            ),
            {"id": stands.id, "roles": given, "active": is_active},
        )
        await end_sessions(connection, stands.id)
        await note(connection, owner, "user.changed", {"name": name, "roles": given, "is_active": is_active, "by": by})
    return None


def user_etag(roles: Iterable[str], is_active: bool) -> str:
    """Names what somebody may do."""
    return etag_of(sorted(roles), is_active)


async def users(database: Database, *, tenant: str) -> Sequence[RowMapping]:
    """Everybody of the tenant, by name."""
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT name, roles, is_active, sealed IS NOT NULL AS has_totp, password_hash IS NOT NULL AS"
                " has_password, EXISTS (SELECT 1 FROM user_identity i WHERE i.user_id = user_account.id) AS has_oidc,"
                " made_by, made_at FROM user_account WHERE tenant_id = :tenant ORDER BY name"
            ),
            {"tenant": await tenant_id(connection, tenant)},
        )
        return rows.mappings().all()


async def make_link(database: Database, *, tenant: str, name: str, by: str | None = None) -> str:
    """A token that signs somebody in once, within a day, to set a password; that it was made is an event.

    Args:
        by: Who makes it; None is whoever runs commands here.

    Raises:
        MissingError: There is no such user.
    """
    token = new_token()
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        made = await connection.execute(
            text(
                "INSERT INTO sign_in_link (tenant_id, user_id, token_hash, ends_at) SELECT tenant_id, id, :hash,"
                " fairdial_now() + :lasts FROM user_account WHERE tenant_id = :tenant AND name = :name AND is_active"
                " RETURNING id"
            ),
            {"tenant": owner, "name": name, "hash": token_hash(token), "lasts": LINK_LASTS},
        )
        if made.scalar_one_or_none() is None:
            raise MissingError(f"there is no active user {name!r}; `fairdial user list` shows who there is 没有该用户")
        await note(connection, owner, "user.link", {"name": name, "by": by})
    return token


async def use_link(database: Database, token: str) -> User | None:
    """Whose link it is; it is good once."""
    async with database.transaction() as connection:
        used = await connection.execute(
            text(
                "UPDATE sign_in_link SET used_at = fairdial_now() WHERE token_hash = :hash AND used_at IS NULL"
                " AND ends_at > fairdial_now() RETURNING user_id"
            ),
            {"hash": token_hash(token)},
        )
        user = used.scalar_one_or_none()
        return None if user is None else await user_where(connection, "u.id = :key", user)


async def try_password(
    database: Database, *, name: str, password: str, code: str | None, address: str
) -> User | Wait | WantsCode | None:
    """Try to sign in; None when name or password are wrong, whichever.

    Failures are counted for the name and for the address; both slow the next try.
    """
    async with database.transaction() as connection:
        tries = await begin_try(connection, [of_name(name), of_address(address)])
        if isinstance(tries, Wait):
            return tries
        found = await connection.execute(
            text("SELECT id, password_hash FROM user_account WHERE name = :name AND is_active"), {"name": name}
        )
        row = found.one_or_none()
    if not await is_password(password, None if row is None else row.password_hash):
        return None
    assert row is not None, "nobody's password is right"
    async with database.transaction() as connection:
        return await _second_factor(database, connection, row.id, row.password_hash, code, tries)


async def _second_factor(
    database: Database,
    connection: AsyncConnection,
    user: int,
    password_hash: str,
    code: str | None,
    tries: Sequence[int],
) -> User | WantsCode | None:
    """Somebody whose password was right, if nobody has changed it meanwhile; a code counts once."""
    found = await connection.execute(
        text(
            "SELECT sealed, totp_used FROM user_account WHERE id = :id AND is_active AND password_hash = :hash FOR UPDATE"
        ),
        {"id": user, "hash": password_hash},
    )
    row = found.one_or_none()
    if row is None:
        return None
    if row.sealed is not None:
        if not code:
            await succeeded(connection, tries)
            return WantsCode()
        secret = database.vault.open(of_user(user), row.sealed)["secret"]
        if not is_code(secret, code, used=row.totp_used):
            return WantsCode()
        await connection.execute(
            text("UPDATE user_account SET totp_used = :code WHERE id = :id"), {"code": code, "id": user}
        )
    await succeeded(connection, tries)
    return await user_where(connection, "u.id = :key", user)


async def try_own_password(database: Database, *, user: User, password: str, address: str) -> bool | Wait:
    """Whether somebody who is signed in knows their password; counted as a try to sign in."""
    async with database.transaction() as connection:
        tries = await begin_try(connection, [of_name(user.name), of_address(address)])
        if isinstance(tries, Wait):
            return tries
        hashed = (
            await connection.execute(text("SELECT password_hash FROM user_account WHERE id = :id"), {"id": user.id})
        ).scalar_one()
    if not await is_password(password, hashed):
        return False
    async with database.transaction() as connection:
        await succeeded(connection, tries)
    return True


async def set_password(database: Database, *, user: User, password: str) -> None:
    """Change somebody's own password; their other sessions end.

    Raises:
        InputError: It is too short or too long.
    """
    hashed = await hashed_password(password)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE user_account SET password_hash = :hash WHERE id = :id"), {"hash": hashed, "id": user.id}
        )
        await end_sessions(connection, user.id)
        await note(connection, await tenant_id(connection, user.tenant), "user.password", {"name": user.name})


async def begin_totp(user: User) -> tuple[str, str]:
    """A new secret and what an authenticator reads; it counts once `confirm_totp` has seen a code of it."""
    secret = new_totp()
    return secret, totp_address(secret, user.name)


async def confirm_totp(database: Database, *, user: User, secret: str, code: str) -> None:
    """Ask for a code at every sign-in from now on.

    Raises:
        InputError: The code is not of this secret.
    """
    if not is_code(secret, code, used=None):
        raise InputError("the code does not fit; check the clock of the telephone and try the next one 验证码不正确")
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE user_account SET sealed = :sealed, totp_used = :code WHERE id = :id"),
            {"sealed": database.vault.seal(of_user(user.id), {"secret": secret}), "code": code, "id": user.id},
        )
        await note(connection, await tenant_id(connection, user.tenant), "user.totp", {"name": user.name})


async def user_named(database: Database, name: str) -> User:
    """Somebody who is signed in."""
    async with database.transaction() as connection:
        return await user_where(connection, "u.name = :key", name)


async def user_where(connection: AsyncConnection, which: str, key: object) -> User:
    """Somebody who exists, by a condition on `u` and its `:key`."""
    row = (
        await connection.execute(
            text(
                "SELECT u.id, t.name AS tenant, u.name, u.roles, u.sealed IS NOT NULL AS has_totp"
                f" FROM user_account u JOIN tenant t ON t.id = u.tenant_id WHERE {which}"
            ),
            {"key": key},
        )
    ).one()
    roles = frozenset(Role(role) for role in row.roles)
    return User(id=row.id, tenant=row.tenant, name=row.name, roles=roles, has_totp=row.has_totp)


async def end_sessions(connection: AsyncConnection, user: int) -> None:
    """They must sign in anew, everywhere."""
    await connection.execute(
        text("UPDATE web_session SET ended_at = fairdial_now() WHERE user_id = :user AND ended_at IS NULL"),
        {"user": user},
    )
