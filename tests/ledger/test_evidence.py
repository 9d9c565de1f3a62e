"""The evidence chain over a real database: written by it, sealed beside it, checked without it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.evidence import GENESIS, MOST_CHARACTERS, Seal, seal_line
from fairdial.core.evidence_check import Broken, Proven, check
from fairdial.errors import LedgerError
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database
from fairdial.ledger.evidence import (
    MOST_EVENTS,
    EvidenceKey,
    evidence_key,
    export,
    is_genuine,
    lines_of,
    seal,
    seal_all,
)
from fairdial.ledger.people.refusals import record_refusal
from tests.ledger.stories import ask_all, campaign, ledger, one, person, run_of

ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


async def a_busy_morning(database: Database) -> None:
    await campaign(database, [person(i) for i in range(1, 4)])
    asked = await ask_all(database, await run_of(database))
    for one_asked in asked:
        assert one_asked.permit is not None
        await redeem(database, one_asked.permit)
    permit = asked[0].permit
    assert permit is not None
    now = await database.now()
    await record_refusal(database, attempt_id=permit.attempt_id, kind="hard", words="别再打了", understood_at=now)


async def something_happens(database: Database, kind: str = "x") -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO event (tenant_id, at, kind, body) VALUES (1, fairdial_now(), :kind, '{}')"),
            {"kind": kind},
        )


async def exported(database: Database, key: EvidenceKey) -> list[str]:
    return [line async for line in export(database, key, since=ALWAYS[0], until=ALWAYS[1])]


def test_what_happened_is_sealed_exported_and_proven_by_a_stranger(database_url: str, tmp_path: Path) -> None:
    async def story() -> tuple[list[str], EvidenceKey]:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            await a_busy_morning(database)
            assert await seal_all(database, key) == 1
            return await exported(database, key), key

    lines, key = asyncio.run(story())
    answer = check(lines, is_genuine)
    assert isinstance(answer, Proven) and answer.public_key == key.public
    kinds = {json.loads(line)["kind"] for line in lines if '"type": "event"' in line}
    assert kinds >= {
        "verdict.insert",
        "permit.insert",
        "permit.update",
        "attempt.insert",
        "refusal.insert",
        "approval.insert",
    }
    assert "别再打了" not in "".join(lines) and "15400000" not in "".join(lines) and "王" not in "".join(lines)


def test_events_are_sealed_in_the_order_of_their_transactions_and_not_of_its_digits(
    database_url: str, tmp_path: Path
) -> None:
    """Transaction 10 was sealed before 9: the seal ended too early, and no export of it could be proven."""

    async def story() -> tuple[int, list[str]]:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            for xact in ("9", "10"):
                async with database.transaction() as connection:
                    await connection.execute(text("RESET ROLE"))
                    await connection.execute(
                        text(
                            "INSERT INTO event (tenant_id, at, kind, body, xact)"
                            " VALUES (1, fairdial_now(), 'x', '{}', cast(cast(:xact AS text) AS xid8))"
                        ),
                        {"xact": xact},
                    )
            return await seal_all(database, key), await exported(database, key)

    seals, lines = asyncio.run(story())
    assert seals == 1 and isinstance(check(lines, is_genuine), Proven)


def test_an_altered_event_is_pointed_at(database_url: str, tmp_path: Path) -> None:
    async def story() -> list[str]:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            await a_busy_morning(database)
            await seal_all(database, key)
            return await exported(database, key)

    lines = asyncio.run(story())
    place = next(i for i, line in enumerate(lines) if "refusal.insert" in line)
    lines[place] = lines[place].replace("hard", "soft")
    answer = check(lines, is_genuine)
    assert isinstance(answer, Broken) and answer.line == place + 1 and "altered" in answer.problem


@pytest.mark.parametrize(
    "order", ["UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event", "DELETE FROM seal"]
)
def test_the_workers_user_can_neither_change_nor_remove_an_event(database_url: str, order: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_busy_morning(database)
            before = await one(database, "SELECT count(*) FROM event")
            with pytest.raises(ProgrammingError, match="permission denied"):
                async with database.transaction() as connection:
                    await connection.execute(text(order))
            assert await one(database, "SELECT count(*) FROM event") == before

    asyncio.run(story())


def test_even_the_owner_is_stopped_by_the_table_itself(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_busy_morning(database)

    asyncio.run(story())
    with psycopg.connect(database_url) as owner:
        for order in ("UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(order)
            owner.rollback()


def test_an_event_that_is_committed_late_is_sealed_later_and_never_lost(database_url: str, tmp_path: Path) -> None:
    """Numbers are given before the commit: a sealer that goes by number alone would pass over a slow transaction."""

    async def story() -> list[str]:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            await campaign(database, [person(1)])
            await seal_all(database, key)
            async with database.transaction() as slow:
                await slow.execute(
                    text("INSERT INTO event (tenant_id, at, kind, body) VALUES (1, fairdial_now(), 'slow', '{}')")
                )
                await something_happens(database, "fast")
                assert await seal(database, key) is None, "nothing is sealed past a transaction that is still open"
            await seal_all(database, key)
            return await exported(database, key)

    lines = asyncio.run(story())
    assert isinstance(check(lines, is_genuine), Proven)
    assert [kind for line in lines for kind in ("slow", "fast") if f'"kind": "{kind}"' in line] == ["slow", "fast"]


def test_seals_continue_each_other_over_many_batches(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            await campaign(database, [person(i) for i in range(1, 6)])
            numbers = []
            for _ in range(4):
                await something_happens(database)
                made = await seal(database, key)
                numbers.append(made.number if made else None)
            assert numbers == [1, 2, 3, 4]
            assert isinstance(check(await exported(database, key), is_genuine), Proven)
            early = [
                line
                async for line in export(database, key, since=ALWAYS[0], until=await database.now() + timedelta(days=1))
            ]
            assert isinstance(check(early, is_genuine), Proven)

    asyncio.run(story())


def test_a_full_seal_is_a_line_that_can_be_checked() -> None:
    last = 2**31 - 1
    full = Seal(
        number=last, count=MOST_EVENTS, root="0" * 64, previous=GENESIS, sealed_at="t" * 40, signature="0" * 128
    )
    assert len(seal_line(full, [bytes(32)] * MOST_EVENTS)) <= MOST_CHARACTERS


def test_the_first_start_makes_a_key_that_only_its_owner_reads_and_the_next_finds_it(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            made, same = await asyncio.gather(*(evidence_key(database, tmp_path / "home") for _ in range(2)))
            assert made.public == same.public

    asyncio.run(story())
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["evidence.key"]
    assert (tmp_path / "home" / "evidence.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"lost", b"", b"ab" * 31, "密钥".encode(), b"\xff\xfe\x00" * 99])
def test_a_key_file_that_holds_no_key_is_never_replaced(database_url: str, tmp_path: Path, content: bytes) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await evidence_key(database, tmp_path)

    (tmp_path / "evidence.key").write_bytes(content)
    with pytest.raises(LedgerError, match=r"holds no signing key; restore it from a backup.*请从备份恢复"):
        asyncio.run(story())
    assert (tmp_path / "evidence.key").read_bytes() == content


def test_a_key_that_is_missing_although_there_are_seals_is_never_replaced(database_url: str, tmp_path: Path) -> None:
    """It was replaced in silence: the next seals were signed with another, and no export could be verified."""

    async def story() -> None:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            await something_happens(database)
            await seal_all(database, key)
            (tmp_path / "evidence.key").unlink()
            with pytest.raises(LedgerError, match=r"evidence\.key is missing; restore it from a backup.*请从备份恢复"):
                await evidence_key(database, tmp_path)

    asyncio.run(story())
    assert not list(tmp_path.iterdir())


def test_nothing_is_sealed_or_exported_with_another_key_than_the_last_seal(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            key, other = [await evidence_key(database, tmp_path / name) for name in ("one", "other")]
            await something_happens(database)
            await seal_all(database, key)
            await something_happens(database)
            for attempt in (
                evidence_key(database, tmp_path / "other"),
                seal(database, other),
                exported(database, other),
            ):
                with pytest.raises(LedgerError, match=r"not the key that signed seal 1 .*请从备份恢复"):
                    await attempt
            assert await one(database, "SELECT count(*) FROM seal") == 1

    asyncio.run(story())


def verified(*arguments: object) -> tuple[int, str]:
    """Exit code and text of `fairdial evidence verify`; a traceback fails the test."""
    result = CliRunner().invoke(app, ["evidence", "verify", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_file_is_verified_on_the_command_line_byte_by_byte(database_url: str, tmp_path: Path) -> None:
    async def story() -> tuple[list[str], EvidenceKey]:
        async with ledger(database_url) as database:
            key = await evidence_key(database, tmp_path)
            for _ in range(2):
                await something_happens(database)
                await seal_all(database, key)
            return await exported(database, key), key

    lines, key = asyncio.run(story())
    path = tmp_path / "november [1].jsonl"
    whole = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(whole)
    code, says = verified(path, "--public-key", key.public.upper())
    assert code == 0 and "genuine 可信" in says and "(1–2)" in says
    code, says = verified(path, "--public-key", "0" * 64)
    assert code == 1 and "another key" in says and key.public in says
    assert json.loads(verified(path, "--json")[1])["public_key"] == key.public
    for place in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        answer = check(lines_of(path), is_genuine)
        assert isinstance(answer, Broken) and answer.line <= whole[:place].count(b"\n") + 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", bytes(range(256)) * 999, b"\x00" * 9_000_000, b"[" * 100_000, b"[0," * 3_000_000],
    ids=["empty", "blank", "binary", "zeros", "deep", "endless"],
)
def test_a_file_that_is_no_evidence_is_refused_with_its_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.jsonl"
    path.write_bytes(content)
    code, says = verified(path)
    assert code == 1 and f"{path}:1: " in says.replace("\n", "") and len(says) < 1000
