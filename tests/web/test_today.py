"""One reading tells what runs, what waits, and the promise; each sees what is theirs."""

from __future__ import annotations

import asyncio

from fairdial.core.access.roles import Role
from fairdial.core.script.parse import parse_script
from fairdial.ledger.calls.attempts import record_call_back
from fairdial.ledger.calls.follow_ups import record_follow_up
from fairdial.ledger.calls.permits import redeem
from fairdial.ledger.calls.runs import only_run
from fairdial.ledger.calls.suspensions import suspend
from fairdial.ledger.scripts import submit_script
from tests.core.scripts import content
from tests.ledger.stories import TENANT, ask_all, campaign, person, run_of
from tests.web.stories import site


def test_what_runs_what_waits_and_the_promise_come_in_one_answer(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(index) for index in range(3)])
            asked = await ask_all(database, await run_of(database))
            permits = [one.permit for one in asked if one.permit]
            await redeem(database, permits[0])
            changed = content() | {"title": "改过的话术"}
            version = parse_script(changed, name="renewal")
            await submit_script(database, tenant=TENANT, content=changed, script=version, by="王编写")
            await suspend(database, tenant=TENANT, resource="line", name="practice", reason="投诉", by="周合规")
            later = await database.now()
            await record_call_back(database, attempt_id=permits[0].attempt_id, words="晚点打", not_before=later)
            await record_follow_up(
                database, attempt_id=permits[0].attempt_id, kind="hand_over", name="顾问", content={}
            )
            everybody = await there.signed_in("all", list(Role))
            async with only_run(database, tenant=TENANT, campaign="renewal"):
                all_of_it = (await everybody.get("/api/v1/today")).json()
            assert (await everybody.get("/api/v1/today")).json()["running"] == [], "its process is gone"
            assert (all_of_it["calls"], all_of_it["answered"], all_of_it["without_permit"]) == (1, 0, 0)
            [running] = all_of_it["running"]
            assert {name: running[name] for name in ("campaign", "run", "contacts", "asked", "living")} == {
                "campaign": "renewal", "run": 1, "contacts": 3, "asked": 3, "living": 1,
            }  # fmt: skip
            assert [(one["by"], one["hash"]) for one in all_of_it["reviews"]] == [("王编写", version.hash)]
            assert [one["name"] for one in all_of_it["suspensions"]] == ["practice"]
            assert [(one["campaign"], one["contacts"]) for one in all_of_it["call_backs"]] == [("renewal", 1)]
            assert [(one["kind"], one["number"]) for one in all_of_it["follow_ups"]] == [("hand_over", 1)]
            assert all_of_it["complaints"] == []
            writer = (await (await there.signed_in("xie", [Role.WRITER])).get("/api/v1/today")).json()
            assert (writer["complaints"], writer["suspensions"], len(writer["reviews"])) == (None, None, 1)

    asyncio.run(story())


def test_a_call_whose_permit_was_never_spent_breaks_the_promise(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            database = there.app.database
            await campaign(database, [person(0)])
            await ask_all(database, await run_of(database))
            async with database.transaction() as connection:
                await connection.exec_driver_sql("UPDATE attempt SET state = 'dialing', dialled_at = fairdial_now()")
            seen = (await (await there.signed_in("li", [Role.OPERATOR])).get("/api/v1/today")).json()
            assert (seen["calls"], seen["without_permit"]) == (1, 1)

    asyncio.run(story())
