"""Nothing personal stands in the database in clear; keys that are missing or wrong are refused, and can be changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, make_url, text

from fairdial.core.call_record import CallRecord, Turn
from fairdial.core.contacts.rows import ConsentRow
from fairdial.core.dialogue.events import GreetingOver, HungUp, SentenceHeard
from fairdial.core.dialogue.log import Entry, Log
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.dialogue.state import Facts
from fairdial.core.policy.case import Level, Purpose
from fairdial.core.wire import WireMessage
from fairdial.errors import LedgerError
from fairdial.ledger.calls.attempts import end_attempt, record_call_back
from fairdial.ledger.calls.corrections import correct_grade, correct_turn
from fairdial.ledger.calls.follow_ups import record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.database import Database, alembic_config, as_owner, open_database
from fairdial.ledger.people.complaints import ComplaintNotice, take_complaint
from fairdial.ledger.people.intake import EarlierContact, import_contacts_made
from fairdial.ledger.people.readers import set_reader
from fairdial.ledger.people.refusals import record_refusal
from fairdial.ledger.protection.keys import KeySettings
from fairdial.ledger.protection.person_key import PersonKey
from fairdial.ledger.protection.rotation import change_master, rotate, sealed_under_older_keys
from fairdial.ledger.protection.vault import Vault, fresh_key, unwrap, wrap
from tests.campaign.test_dialer import RECORD
from tests.core.cases import CN_MORNING, PACKS
from tests.core.scripts import renewal
from tests.ledger.stories import KEYS, TENANT, all_known, ask_all, campaign, ledger, one, person, run_of, whole_database

WHO = person(1).number


@given(value=st.dictionaries(st.text(), st.text() | st.none()), about=st.text())
def test_what_is_sealed_opens_again_and_only_where_it_belongs(value: dict[str, str], about: str) -> None:
    keys = {1: fresh_key()}
    vault = Vault(lambda: keys)
    sealed = vault.seal(about, value)
    assert vault.open(about, sealed) == value
    with pytest.raises(LedgerError, match="altered or moved"):
        vault.open(about + "x", sealed)
    with pytest.raises(LedgerError, match="altered or moved"):
        vault.open(about, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_vault_learns_of_new_keys_and_says_when_one_is_gone() -> None:
    keys = {1: fresh_key()}
    early = Vault(lambda: dict(keys))
    keys[2] = fresh_key()
    sealed = Vault(lambda: dict(keys)).seal("x", {"name": "王"})
    assert early.open("x", sealed) == {"name": "王"}
    del keys[2]
    with pytest.raises(LedgerError, match="data key 2 is gone"):
        Vault(lambda: dict(keys)).open("x", sealed)


def test_a_data_key_opens_under_its_own_number_and_master_only() -> None:
    master, key = fresh_key(), fresh_key()
    assert unwrap(master, 3, wrap(master, 3, key)) == key
    for other, number in ((fresh_key(), 3), (master, 4)):
        with pytest.raises(LedgerError, match="master key"):
            unwrap(other, number, wrap(master, 3, key))


CONSENT = ConsentRow(
    purposes=frozenset({Purpose.SERVICE}),
    channels=frozenset({"call"}),
    obtained_at=CN_MORNING - timedelta(days=30),
    until=None,
    evidence_file="consent.pdf",
    evidence_sha256="c" * 64,
)


def _a_conversation() -> Log:
    """Somebody is greeted and says who they are."""
    understood = Understood(meaning=Meaning.ACCEPT, confidence=1.0, evidence="欧阳")
    facts = Facts(values={"person": "王女士", "premium": "两千八百六十元"}, key="1")
    events = (GreetingOver(), SentenceHeard(text="我姓欧阳", understood=understood, at=CN_MORNING), HungUp())
    moments = retrace(renewal(), facts, events)
    return Log(
        script=renewal().hash,
        facts=facts,
        entries=tuple(Entry(at_ms=1000 * n, event=m.event, actions=m.actions) for n, m in enumerate(moments)),
    )


LOG = _a_conversation()


WIRE = (
    WireMessage(after_ms=0, is_ours=True, what="INVITE", of="1 INVITE", has_sdp=True),
    WireMessage(after_ms=40, is_ours=False, what="486 Busy Here", of="1 INVITE", told=("reason: Q.850;cause=17",)),
)


async def a_full_call(database: Database) -> None:
    """A call that leaves something personal in every table that holds any."""
    asked_before = EarlierContact(number=WHO, at=CN_MORNING - timedelta(days=40), channel="call", source="old system")
    await import_contacts_made(database, tenant=TENANT, made=[asked_before])
    await campaign(database, [replace(person(1), consent=CONSENT)])
    [asked] = await ask_all(database, await run_of(database))
    assert asked.permit is not None
    attempt, now = asked.permit.attempt_id, await database.now()
    await redeem(database, asked.permit)
    owed = {"text": "地址是人民路 8 号"}
    await record_follow_up(database, attempt_id=attempt, kind="message", name="address", content=owed)
    await record_refusal(database, attempt_id=attempt, kind="soft", words="别再打了", understood_at=now)
    await record_call_back(database, attempt_id=attempt, words="下午三点打来", not_before=now)
    turn = Turn(
        heard="我姓欧阳",
        understood=Understood(meaning=Meaning.ACCEPT, confidence=1.0, evidence="欧阳"),
        said="王女士您好",
        gap_ms=900,
        interrupted=False,
        heard_at=now,
        said_at=now,
    )
    record: CallRecord = replace(RECORD, answered_at=now, turns=(turn,), log=LOG, recording_key=bytes(32), wire=WIRE)
    await end_attempt(database, attempt_id=attempt, record=record)
    who = "李质检"
    await set_reader(database, tenant=TENANT, name=who, level=Level.PRIVATE, by="王经理")
    said = "我在曲阜开会"
    await correct_turn(database, tenant=TENANT, call_id=attempt, position=0, meaning=Meaning.BUSY, heard=said, by=who)
    await correct_grade(database, tenant=TENANT, call_id=attempt, grade="B", reason="约了周五面谈", by=who)
    day = timedelta(days=1)
    notice = ComplaintNotice(
        number=WHO, caller_number=None, category="nuisance", source="12321", words="骚扰电话", received_at=now,
        acknowledge_within=day, close_within=day,
    )  # fmt: skip
    await take_complaint(database, tenant=TENANT, notice=notice, brakes=PACKS["*"].brakes)


PERSONAL = (
    WHO,
    WHO[3:],
    "女士",
    '"2860"',
    "别再打了",
    "下午三点",
    "欧阳",
    "骚扰电话",
    "人民路",
    "曲阜",
    "面谈",
    '"王"',
)


def test_nothing_personal_stands_in_the_database_in_clear(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await a_full_call(database)
            written = await whole_database(database)
            assert database.person_key.of(WHO) in written
            assert [word for word in PERSONAL if word in written] == []
            known = str(await all_known(database, WHO))
            assert [word for word in PERSONAL if word.strip('"') not in known] == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(KEYS, master="ff" * 32), "master key is not the one"),
        (replace(KEYS, number="t" * 32), "number key is not the one"),
        (replace(KEYS, master=None), "master.key is missing"),
        (replace(KEYS, number=None), "number.key is missing"),
    ],
)
def test_a_wrong_or_missing_key_is_refused_before_anything_is_written(
    database_url: str, wrong: KeySettings, says: str
) -> None:
    async def story() -> None:
        async with ledger(database_url) as database:
            await campaign(database, [person(1)])
            before = await whole_database(database)
        with pytest.raises(LedgerError, match=says):
            async with open_database(url=database_url, keys=wrong):
                pass
        async with open_database(url=database_url, keys=KEYS) as database:
            assert await whole_database(database) == before

    asyncio.run(story())


def test_rotation_seals_everything_anew_and_a_running_worker_reads_on(database_url: str) -> None:
    async def story() -> None:
        async with ledger(database_url) as worker, ledger(database_url) as operator:
            await a_full_call(worker)
            events = await one(worker, "SELECT count(*) FROM event")
            assert await rotate(operator, KEYS) == 2
            assert await one(worker, "SELECT count(*) FROM event") == events
            known = await all_known(worker, WHO)
            assert known["contacts"][0]["name"] == "王"
            assert worker.vault.newest == 2 and await sealed_under_older_keys(worker) == 0
            await campaign(worker, [person(2)], name="after")
            assert len(await ask_all(worker, await run_of(worker, "after"))) == 1

    asyncio.run(story())


def test_the_master_key_changes_and_the_old_one_opens_nothing(database_url: str, tmp_path: Path) -> None:
    files = KeySettings(folder=tmp_path, number="s" * 32)

    async def story() -> None:
        async with open_database(url=database_url, keys=files) as database:
            await campaign(database, [person(1)])
            old = (tmp_path / "master.key").read_text()
            assert (tmp_path / "master.key").stat().st_mode & 0o077 == 0
            await change_master(database, files)
            assert (tmp_path / "master.key").read_text() != old
        async with open_database(url=database_url, keys=files) as database:
            assert (await all_known(database, WHO))["contacts"][0]["number"] == WHO
        with pytest.raises(LedgerError, match="master key is not the one"):
            async with open_database(url=database_url, keys=replace(files, master=old.strip())):
                pass

    asyncio.run(story())


def test_a_change_of_the_master_key_that_was_cut_off_is_finished(database_url: str, tmp_path: Path) -> None:
    files = KeySettings(folder=tmp_path, number="s" * 32)

    async def story() -> None:
        async with open_database(url=database_url, keys=files) as database:
            old = (tmp_path / "master.key").read_text()
            await change_master(database, files)
        (tmp_path / "master.key").rename(tmp_path / "master.next")  # as if the process had died before the rename
        (tmp_path / "master.key").write_text(old)
        async with open_database(url=database_url, keys=files):
            assert (tmp_path / "master.key").read_text() != old and not (tmp_path / "master.next").exists()

    asyncio.run(story())


def test_a_ledger_from_before_is_sealed_when_it_is_opened(empty_database_url: str) -> None:
    def as_it_was(connection: Connection) -> None:
        command.upgrade(alembic_config(connection, KEYS), "0004")
        for order in (
            "INSERT INTO tenant (name) VALUES ('晴川保险')",
            "INSERT INTO person DEFAULT VALUES",
            "INSERT INTO list (tenant_id, name) VALUES (1, 'l')",
            "INSERT INTO list_import (tenant_id, list_id, file_name, file_sha256, accepted, rejected)"
            " VALUES (1, 1, 'l.csv', '', 1, '[]')",
        ):
            connection.execute(text(order))
        connection.execute(text("INSERT INTO person_number (number_key, person_id) VALUES (:key, 1)"), {"key": key})
        connection.execute(
            text(
                "INSERT INTO contact (tenant_id, list_id, person_id, number_key, number, number_kind, name, attributes,"
                " line_no, list_import_id) VALUES (1, 1, 1, :key, :number, 'practice', '欧阳', '{\"premium\": \"2860\"}', 2, 1)"
            ),
            {"key": key, "number": WHO},
        )

    key = PersonKey("s" * 32).of(WHO)

    async def story() -> None:
        await as_owner(make_url(empty_database_url).set(drivername="postgresql+psycopg"), as_it_was)
        async with open_database(url=empty_database_url, keys=KEYS) as database:
            assert "欧阳" not in await whole_database(database)
            [contact] = (await all_known(database, WHO))["contacts"]
            assert (contact["number"], contact["name"], contact["attributes"]) == (WHO, "欧阳", {"premium": "2860"})

    asyncio.run(story())


def test_two_changes_of_the_master_key_at_once_lose_nothing(database_url: str, tmp_path: Path) -> None:
    """The second wrote its key over the first's before it was refused, and nothing could be read any more."""
    files = KeySettings(folder=tmp_path, number="s" * 32)

    async def story() -> None:
        async with open_database(url=database_url, keys=files) as database:
            await campaign(database, [person(1)])
            done = await asyncio.gather(*(change_master(database, files) for _ in range(4)), return_exceptions=True)
            assert None in done and all(d is None or isinstance(d, LedgerError) for d in done)
        async with open_database(url=database_url, keys=files) as database:
            assert (await all_known(database, WHO))["contacts"][0]["number"] == WHO

    asyncio.run(story())
