"""Sign-ins at a provider: that one has begun in this browser, and who it is to us that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.errors import InputError, MissingError
from fairdial.ledger.access.secrets import new_token, token_hash
from fairdial.ledger.access.tries import Wait, failed, must_wait, of_address
from fairdial.ledger.access.users import User, end_sessions, user_where
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id

SIGN_IN_LASTS = timedelta(minutes=10)
"""From going to the provider to coming back."""

MOST_BEGUN = 100
"""Sign-ins that one address may have begun and not ended: an office comes from one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that began in this browser; it is taken once. `leads_to` is a path of ours."""

    leads_to: str


async def begin_sign_in(database: Database, *, browser: str, leads_to: str, address: str) -> str | Wait:
    """Remember that a browser goes to the provider.

    Args:
        browser: Secret that the browser holds; its hash is kept.

    Returns:
        The state that comes back with the provider's answer.
    """
    state, who = new_token(), of_address(address)
    async with database.transaction() as connection:
        if (wait := await must_wait(connection, [who])) is not None:
            return wait
        await connection.execute(text("DELETE FROM sign_in_begun WHERE ends_at <= fairdial_now()"))
        living = (
            await connection.execute(
                text("SELECT count(*) AS many, max(ends_at) AS last FROM sign_in_begun WHERE who = :who"), {"who": who}
            )
        ).one()
        if living.many >= MOST_BEGUN:
            return Wait(until=living.last)
        await connection.execute(
            text(
                "INSERT INTO sign_in_begun (state_hash, browser_hash, who, leads_to, ends_at)"
                " VALUES (:state, :browser, :who, :leads_to, fairdial_now() + :lasts)"
            ),
            {
                "state": token_hash(state),
                "browser": token_hash(browser),
                "who": who,
                "leads_to": leads_to,
                "lasts": SIGN_IN_LASTS,
            },
        )
    return state


async def take_begun(database: Database, *, state: str, browser: str, address: str) -> Begun | Wait | None:
    """The sign-in an answer belongs to, once; None when it began elsewhere, is over or has been answered."""
    who = of_address(address)
    async with database.transaction() as connection:
        if (wait := await must_wait(connection, [who])) is not None:
            return wait
        taken = await connection.execute(
            text(
                "DELETE FROM sign_in_begun WHERE state_hash = :state AND browser_hash = :browser"
                " AND ends_at > fairdial_now() RETURNING leads_to"
            ),
            {"state": token_hash(state), "browser": token_hash(browser)},
        )
        leads_to = taken.scalar_one_or_none()
        if leads_to is None:
            await failed(connection, [who])
            return None
        return Begun(leads_to=leads_to)


async def count_failure(database: Database, *, address: str) -> None:
    """An answer that proved nothing."""
    async with database.transaction() as connection:
        await failed(connection, [of_address(address)])


async def user_of_identity(database: Database, *, issuer: str, subject: str, email: str | None) -> User | None:
    """Whom of ours a provider means; None for somebody who is not linked or is shut out.

    Somebody linked by e-mail is linked by subject from their first sign-in on: an address may be given to another person.

    Args:
        email: Only when the provider has verified it.
    """
    async with database.transaction() as connection:
        asked = {"issuer": issuer, "subject": _subject(database, issuer, subject)}
        found = await connection.execute(_OF_SUBJECT, asked)
        user: int | None = found.scalar_one_or_none()
        if user is None and email is not None:
            bound = (await connection.execute(_BIND, asked | {"email": _email(database, issuer, email)})).one_or_none()
            if bound is not None:
                user = bound.user_id
                await note(connection, bound.tenant_id, "user.linked", {"name": bound.name, "by": bound.name})
        return None if user is None else await user_where(connection, "u.id = :key", user)


async def link_identity(
    database: Database, *, tenant: str, name: str, issuer: str, subject: str | None, email: str | None, by: str
) -> None:
    """Let somebody sign in at a provider, in the place of what they were there before; their sessions end.

    Args:
        subject, email: One of them: the `sub` that the provider tells, or an e-mail address that it has verified.

    Raises:
        MissingError: There is no such user.
        InputError: Another user is linked so.
    """
    if (subject is None) == (email is None):
        raise InputError("give either the subject or the e-mail address 请给出 sub 或邮箱其中之一")
    row = {
        "issuer": issuer,
        "subject": None if subject is None else _subject(database, issuer, subject),
        "email": None if email is None else _email(database, issuer, email),
        "by": by,
    }
    try:
        async with database.transaction() as connection:
            owner = await tenant_id(connection, tenant)
            user = await _unlinked(connection, owner, name, issuer)
            await connection.execute(
                text(
                    "INSERT INTO user_identity (tenant_id, user_id, issuer, subject_key, email_key, made_by)"
                    " VALUES (:tenant, :user, :issuer, :subject, :email, :by)"
                ),
                row | {"tenant": owner, "user": user},
            )
            await note(connection, owner, "user.linked", {"name": name, "by": by})
    except IntegrityError as error:
        raise InputError(
            "another user is linked so; `fairdial user unlink-oidc` that one first 该身份已关联其他用户"
        ) from error


async def unlink_identity(database: Database, *, tenant: str, name: str, issuer: str, by: str) -> None:
    """Nobody signs in as this user at the provider any more; their sessions end.

    Raises:
        MissingError: There is no such user.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
        await _unlinked(connection, owner, name, issuer)
        await note(connection, owner, "user.unlinked", {"name": name, "by": by})


async def _unlinked(connection: AsyncConnection, owner: int, name: str, issuer: str) -> int:
    found = await connection.execute(
        text("SELECT id FROM user_account WHERE tenant_id = :tenant AND name = :name FOR UPDATE"),
        {"tenant": owner, "name": name},
    )
    user: int | None = found.scalar_one_or_none()
    if user is None:
        raise MissingError(f"there is no user {name!r}; `fairdial user add` makes one 没有该用户")
    await connection.execute(
        text("DELETE FROM user_identity WHERE user_id = :user AND issuer = :issuer"), {"user": user, "issuer": issuer}
    )
    await end_sessions(connection, user)
    return user


def _subject(database: Database, issuer: str, subject: str) -> str:
    return database.person_key.of(f"oidc subject\n{issuer}\n{subject}")


def _email(database: Database, issuer: str, email: str) -> str:
    return database.person_key.of(f"oidc email\n{issuer}\n{email.strip().casefold()}")


_OF_SUBJECT = text(
    "SELECT i.user_id FROM user_identity i JOIN user_account u ON u.id = i.user_id"
    " WHERE i.issuer = :issuer AND i.subject_key = :subject AND u.is_active"
)
_BIND = text(
    "UPDATE user_identity i SET subject_key = :subject, email_key = NULL FROM user_account u"
    " WHERE u.id = i.user_id AND u.is_active AND i.issuer = :issuer AND i.email_key = :email"
    " AND NOT EXISTS (SELECT 1 FROM user_identity o WHERE o.issuer = :issuer AND o.subject_key = :subject)"
    " RETURNING i.user_id, i.tenant_id, u.name"
)
