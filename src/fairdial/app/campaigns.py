"""A campaign from what is stored: looked at before it exists, and created."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fairdial.app import App
from fairdial.core.policy.case import Purpose
from fairdial.core.policy.decide import decide
from fairdial.core.policy.tally import Tally, tally
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.errors import InputError, ReviewError
from fairdial.ledger.calls.preview import CasePage, Draft, cases_page
from fairdial.ledger.setup import OwnScript, create_campaign, own_script, variables_of
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


async def create(app: App, *, tenant: str, name: str, plan: Plan) -> None:
    """Create a campaign of an approved version of a script.

    Raises:
        InputError: The script, list or line is not this tenant's, or the name is taken.
        ReviewError: The version is not approved, or not any more.
    """
    script, stored = await _script(app, tenant, plan.script_hash)
    if stored.approved_until is None:
        raise ReviewError(
            f"script {plan.script_hash[:12]} is not approved; somebody else than its author approves it first"
            " 话术版本尚未审核通过"
        )
    await create_campaign(
        app.database,
        tenant=tenant,
        name=name,
        purpose=Purpose(script.purpose),
        contact_list=plan.contact_list,
        script_hash=plan.script_hash,
        line=plan.line,
        caller_number=plan.caller_number,
        topics=script.topics,
        is_new=True,
    )


async def preview(app: App, *, tenant: str, asked: Plan | str, script_hash: str, after: int, limit: int) -> PreviewPage:
    """Ask the gate about up to `limit` contacts of a plan, or of the campaign that `asked` names; permits nothing.

    Args:
        script_hash: The version that would be spoken.
        after: `last` of the page before; 0 for the first.

    Raises:
        InputError: Something of the plan is not this tenant's.
    """
    script, _ = await _script(app, tenant, script_hash)
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


async def _script(app: App, tenant: str, script_hash: str) -> tuple[Script, OwnScript]:
    stored = await own_script(app.database, tenant=tenant, script_hash=script_hash)
    if stored is None:
        raise InputError(f"script {script_hash[:12]} is not known; submit it first 没有这个话术版本")
    return parse_script(stored.content, name=script_hash[:12]), stored
