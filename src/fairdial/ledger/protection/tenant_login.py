"""A tenant's own way into the database: it reads its rows, sealed, and nothing else (row-level security)."""

from __future__ import annotations

import secrets
from functools import partial

from sqlalchemy import Connection, text

from fairdial.ledger.database import Database, as_owner
from fairdial.ledger.parties import tenant_id


async def database_login(database: Database, *, tenant: str) -> str:
    """Make or renew the tenant's login; returns its address with a new password, which is kept nowhere.

    The role's name holds the database and the tenant; the policies read it there, so that no setting of the
    session can turn one tenant into another.
    """
    async with database.transaction() as connection:
        owner = await tenant_id(connection, tenant)
    password = secrets.token_urlsafe(24)
    role = await as_owner(database.engine.url, partial(_put_role, owner=owner, password=password))
    address = database.engine.url.set(drivername="postgresql", username=role, password=password)
    return address.render_as_string(hide_password=False)


def _put_role(connection: Connection, *, owner: int, password: str) -> str:
    role: str = connection.execute(
        text("SELECT format('fairdial_tenant_%s_%s', oid, :id) FROM pg_database WHERE datname = current_database()"),
        {"id": owner},
    ).scalar_one()
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
    verb = "ALTER" if known else "CREATE"
    order: str = connection.execute(
        text(f"SELECT format('{verb} ROLE %I LOGIN INHERIT PASSWORD %L', cast(:role AS text), cast(:word AS text))"),
        {"role": role, "word": password},
    ).scalar_one()
    connection.exec_driver_sql(order)
    connection.exec_driver_sql(f'GRANT fairdial_tenant TO "{role}"')
    return role
