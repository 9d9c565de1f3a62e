"""Events and seals: appended, never changed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from fairdial.ledger.tables.columns import by_month, metadata, when


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, which SQLAlchemy has no type for."""

    def get_col_spec(self, **_: object) -> str:
        return "XID8"


ischema_names["xid8"] = Xid8


READINGS = "kind LIKE '%.read' OR kind IN ('read.refused', 'list.export', 'evidence.export', 'retention.run')"
"""What stands in the history of readings and removals."""

event = Table(
    "event",
    metadata,
    by_month("event_id_seq"),
    Column("xact", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("tenant_id", Integer, nullable=False),
    when("at", nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Index("ix_event_order", "xact", "id"),
    Index("ix_event_at", "at", postgresql_using="brin"),
    Index("ix_event_readings", "tenant_id", "id", postgresql_where=text(READINGS)),
    Index("ix_event_read", "tenant_id", "kind", "at", postgresql_where=text("kind LIKE '%.read'")),
)

seal = Table(
    "seal",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("up_to_xact", Text, nullable=False),
    Column("up_to_id", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("sealed_at", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("public_key", Text, nullable=False),
)
