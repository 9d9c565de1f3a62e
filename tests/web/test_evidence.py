"""Evidence leaves by the API as one file that a stranger checks without us; a byte that was changed is named."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fairdial.core.access.roles import Role
from fairdial.ledger.parties import tenant_id
from fairdial.web.routes import evidence
from tests.ledger.stories import one
from tests.ledger.test_vault import WHO, a_full_call
from tests.web.stories import Site, code_of, site

SPAN = {"first": "2026-11-25", "last": "2026-11-25"}
VERIFY = "/api/v1/evidence/verify"

OFFLINE = """
import sys
def never(name, _):
    if name.startswith("socket."): raise SystemExit("the verifier asked for the network")
sys.addaudithook(never)
from fairdial.cli.main import app
app(["evidence", "verify", "FILE", "--json"])
"""


def verified_offline(path: Path) -> dict[str, Any]:
    """What the verifier says in a process of its own, without database, keys or network."""
    environment = {
        "PATH": "",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "FAIRDIAL_DATABASE_URL": "postgresql://192.0.2.1/x",
    }
    ran = subprocess.run(
        [sys.executable, "-c", OFFLINE.replace("FILE", str(path))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == (0 if answer["genuine"] else 1)
    return answer


async def exported(there: Site) -> bytes:
    """What the API exports of the day of a call."""
    await a_full_call(there.app.database)
    browser = await there.signed_in("li", [Role.COMPLIANCE])
    answer = await browser.post("/api/v1/evidence/exports", json=SPAN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence-2026-11-25-2026-11-25.jsonl"'
    return answer.content


def test_what_the_api_exports_a_stranger_checks_and_a_changed_byte_is_named(database_url: str, tmp_path: Path) -> None:
    async def story() -> bytes:
        async with site(database_url, home=tmp_path) as there:
            return await exported(there)

    content = asyncio.run(story())
    assert WHO.encode() not in content and "evidence.export" in content.decode(), "its own making stands in it"
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(content)
    answer = verified_offline(path)
    assert answer["genuine"] and answer["events"] > 5
    line = next(n for n, text in enumerate(content.splitlines(), start=1) if b"permit.insert" in text)
    at = content.index(b"permit.insert")
    path.write_bytes(content[:at] + b"P" + content[at + 1 :])
    assert (verified_offline(path)["genuine"], verified_offline(path)["line"]) == (False, line)


def test_the_api_checks_a_file_as_the_offline_verifier_does_and_keeps_nothing(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with site(database_url, home=tmp_path) as there:
            content = await exported(there)
            auditor = await there.signed_in("zhou", [Role.AUDITOR])
            good = (await auditor.post(VERIFY, content=content)).json()
            assert good["is_genuine"] and good["is_ours"] and good["line"] is None
            chain = (await auditor.get("/api/v1/evidence")).json()
            assert chain["public_key"] == good["public_key"] and chain["seals"] == good["seals"] == 1
            bad = (await auditor.post(VERIFY, content=content[:-40])).json()
            assert not bad["is_genuine"] and bad["line"] == content.count(b"\n") and bad["problem"]
            another = (await auditor.post(VERIFY, params={"public_key": "ab" * 32}, content=content)).json()
            assert not another["is_genuine"] and "another key" in another["problem"]
            assert not list(tmp_path.glob("*.jsonl"))

    asyncio.run(story())


@pytest.mark.parametrize("garbage", [b"", b"\x00\xff" * 500, b"{}\n", b"[" * 100_000, b'{"type": "proof"}', b"\n" * 9])
def test_garbage_is_no_evidence_and_says_where(database_url: str, garbage: bytes) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            auditor = await there.signed_in("zhou", [Role.AUDITOR])
            answer = await auditor.post(VERIFY, content=garbage)
            assert answer.status_code == 200, answer.text
            assert (answer.json()["is_genuine"], answer.json()["line"]) == (False, 1)

    asyncio.run(story())


def test_a_file_too_large_to_check_here_is_sent_to_the_offline_verifier(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_BYTES", 1 << 20)

    async def story() -> None:
        async with site(database_url) as there:
            auditor = await there.signed_in("zhou", [Role.AUDITOR])
            answer = await auditor.post(VERIFY, content=b" " * ((1 << 20) + 1))
            assert (answer.status_code, code_of(answer)) == (413, "too-large")
            assert "fairdial evidence verify" in answer.json()["detail"]

    asyncio.run(story())


def test_an_export_is_refused_where_other_tenants_events_stand_in_the_chain_and_for_days_without_seals(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with site(database_url, home=tmp_path) as there:
            await a_full_call(there.app.database)
            li = await there.signed_in("li", [Role.COMPLIANCE])
            for first, last in (("2020-01-01", "2020-01-02"), ("2026-11-26", "2026-11-25")):
                answer = await li.post("/api/v1/evidence/exports", json={"first": first, "last": last})
                assert code_of(answer) == "input"
            async with there.app.database.transaction() as connection:
                await tenant_id(connection, "岚山教育")
            assert code_of(await li.post("/api/v1/evidence/exports", json=SPAN)) == "several-tenants"
            asked = "SELECT count(*) FROM event WHERE kind = 'evidence.export' AND body ->> 'by' = 'li'"
            assert await one(there.app.database, asked) == 1

    asyncio.run(story())


def test_a_call_shows_the_seals_over_it_and_its_proof_is_checked_by_a_stranger(
    database_url: str, tmp_path: Path
) -> None:
    async def story() -> bytes:
        async with site(database_url, home=tmp_path) as there:
            await a_full_call(there.app.database)
            seat = await there.signed_in("chen", [Role.SEAT])
            before = (await seat.get("/api/v1/calls/1/evidence")).json()
            assert {one["seal"] for one in before["events"]} == {None} and before["public_key"] is None
            assert code_of(await seat.get("/api/v1/calls/1/evidence/proof")) == "unsealed"
            li = await there.signed_in("li", [Role.COMPLIANCE])
            await li.post("/api/v1/evidence/exports", json=SPAN)
            events = (await seat.get("/api/v1/calls/1/evidence")).json()["events"]
            assert {"verdict.insert", "permit.insert", "attempt.insert", "refusal.insert"} <= {
                e["kind"] for e in events
            }
            assert {one["seal"] for one in events} == {1}
            proof = await seat.get("/api/v1/calls/1/evidence/proof")
            assert proof.headers["content-type"].startswith("application/x-ndjson")
            assert proof.content.count(b"\n") == len(events) and WHO not in proof.text
            assert (await seat.post(VERIFY, content=proof.content)).status_code == 403
            assert (await li.post(VERIFY, content=proof.content)).json()["events"] == len(events)
            return proof.content

    content = asyncio.run(story())
    path = tmp_path / "proof.jsonl"
    path.write_bytes(content)
    assert verified_offline(path)["genuine"]
    at = content.rindex(b'"permit.update"') + 1
    path.write_bytes(content[:at] + b"P" + content[at + 1 :])
    assert verified_offline(path)["line"] == content[:at].count(b"\n") + 1
