"""What all tables share: their registry, names of constraints, and columns that come again."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_NOW = text("fairdial_now()")


def identity() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def by_month(numbers: str, *, is_key: bool = True) -> Column[int]:
    """A number that carries its month: `YYMM`, then ten digits that count on."""
    return Column(
        "id", BigInteger, primary_key=is_key, nullable=False, server_default=text(f"fairdial_id('{numbers}')")
    )


def of_tenant() -> Column[int]:
    return Column("tenant_id", ForeignKey("tenant.id"), nullable=False)


def when(name: str, *, is_now: bool = False, nullable: bool = True) -> Column[object]:
    default = _NOW if is_now else None
    return Column(name, DateTime(timezone=True), nullable=nullable and not is_now, server_default=default)


def sealed(_holds: str) -> Column[bytes]:
    """Personal data under the vault's keys (`ledger.protection.vault`); NULL when there are none or they were erased."""
    return Column("sealed", LargeBinary)
