"""Which calls are meant: one meaning for the list of calls and for the figures that count them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from fairdial.core.reporting import Stage

WITHOUT = "-"
"""Asks for the calls that have no region, no grade or no outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls; None takes all.

    Attributes:
        script: Hash of the version they spoke.
        hour: Of the day on the person's own clock when they were dialled; where no zone is known, in Beijing.
        since, until: When they were dialled, `until` not included.
    """

    campaign: str | None = None
    script: str | None = None
    line: str | None = None
    region: str | None = None
    grade: str | None = None
    disposition: str | None = None
    outcome: str | None = None
    stage: Stage | None = None
    hour: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def hour_of(moment: str) -> str:
    """The hour of a column on the clock of contact `c`."""
    return f"cast(extract(hour FROM {moment} AT TIME ZONE coalesce(c.zone, 'Asia/Shanghai')) AS int)"


STAGES = {
    Stage.DIALLED: "a.dialled_at IS NOT NULL",
    Stage.ANSWERED: "(a.disposition IS NOT DISTINCT FROM 'answered')",
    Stage.SPOKE: "EXISTS (SELECT FROM turn t WHERE t.attempt_id = a.id AND t.heard_at IS NOT NULL)",
    Stage.FINISHED: "a.goodbye_ended_at IS NOT NULL",
    Stage.REFUSED: "EXISTS (SELECT FROM refusal f WHERE f.person_id = a.person_id AND f.attempt_id = a.id)",
    Stage.COMPLAINED: (
        "EXISTS (SELECT FROM complaint q WHERE q.person_id = a.person_id AND q.tenant_id = a.tenant_id AND a.id ="
        " (SELECT b.id FROM attempt b JOIN permit o ON o.id = b.permit_id WHERE b.person_id = q.person_id"
        " AND b.tenant_id = q.tenant_id AND b.dialled_at <= q.received_at"
        " AND (q.caller_number IS NULL OR o.caller_number = q.caller_number) ORDER BY b.dialled_at DESC, b.id DESC LIMIT 1))"
    ),
}
"""Conditions on attempt `a`. A complaint is about the newest call before it, as when it is taken in."""

_COLUMNS = {
    "campaign": "k.name",
    "script": "p.script_hash",
    "line": "p.line",
    "region": "c.region",
    "grade": "a.grade",
    "disposition": "a.disposition",
    "outcome": "a.outcome",
    "hour": hour_of("a.dialled_at"),
    "since": "a.dialled_at",
    "until": "a.dialled_at",
}
_COMPARED = {"since": ">=", "until": "<"}
_MAY_LACK = frozenset({"region", "grade", "outcome"})


def conditions(wanted: Wanted, *, prefix: str = "") -> tuple[list[str], dict[str, object]]:
    """Conditions on `FROM_CALLS`, and the values they name; `prefix` keeps two of them apart in one statement."""
    found: list[str] = []
    values: dict[str, object] = {}
    for name in (one.name for one in fields(wanted)):
        value = getattr(wanted, name)
        if value is None:
            continue
        if name == "stage":
            found.append(STAGES[value])
        elif name in _MAY_LACK and value == WITHOUT:
            found.append(f"{_COLUMNS[name]} IS NULL")
        else:
            found.append(f"{_COLUMNS[name]} {_COMPARED.get(name, '=')} :{prefix}{name}")
            values[prefix + name] = value
    return found, values


def asked_conditions(wanted: Wanted) -> tuple[list[str], dict[str, object]]:
    """The same for what the gate was asked, on `FROM_ASKED`: by when it was; what only a call has is not looked at."""
    kept = replace(wanted, grade=None, disposition=None, outcome=None, stage=None)
    found, values = conditions(kept)
    for column, asked in ASKED.items():
        found = [one.replace(column, asked) for one in found]
    return found, values


ASKED = {
    "a.dialled_at": "v.decided_at",
    "p.script_hash": "coalesce(p.script_hash, k.script_hash)",
    "p.line": "coalesce(p.line, k.line)",
}
"""What stands for a call's columns where there may be none."""

OF_TENANT = "(SELECT id FROM tenant WHERE name = :tenant)"
FROM_CALLS = (
    "FROM attempt a JOIN permit p ON p.id = a.permit_id JOIN run r ON r.id = a.run_id"
    " JOIN campaign k ON k.id = r.campaign_id JOIN contact c ON c.id = a.contact_id"
)
FROM_ASKED = (
    "FROM verdict v JOIN run r ON r.id = v.run_id JOIN campaign k ON k.id = r.campaign_id"
    " JOIN contact c ON c.id = v.contact_id LEFT JOIN permit p ON p.verdict_id = v.id"
)
