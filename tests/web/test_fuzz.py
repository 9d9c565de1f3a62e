"""Strangers' requests, made from the committed contract: no crash, and no answer that the contract does not tell.

`FUZZ_SECONDS` is how long it tries; `make fuzz-api` takes a quarter of an hour.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from fairdial.core.access.roles import SECOND_LOOKS, Permission, Role
from fairdial.core.policy.case import Level
from fairdial.ledger.access.sessions import make_key
from fairdial.ledger.access.users import add_user
from fairdial.ledger.people.readers import set_reader
from tests.console.served import Served, served
from tests.ledger.stories import TENANT
from tests.ledger.test_vault import a_full_call

CONTRACT = Path(__file__).parents[2] / "docs" / "openapi.json"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "30"))

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)

TESTER = "周敏"

LEFT_OUT = (
    ("--exclude-path-regex", "/live$"),
    ("--exclude-operation-id", "revoke_key_api_v1_keys__key_id__delete"),
)
"""An answer without an end cannot be judged by who waits for it; a tester that revokes its own key tests nothing more."""

KNOWN = """
[[operations]]
include-path-regex = "/(calls|attempts)/"
parameters = {{ "path.call_id" = {call} }}
[[operations]]
include-path-regex = "/campaigns/"
parameters = {{ "path.name" = "{campaign}" }}
[[operations]]
include-path-regex = "/lists/"
parameters = {{ "path.name" = "{contact_list}" }}
[[operations]]
include-path-regex = "/users/"
parameters = {{ "path.name" = "{who}" }}
"""
"""Things that are there: what is made up is found nowhere, and most of a route is never reached."""


def a_filled_site(there: Served) -> tuple[str, str]:
    """A tenant with a call, its words and its person; returns a key that may do everything a key may, and what is there."""

    async def filled() -> tuple[str, str]:
        database = there.there.app.database
        await a_full_call(database)
        await add_user(database, tenant=TENANT, name=TESTER, roles=list(Role), by="王经理")
        await set_reader(database, tenant=TENANT, name=TESTER, level=Level.SENSITIVE, by="王经理")
        ends_at = datetime.now(UTC) + timedelta(days=1)
        key = await make_key(
            database, tenant=TENANT, name=TESTER, scopes=set(Permission) - SECOND_LOOKS, ends_at=ends_at, by="王经理"
        )
        async with database.transaction() as connection:
            there_is = text(
                "SELECT a.id AS call, c.name AS campaign, l.name AS contact_list FROM attempt a, campaign c, list l"
            )
            found = (await connection.execute(there_is)).mappings().one()
        return key, KNOWN.format(**found, who=TESTER)

    return there.do(filled())


@pytest.mark.parametrize("knows", [False, True], ids=["a stranger", "somebody who knows what is there"])
def test_no_request_crashes_the_server_or_is_answered_with_what_the_contract_does_not_tell(
    database_url: str, tmp_path: Path, knows: bool
) -> None:
    with served(database_url) as there:
        key, known = a_filled_site(there)
        (tmp_path / "schemathesis.toml").write_text(known if knows else "")
        told = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(CONTRACT), "--url", there.base),
                *("--header", f"Authorization: Bearer {key}", "--checks", CHECKS, "--max-time", str(SECONDS // 2)),
                *("--request-timeout", "60", "--no-color", "--suppress-health-check", "all", "--warnings", "off"),
                *(word for words in LEFT_OUT for word in words),
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.web.fuzz_hooks", "PYTHONPATH": str(CONTRACT.parents[1])},
            capture_output=True,
            text=True,
            timeout=SECONDS * 2 + 300,
            check=False,
        )
    print(told.stdout)
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr[-4_000:]
