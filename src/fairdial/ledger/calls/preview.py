"""The cases of a campaign as the gate would read them now, page by page: nothing is locked, written or permitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text

from fairdial.core.campaign.life import CampaignState
from fairdial.core.policy.case import Case, Purpose
from fairdial.errors import InputError
from fairdial.ledger.calls.facts import MEMBERS, CalendarOf, Task, cases_of, facts_of
from fairdial.ledger.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A campaign that nobody has created yet: whom it would call, with what, from where."""

    contact_list: str
    purpose: Purpose
    topics: Sequence[str]
    script_hash: str
    variables: tuple[tuple[str, str], ...]
    line: str
    caller_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """Cases by contact; `last` is the key of the page that follows, None on the last one."""

    contacts: int
    cases: dict[int, Case]
    last: int | None


async def cases_page(
    database: Database,
    *,
    tenant: str,
    asked: Draft | str,
    variables: tuple[tuple[str, str], ...],
    calendar_of: CalendarOf,
    after: int,
    limit: int,
) -> CasePage:
    """Up to `limit` contacts with ids above `after`, of a draft's list or of the campaign that `asked` names.

    Raises:
        InputError: The list or line of the draft is not this tenant's, or there is no such campaign.
    """
    query, values, facts = (
        (_DRAFTED, {"list": asked.contact_list, "line": asked.line}, _DRAFT_FACTS)
        if isinstance(asked, Draft)
        else (_CREATED, {"name": asked}, _FACTS)
    )
    async with database.transaction() as connection:
        found = (await connection.execute(query, {"tenant": tenant, **values})).one_or_none()
        if found is None:
            raise InputError("there is no such campaign, list or line; see what there is 没有这个任务、名单或线路")
        page = {"of": found.id, "after": after, "limit": limit}
        members = _OF_LIST if isinstance(asked, Draft) else _OF_CAMPAIGN
        ids = (await connection.execute(members, page)).scalars().all()
        task = Task(
            tenant_id=found.tenant_id,
            campaign_id=0,
            run_id=0,
            run_number=0,
            line=found.line,
            caller_number=asked.caller_number if isinstance(asked, Draft) else found.caller_number,
            script_hash=asked.script_hash if isinstance(asked, Draft) else found.script_hash,
            variables=variables,
        )
        named = (
            {"purpose": asked.purpose, "topics": sorted(asked.topics)}
            if isinstance(asked, Draft)
            else {"campaign": found.id}
        )
        cases = await cases_of(connection, facts, named, ids, task, calendar_of, database.vault) if ids else {}
    cases = {contact: _as_started(case) for contact, case in cases.items()}
    return CasePage(contacts=found.contacts, cases=cases, last=ids[-1] if len(ids) == limit else None)


def _as_started(case: Case) -> Case:
    """A campaign that was not started yet, seen as its run would see it."""
    if case.campaign.state not in (CampaignState.DRAFT, CampaignState.CHECKED, CampaignState.APPROVED):
        return case
    return replace(case, campaign=replace(case.campaign, state=CampaignState.RUNNING))


_DRAFTED = text(
    "SELECT l.id, l.tenant_id, n.name AS line, (SELECT count(*) FROM contact WHERE list_id = l.id) AS contacts"
    " FROM list l JOIN tenant t ON t.id = l.tenant_id JOIN line n ON n.tenant_id = t.id AND n.name = :line"
    " WHERE t.name = :tenant AND l.name = :list"
)
_CREATED = text(
    "SELECT k.id, k.tenant_id, k.line, k.caller_number, k.script_hash, (SELECT count(*) FROM campaign_contact"
    " WHERE campaign_id = k.id) AS contacts FROM campaign k JOIN tenant t ON t.id = k.tenant_id"
    " WHERE t.name = :tenant AND k.name = :name"
)
_OF_LIST = text("SELECT id FROM contact WHERE list_id = :of AND id > :after ORDER BY id LIMIT :limit")
_OF_CAMPAIGN = text(
    "SELECT contact_id FROM campaign_contact WHERE campaign_id = :of AND contact_id > :after ORDER BY contact_id LIMIT :limit"
)
_FACTS = facts_of("(SELECT * FROM campaign WHERE id = :campaign)", members=MEMBERS)
_DRAFT_FACTS = facts_of(
    "(SELECT cast(NULL AS int) AS id, cast(:tenant AS int) AS tenant_id, cast(:purpose AS text) AS purpose,"
    " 'running' AS state, cast(:topics AS text[]) AS topics, true AS artificial_voice, cast('[]' AS jsonb) AS hours)",
    members=f"LEFT {MEMBERS}",
)
"""A draft stands as a campaign would that was created just now."""
