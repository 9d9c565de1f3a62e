"""The evidence chain: seal what has happened, export it for a stranger.

Sealing reads only events of finished transactions (`pg_snapshot_xmin`), in an order
that nothing can be inserted into later, and never stands in the way of a permit.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.evidence import FORMAT, GENESIS, Event, Seal, leaf, merkle_root, seal_digest
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database

MOST_EVENTS = 50_000
"""Events in one seal; more are sealed in the next."""

_SEALING = 0x7365616C
"""Advisory lock: one sealer at a time."""

_EVENTS = text(
    "SELECT id, xact::text AS xact, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at, tenant_id, kind,"
    " body::text AS body FROM event WHERE (xact, id) > (cast(:xact AS text)::xid8, :id)"
    " AND (cast(:to_xact AS text) IS NULL OR (xact, id) <= (cast(:to_xact AS text)::xid8, :to_id))"
    " AND xact < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xact, id LIMIT :most"
)


class EvidenceKey:
    """The installation's signing key; the public half goes out with every export."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = raw.hex()

    def sign(self, digest: bytes) -> str:
        return self._private.sign(digest).hex()


def evidence_key(folder: Path) -> EvidenceKey:
    """The key kept in a folder, made when there is none, readable by its owner only.

    Raises:
        LedgerError: The file is there but holds no key; nothing is signed with another.
    """
    path = folder / "evidence.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        path.touch(mode=0o600)
        path.write_text(fresh.hex(), encoding="ascii")
    try:
        return EvidenceKey(
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
        )
    except (ValueError, OSError) as error:
        raise LedgerError(f"{path} holds no signing key; restore it from a backup, do not make another") from error


def is_genuine(public_key: str, digest: bytes, signature: str) -> bool:
    """Check one Ed25519 signature; hexadecimal key and signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), digest)
    except (InvalidSignature, ValueError):
        return False
    return True


async def seal(database: Database, key: EvidenceKey) -> Seal | None:
    """Seal what has happened since the last seal; None when nothing has or another process is sealing."""
    async with database.transaction() as connection:
        if not (
            await connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SEALING})
        ).scalar_one():
            return None
        last = (await connection.execute(text("SELECT * FROM seal ORDER BY number DESC LIMIT 1"))).one_or_none()
        since = (last.up_to_xact, last.up_to_id) if last else ("0", 0)
        batch = [(xact, event) async for xact, event in _events(connection, since, None)]
        if not batch:
            return None
        now: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
        body = {
            "number": last.number + 1 if last else 1,
            "count": len(batch),
            "root": merkle_root([leaf(event) for _, event in batch]).hex(),
            "previous": _of_row(last).digest().hex() if last else GENESIS,
            "sealed_at": now.isoformat(),
        }
        made = Seal(**body, signature=key.sign(seal_digest(**body)))  # type: ignore[arg-type]
        await connection.execute(
            text(
                "INSERT INTO seal (number, up_to_xact, up_to_id, count, root, previous, sealed_at, signature, public_key)"
                " VALUES (:number, :up_to_xact, :up_to_id, :count, :root, :previous, :sealed_at, :signature, :public_key)"
            ),
            asdict(made) | {"up_to_xact": batch[-1][0], "up_to_id": batch[-1][1].id, "public_key": key.public},
        )
    return made


async def seal_all(database: Database, key: EvidenceKey) -> int:
    """Seal until nothing is left; returns how many seals were made."""
    made = 0
    while await seal(database, key):
        made += 1
    return made


def _of_row(row: object) -> Seal:
    names = ("number", "count", "root", "previous", "sealed_at", "signature")
    return Seal(**{name: getattr(row, name) for name in names})


async def _events(
    connection: AsyncConnection, since: tuple[str, int], until: tuple[str, int] | None
) -> AsyncIterator[tuple[str, Event]]:
    to_xact, to_id = until or (None, None)
    rows = await connection.execute(
        _EVENTS, {"xact": since[0], "id": since[1], "to_xact": to_xact, "to_id": to_id, "most": MOST_EVENTS}
    )
    for row in rows:
        yield row.xact, Event(id=row.id, at=row.at, tenant=row.tenant_id, kind=row.kind, body=row.body)


async def export(database: Database, *, since: datetime, until: datetime) -> AsyncIterator[str]:
    """The lines of an evidence file: every seal of a span of time with all its events.

    Raises:
        LedgerError: Nothing was sealed in that time.
    """
    async with database.transaction() as connection:
        rows = (
            await connection.execute(
                text(
                    "SELECT s.*, coalesce(p.up_to_xact, '0') AS after_xact, coalesce(p.up_to_id, 0) AS after_id FROM seal s"
                    " LEFT JOIN seal p ON p.number = s.number - 1 WHERE cast(s.sealed_at AS timestamptz) >= :since"
                    " AND cast(s.sealed_at AS timestamptz) < :until ORDER BY s.number"
                ),
                {"since": since, "until": until},
            )
        ).all()
        if not rows:
            raise LedgerError("nothing was sealed in that time; `fairdial evidence seal` seals what has happened")
        yield _line({"type": "header", "format": FORMAT, "public_key": rows[0].public_key, "seals": len(rows)})
        for row in rows:
            batch = [
                event
                async for _, event in _events(
                    connection, (row.after_xact, row.after_id), (row.up_to_xact, row.up_to_id)
                )
            ]
            leaves = [leaf(event).hex() for event in batch]
            yield _line({"type": "seal", **asdict(_of_row(row)), "leaves": leaves})
            for event in batch:
                yield _line({"type": "event", **asdict(event)})


def _line(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of an evidence file, one after another."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield line.rstrip("\n")
