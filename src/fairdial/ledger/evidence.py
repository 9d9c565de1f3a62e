"""The evidence chain: seal what has happened, export it for a stranger.

Sealing reads only events of finished transactions (`pg_snapshot_xmin`), in an order
that nothing can be inserted into later, and never stands in the way of a permit.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fairdial.core.contacts.check import LIST_ZONE
from fairdial.core.evidence import (
    GENESIS,
    MOST_CHARACTERS,
    Event,
    Seal,
    end_line,
    event_line,
    header_line,
    leaf,
    merkle_root,
    seal_digest,
    seal_line,
)
from fairdial.core.evidence_check import Broken, Proven, check
from fairdial.core.evidence_proof import BEGINNING, check_proofs
from fairdial.errors import InputError, LedgerError
from fairdial.ledger.database import Database
from fairdial.ledger.happened import note
from fairdial.ledger.parties import tenant_id
from fairdial.ledger.protection.keys import write_key

MOST_EVENTS = 50_000
"""Events in one seal; more are sealed in the next."""

_SEALING = 0x7365616C
"""Advisory lock: one sealer at a time."""

EVENT_COLUMNS = (
    "id, xact::text AS xact, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at, tenant_id, kind,"
    " body::text AS body"
)
"""An event as it is hashed."""

_EVENTS = text(
    f"SELECT {EVENT_COLUMNS} FROM event WHERE (xact, id) > (cast(:xact AS text)::xid8, :id)"
    " AND (cast(:to_xact AS text) IS NULL OR (xact, id) <= (cast(:to_xact AS text)::xid8, :to_id))"
    " AND xact < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY event.xact, event.id LIMIT :most"
)


class EvidenceKey:
    """The installation's signing key; the public half goes out with every export."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = raw.hex()

    def sign(self, digest: bytes) -> str:
        return self._private.sign(digest).hex()


async def evidence_key(database: Database, folder: Path) -> EvidenceKey:
    """The installation's signing key; made when nothing is sealed yet, readable by its owner only.

    Raises:
        LedgerError: It is missing although there are seals, holds no key, or is another than signed the last seal.
    """
    async with database.transaction() as connection:
        # Two starting workers make one key between them, and none while a first seal is being written.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING})
        last = await _last_seal(connection)
        key = _key_in(folder / "evidence.key", is_first=last is None)
        _require_same(key, last)
    return key


def _key_in(path: Path, *, is_first: bool) -> EvidenceKey:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_first and not path.exists():
            fresh = Ed25519PrivateKey.generate()
            write_key(path, fresh.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex())
        digits = path.read_text(encoding="ascii").strip()
        return EvidenceKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits)))
    except FileNotFoundError as error:
        raise LedgerError(
            f"{path} is missing; restore it from a backup: with another nothing that is sealed would be continued."
            " 请从备份恢复:换用其他密钥,已有的封存将无法延续"
        ) from error
    except ValueError as error:
        raise LedgerError(
            f"{path} holds no signing key; restore it from a backup, do not make another. 文件中没有签名密钥,请从备份恢复"
        ) from error
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be read or written ({type(error).__name__}); nothing is sealed without it."
            " 无法读写密钥文件,不予封存"
        ) from error


def _require_same(key: EvidenceKey, last: Row[Any] | None) -> None:
    if last is not None and last.public_key != key.public:
        raise LedgerError(
            f"evidence.key is not the key that signed seal {last.number} (its public key is {last.public_key});"
            " restore that one from a backup: nothing is sealed or exported with another."
            " 签名密钥与已有封存不符,请从备份恢复原来的密钥"
        )


