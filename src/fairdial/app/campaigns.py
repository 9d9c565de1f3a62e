"""Whom a campaign would call, looked at before it calls anybody, or before it exists."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fairdial.app import App
from fairdial.campaign_plan import law_hours
from fairdial.core.campaign.check import Finding
from fairdial.core.campaign.plan import Plan as CallingPlan
from fairdial.core.policy.case import Purpose, Window
from fairdial.core.policy.decide import decide
from fairdial.core.policy.tally import Tally, tally
from fairdial.core.script.model import Script
from fairdial.ledger.calls.preview import CasePage, Draft, cases_page
from fairdial.ledger.calls.runs import variables_of
from fairdial.ledger.campaigns import Stands, set_plan, stands
from fairdial.ledger.parties import stored_seat
from fairdial.ledger.setup import own_script
from fairdial.ledger.views.campaigns import campaign_named
from fairdial.packs import calendar_of
from fairdial.tenant_law import law_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom to call, with which version of a script, from where."""

    contact_list: str
    script_hash: str
    line: str
    caller_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What the gate says of some contacts now; `contacts` counts all there are, `last` is None on the last page."""

    contacts: int
    asked: int
    counts: Tally
    last: int | None


async def preview(app: App, *, tenant: str, asked: Plan | str, script_hash: str, after: int, limit: int) -> PreviewPage:
    """Ask the gate about up to `limit` contacts of a plan, or of the campaign that `asked` names; permits nothing.

    Args:
        script_hash: The version that would be spoken.
        after: `last` of the page before; 0 for the first.

    Raises:
        InputError: Something of the plan is not this tenant's.
    """
    script = (await own_script(app.database, tenant=tenant, script_hash=script_hash)).script
    drafted = asked if isinstance(asked, str) else _draft(asked, script)
    law = await law_of(app.database, app.packs, tenant=tenant)
    page: CasePage = await cases_page(
        app.database,
        tenant=tenant,
        asked=drafted,
        variables=variables_of(script),
        calendar_of=calendar_of,
        after=after,
        limit=limit,
    )
    counts = await asyncio.to_thread(lambda: tally(decide(case, law.packs) for case in page.cases.values()))
    return PreviewPage(contacts=page.contacts, asked=len(page.cases), counts=counts, last=page.last)


def _draft(plan: Plan, script: Script) -> Draft:
    return Draft(
        contact_list=plan.contact_list,
        purpose=Purpose(script.purpose),
        topics=tuple(script.topics),
        script_hash=plan.script_hash,
        variables=variables_of(script),
        line=plan.line,
        caller_number=plan.caller_number,
    )


async def check_campaign(app: App, *, tenant: str, campaign: str) -> Stands:
    """How a campaign stands, and what a check against the law's hours and the tenant's other campaigns finds in it.

    Raises:
        InputError: The campaign is unknown.
    """
    return await stands(app.database, tenant=tenant, campaign=campaign, law=await _law(app, tenant, campaign))


async def plan_campaign(app: App, *, tenant: str, campaign: str, plan: CallingPlan, by: str) -> Sequence[Finding]:
    """Give a campaign a plan, checked against the law's hours, too; see `set_plan`."""
    law = await _law(app, tenant, campaign)
    return await set_plan(app.database, tenant=tenant, campaign=campaign, plan=plan, by=by, law=law)


async def _law(app: App, tenant: str, campaign: str) -> Sequence[Sequence[Window]]:
    row = await campaign_named(app.database, tenant=tenant, name=campaign)
    if row is None:
        return ()
    law = await law_of(app.database, app.packs, tenant=tenant)
    seat = await stored_seat(app.database, tenant=tenant)
    return law_hours(law.packs, Purpose(row["purpose"]), seat)
