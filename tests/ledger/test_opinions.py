"""What the gate said, as the ledger keeps it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given

from fairdial.core.policy.case import Case
from fairdial.core.policy.decide import decide
from fairdial.ledger.calls.permits import opinions_json
from tests.core.cases import PACKS, a_case
from tests.core.drawn import cases


@given(cases())
def test_opinions_are_kept_as_they_were_said(case: Case) -> None:
    verdict = decide(case, PACKS)
    kept = json.loads(opinions_json(verdict))
    assert [k["rule_id"] for k in kept] == [o.rule_id for o in verdict.opinions]
    for found, said in zip(kept, verdict.opinions, strict=True):
        plain = {n: v for n, v in said._asdict().items() if n not in ("facts", "until") and v != ""}
        assert {n: v for n, v in found.items() if n not in ("facts", "until")} == plain
        assert found.get("until") == (said.until.astimezone(UTC).isoformat() if said.until else None)
        assert set(found["facts"]) == set(said.facts)


def test_one_instant_is_written_one_way_whatever_zone_it_came_in() -> None:
    """What is remembered of one verdict never colours the next."""
    until = datetime(2027, 12, 31, 8, tzinfo=timezone(timedelta(hours=8)))
    for zone in (timezone(timedelta(hours=8)), UTC):
        kept = opinions_json(decide(a_case(line__documents_until=until.astimezone(zone)), PACKS))
        assert '"line.documents_until": "2027-12-31T00:00:00+00:00"' in kept