def is_genuine(public_key: str, digest: bytes, signature: str) -> bool:
    """Check one Ed25519 signature; hexadecimal key and signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), digest)
    except (InvalidSignature, ValueError):
        return False
    return True


async def seal(database: Database, key: EvidenceKey) -> Seal | None:
    """Seal what has happened since the last seal; None when nothing has or another process is sealing.

    Raises:
        LedgerError: The last seal was signed with another key.
    """
    async with database.transaction() as connection:
        if not (
            await connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SEALING})
        ).scalar_one():
            return None
        last = await _last_seal(connection)
        _require_same(key, last)
        since = (last.up_to_xact, last.up_to_id) if last else ("0", 0)
        batch = [(xact, event) async for xact, event in events_between(connection, since, None)]
        if not batch:
            return None
        now: datetime = (await connection.execute(text("SELECT fairdial_now()"))).scalar_one()
        body = {
            "number": last.number + 1 if last else 1,
            "count": len(batch),
            "root": merkle_root([leaf(event) for _, event in batch]).hex(),
            "previous": seal_of(last).digest().hex() if last else GENESIS,
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


async def _last_seal(connection: AsyncConnection) -> Row[Any] | None:
    return (await connection.execute(text("SELECT * FROM seal ORDER BY number DESC LIMIT 1"))).one_or_none()


def event_of(row: Any) -> Event:
    """An event from a row of `EVENT_COLUMNS`."""
    return Event(id=row.id, at=row.at, tenant=row.tenant_id, kind=row.kind, body=row.body)


def seal_of(row: object) -> Seal:
    """A seal from its row."""
    names = ("number", "count", "root", "previous", "sealed_at", "signature")
    return Seal(**{name: getattr(row, name) for name in names})


async def events_between(
    connection: AsyncConnection, since: tuple[str, int], until: tuple[str, int] | None
) -> AsyncIterator[tuple[str, Event]]:
    """Events of finished transactions with their transaction, in their order; after `since`, up to `until`."""
    to_xact, to_id = until or (None, None)
    rows = await connection.execute(
        _EVENTS, {"xact": since[0], "id": since[1], "to_xact": to_xact, "to_id": to_id, "most": MOST_EVENTS}
    )
    for row in rows:
        yield row.xact, event_of(row)


def day_span(first: date, last: date) -> tuple[datetime, datetime]:
    """From when to when days reach, the last one included, in Beijing.

    Raises:
        InputError: The last day lies before the first.
    """
    if last < first:
        raise InputError(f"{last:%Y-%m-%d} lies before {first:%Y-%m-%d}; the first day comes first 截止日早于起始日")
    midnight = time(tzinfo=LIST_ZONE)
    return datetime.combine(first, midnight), datetime.combine(last + timedelta(days=1), midnight)


async def export(database: Database, key: EvidenceKey, *, since: datetime, until: datetime) -> AsyncIterator[str]:
    """The lines of an evidence file: every seal of a span of time with all its events; the last line signs the others.

    Raises:
        InputError: Nothing was sealed in that time.
        LedgerError: Something was sealed with another key.
    """
    whole = sha256()
    async for line in _sealed_lines(database, key, since, until):
        whole.update(f"{line}\n".encode())
        yield line
    yield end_line(whole.digest(), sign=key.sign)


async def _sealed_lines(database: Database, key: EvidenceKey, since: datetime, until: datetime) -> AsyncIterator[str]:
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
            raise InputError(
                "nothing was sealed in that time; `fairdial evidence seal` seals what has happened 该时间段内没有封存"
            )
        for row in rows:
            _require_same(key, row)
        yield header_line(public_key=key.public, first=rows[0].number, seals=len(rows), sign=key.sign)
        for row in rows:
            batch = [
                event
                async for _, event in events_between(
                    connection, (row.after_xact, row.after_id), (row.up_to_xact, row.up_to_id)
                )
            ]
            yield seal_line(seal_of(row), [leaf(event) for event in batch])
            for event in batch:
                yield event_line(event)


async def note_export(database: Database, *, tenant: str, by: str, first: date, last: date) -> None:
    """Keep as an event who exports which days."""
    async with database.transaction() as connection:
        about = {"by": by, "first": first.isoformat(), "last": last.isoformat()}
        await note(connection, await tenant_id(connection, tenant), "evidence.export", about)


_COUNTED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How far the chain reaches; `unsealed` events are counted up to 10,000."""

    public_key: str | None
    seals: int
    sealed_at: str | None
    unsealed: int


async def chain_state(database: Database) -> ChainState:
    """The last seal, its key, and how many events wait for the next."""
    async with database.transaction() as connection:
        last = await _last_seal(connection)
        since = {"xact": last.up_to_xact if last else "0", "id": last.up_to_id if last else 0, "most": _COUNTED}
        waiting = await connection.execute(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM event WHERE (xact, id) > (cast(:xact AS text)::xid8, :id) LIMIT :most) w"
            ),
            since,
        )
        return ChainState(
            public_key=last.public_key if last else None,
            seals=last.number if last else 0,
            sealed_at=last.sealed_at if last else None,
            unsealed=waiting.scalar_one(),
        )


def lines_of(path: Path) -> Iterator[str]:
    """The lines of an evidence file; bytes that are no UTF-8 become lone surrogates, an endless line comes in pieces."""
    with path.open("rb") as stream:
        yield from lines_in(stream)


def lines_in(stream: IO[bytes]) -> Iterator[str]:
    """The same of an open file."""
    with TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="\n") as words:
        while line := words.readline(MOST_CHARACTERS + 1):
            yield line.removesuffix("\n")


def verify(lines: Iterator[str], *, public_key: str | None = None) -> Proven | Broken:
    """Check a whole file or one of proofs; needs neither database nor network.

    Args:
        public_key: The key that must have signed it, 64 hexadecimal digits; None takes any.

    Raises:
        InputError: `public_key` is none.
    """
    expected = None if public_key is None else public_key.strip().lower()
    if expected is not None and not re.fullmatch("[0-9a-f]{64}", expected):
        raise InputError("--public-key has 64 hexadecimal digits 公钥为 64 位十六进制数字")
    first = next(lines, None)
    whole = chain(() if first is None else (first,), lines)
    answer = (check_proofs if (first or "").startswith(BEGINNING) else check)(whole, is_genuine)
    if isinstance(answer, Proven) and expected not in {None, answer.public_key}:
        return Broken(line=1, problem=f"signed by another key 由其他密钥签署: {answer.public_key}")
    return answer
