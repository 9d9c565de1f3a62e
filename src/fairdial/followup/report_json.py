"""What happened in a campaign as one JSON document; the HTML report shows the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fairdial.core.campaign.why import Why
from fairdial.core.dialogue.after_call import AfterCall
from fairdial.ledger.calls.reading import CampaignFacts

PersonaOf = Mapping[str, str]
"""In a rehearsal: which simulated person answers a number. Empty for real calls."""


def build_report(
    facts: CampaignFacts, *, campaign: str, persona_of: PersonaOf, recordings: str, after: Mapping[int, AfterCall]
) -> dict[str, Any]:
    """Build `report.json`; times are ISO 8601 with milliseconds in UTC, `recordings` is their folder as the report sees it.

    `after` has what each call meant, by attempt; calls whose words are gone have nothing.
    """
    attempts = [
        _attempt(row, facts, persona_of, recordings) | {"after_call": found.as_json() if found else None}
        for row in facts.attempts
        if row["dialled_at"] is not None
        for found in [after.get(row["id"])]
    ]
    return {
        "campaign": campaign,
        "clock_offset": facts.clock_offset,
        "runs": [
            {"run": r["number"], "started_at": _iso(r["started_at"]), "ended_at": _iso(r["ended_at"])}
            for r in facts.runs
        ],
        "counts": _counts(facts, attempts),
        "rows_rejected": [dict(row) | {"reason": row["reason_en"]} for row in facts.rejected],
        "contacts": [_contact(row) for row in facts.stands],
        "verdicts": [_verdict(row) for row in facts.verdicts],
        "attempts": attempts,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def _contact(row: Mapping[str, Any]) -> dict[str, Any]:
    """Why a contact was called, waits until when, or never is."""
    stands: Why = row["why"]
    return {
        "contact": row["contact"],
        "line": row["line_no"],
        "stands": stands.kind.value,
        "until": _iso(stands.until),
        "tries": row["tries"],
        "why": stands.en,
        "why_zh": stands.zh,
    }


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run": row["run"],
        "contact": row["contact"],
        "line": row["line_no"],
        "name": f"{row['name']}{row['title'] or ''}",
        "region": row["region"],
        "verdict": row["outcome"],
        "until": _iso(row["until"]),
        "decided_at": _iso(row["decided_at"]),
        "pack_versions": list(row["pack_versions"]),
        "rules": [
            {
                "id": opinion["rule_id"],
                "outcome": opinion["outcome"],
                "reason": opinion.get("reason_en", ""),
                "reason_zh": opinion.get("reason_zh", ""),
                "cite": opinion["cite"],
                "standing": opinion["standing"],
                "until": opinion.get("until"),
            }
            for opinion in row["opinions"]
        ],
    }


def _attempt(row: Mapping[str, Any], facts: CampaignFacts, persona_of: PersonaOf, recordings: str) -> dict[str, Any]:
    return {
        "run": row["run"],
        "permit_id": str(row["permit_id"]),
        "contact": row["contact"],
        "line": row["line_no"],
        "persona": persona_of.get(row["contact"]),
        "call_id": row["call_id"],
        "state": row["state"],
        "disposition": row["disposition"],
        "outcome": row["outcome"],
        "sip_status": row["sip_status"],
        "announcement": row["announcement"],
        "grade": row["grade"],
        "dialled_at": _iso(row["dialled_at"]),
        "answered_at": _iso(row["answered_at"]),
        "ended_at": _iso(row["ended_at"]),
        "first_word_ms": row["first_word_ms"],
        "turns": [_turn(turn) for turn in facts.turns.get(row["id"], ())],
        "refusal": _refusal(row),
        "call_back_at": _iso(row["call_back_at"]),
        "recording": f"{recordings}/{row['recording']}" if row["recording"] else None,
    }


def _refusal(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["refusal_kind"] is None:
        return None
    return {
        "kind": row["refusal_kind"],
        "words": row["refusal_words"],
        "understood_at": _iso(row["understood_at"]),
        "durable_at": _iso(row["durable_at"]),
        "goodbye_ended_at": _iso(row["goodbye_ended_at"]),
    }


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "heard": turn.get("heard"),
        "answers": turn.get("answers") or {},
        "meaning": turn["meaning"],
        "confidence": turn["confidence"],
        "said": turn.get("said"),
        "gap_ms": turn["gap_ms"],
        "interrupted": turn["interrupted"],
        "heard_at": _iso(turn["heard_at"]),
        "said_at": _iso(turn["said_at"]),
    }


def _counts(facts: CampaignFacts, attempts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    by_run: dict[int, Counter[str]] = {}
    for row in facts.verdicts:
        by_run.setdefault(row["run"], Counter())[row["outcome"]] += 1
    return {
        "rows_rejected": len(facts.rejected),
        "verdicts": {run: dict(counts) for run, counts in by_run.items()},
        "attempts": dict(Counter(a["run"] for a in attempts)),
        "dispositions": dict(Counter(a["disposition"] or a["state"] for a in attempts)),
        "grades": dict(sorted(Counter(a["grade"] for a in attempts if a["answered_at"]).items())),
        "refusals": sum(1 for a in attempts if a["refusal"]),
        "calls_without_permit": sum(1 for a in attempts if not a["permit_id"]),
    }
