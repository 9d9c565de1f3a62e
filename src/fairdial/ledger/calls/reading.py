"""Read what happened, for reports: rows, verdicts and attempts of a campaign, run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, text

from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.protection.sealed import SEALED, of_refusal, opened, with_sealed
from fairdial.ledger.protection.vault import Vault
from fairdial.ledger.views.why import stands_of_all


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """Everything a report shows of one campaign, as read; rows keep their column names."""

    rejected: Sequence[Mapping[str, Any]]
    verdicts: Sequence[Mapping[str, Any]]
    attempts: Sequence[Mapping[str, Any]]
    turns: Mapping[int, Sequence[Mapping[str, Any]]]
    runs: Sequence[RowMapping]
    clock_offset: str | None
    stands: Sequence[Mapping[str, Any]] = ()
    """How each contact stands now; `why` is a `fairdial.core.campaign.why.Why`."""


_CAMPAIGN = text(
    "SELECT c.id, c.list_id FROM campaign c JOIN tenant t ON t.id = c.tenant_id WHERE t.name = :tenant AND c.name = :name"
)
_REJECTED = text("SELECT rejected FROM list_import WHERE list_id = :list ORDER BY id DESC LIMIT 1")
_RUNS = text("SELECT number, started_at, ended_at FROM run WHERE campaign_id = :campaign ORDER BY number")
_VERDICTS = text(
    "SELECT r.number AS run, v.outcome, v.until, v.opinions, v.pack_versions, v.decided_at, c.line_no,"
    f" c.region, {with_sealed('contact', 'c')} FROM verdict v JOIN run r ON r.id = v.run_id"
    " JOIN contact c ON c.id = v.contact_id WHERE r.campaign_id = :campaign ORDER BY r.number, c.line_no, v.id"
)
_ATTEMPTS = text(
    "SELECT a.id, a.person_id, r.number AS run, a.permit_id, a.state, c.line_no, a.call_id, a.disposition,"
    " a.sip_status, a.announcement, a.grade, a.outcome, a.dialled_at, a.answered_at, a.ended_at, a.goodbye_ended_at,"
    " a.first_word_ms, a.recording, f.kind AS refusal_kind, f.understood_at, f.durable_at, f.sealed AS refusal_sealed,"
    f" b.not_before AS call_back_at, {with_sealed('contact', 'c')}"
    " FROM attempt a JOIN run r ON r.id = a.run_id JOIN contact c ON c.id = a.contact_id"
    " LEFT JOIN LATERAL (SELECT * FROM refusal WHERE attempt_id = a.id ORDER BY id LIMIT 1) f ON true"
    " LEFT JOIN LATERAL (SELECT * FROM call_back WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) b ON true"
    " WHERE r.campaign_id = :campaign ORDER BY r.number, c.line_no, a.id"
)
_TURNS = text(
    f"SELECT t.*, {SEALED['turn'].format('t')} AS about FROM turn t JOIN attempt a ON a.id = t.attempt_id JOIN run r ON r.id = a.run_id"
    " WHERE r.campaign_id = :campaign ORDER BY t.attempt_id, t.position"
)


async def read_campaign(database: Database, *, tenant: str, campaign: str) -> CampaignFacts:
    """Read one campaign in one snapshot.

    Raises:
        InputError: There is no such campaign.
    """
    async with database.engine.connect() as raw:
        connection = await raw.execution_options(isolation_level="REPEATABLE READ")
        found = (await connection.execute(_CAMPAIGN, {"tenant": tenant, "name": campaign})).one_or_none()
        if found is None:
            raise InputError(f"campaign {campaign!r} is not known; `fairdial campaign create` makes one")
        key = {"campaign": found.id}
        rejected = (await connection.execute(_REJECTED, {"list": found.list_id})).scalar_one_or_none()
        vault = database.vault
        turns: dict[int, list[Mapping[str, Any]]] = {}
        for row in (await connection.execute(_TURNS, key)).mappings():
            turns.setdefault(row["attempt_id"], []).append(opened(vault, row))
        offset = await connection.execute(text("SELECT value FROM installation WHERE key = 'clock_offset'"))
        return CampaignFacts(
            rejected=rejected or [],
            verdicts=[_of_person(vault, row) for row in (await connection.execute(_VERDICTS, key)).mappings()],
            attempts=[
                _of_person(vault, row) | {"refusal_words": _refusal_words(vault, row)}
                for row in (await connection.execute(_ATTEMPTS, key)).mappings()
            ],
            turns=turns,
            runs=(await connection.execute(_RUNS, key)).mappings().all(),
            clock_offset=offset.scalar_one_or_none(),
            stands=[
                row | {"contact": row.get("number", "")}
                for row in await stands_of_all(connection, vault, campaign_id=found.id)
            ],
        )


def _of_person(vault: Vault, row: RowMapping) -> dict[str, Any]:
    """A row about a contact; `contact` is the number, empty when the person was erased."""
    plain = opened(vault, row)
    return plain | {"contact": plain.pop("number", ""), "name": plain.get("name", ""), "title": plain.get("title")}


def _refusal_words(vault: Vault, row: RowMapping) -> str:
    words: str = vault.open(of_refusal(row["person_id"]), row["refusal_sealed"]).get("words", "")
    return words
