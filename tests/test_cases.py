"""Cases from files: a field that is wrong is refused with its path, and nothing is coerced into an answer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.cases import case_from_json
from fairdial.core.policy.decide import decide
from fairdial.errors import InputError
from fairdial.packs import with_calendars
from tests.core.cases import PACKS

EXAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "docs" / "examples" / "case-cn.json").read_text(encoding="utf-8")
)
COPY = '"copied_at": "2026-01-01T00:00:00Z", "is_listed": true'


def refused(text: str) -> str:
    with pytest.raises(InputError, match="x: ") as caught:
        case_from_json(text, name="x")
    return str(caught.value)


def overlaid(path: str, value: object) -> dict[str, Any]:
    """The example with one fact replaced."""
    case = json.loads(json.dumps(EXAMPLE))
    *above, last = path.split(".")
    under = case
    for part in above:
        under = under.setdefault(part, {})
    under[last] = value
    return case  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("campaign.artificial_voice", "no"),
        ("campaign.artificial_voice", 0),
        ("tenant.suspended", "off"),
        ("caller.is_own", "yes"),
        ("caller.number", 861012345678),
        ("now", 1795532400),
        ("now", 1795532400.5),
        ("now", "1795532400"),
        ("now", "2026-11-25"),
        ("now", "2026-11-25T09:40:00"),
        ("now", "0001-01-01T00:00:00+14:00"),
        ("now", "9999-12-31T23:59:59-12:00"),
        ("now", "2200-01-01T00:00:00Z"),
        ("tenant.contract_until", "9999-12-31T00:00:00Z"),
        ("progress.not_before", "1795532400"),
        ("person.contacted", {}),
    ],
)
def test_a_fact_of_another_type_or_age_is_refused_with_its_path(path: str, value: object) -> None:
    """`"no"` was read as false and so silenced the rules for artificial voices; a number was read as an instant."""
    assert f"x: {path}: " in refused(json.dumps(overlaid(path, value)))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"abandonment": [{"days": 30, "answered": -1, "abandoned": 0}]}, "abandonment.0.answered"),
        ({"abandonment": [{"days": 30, "answered": 1, "abandoned": -9}]}, "abandonment.0.abandoned"),
        ({"abandonment": [{"days": 30, "answered": 10**400, "abandoned": 1}]}, "abandonment.0.answered"),
        ({"abandonment": [{"days": 30.0, "answered": 1, "abandoned": 1}]}, "abandonment.0.days"),
        ({"person": {"contacted": [{"at": "0001-01-01T00:00:00Z"}]}}, "person.contacted.0.at"),
        ({"registries": [{"name": "US-DNC", "copied_at": "1795532400", "is_listed": False}]}, "registries.0.copied_at"),
        ({"registries": [{"name": "X", "copied_at": "2026-01-01T00:00:00Z", "is_listed": "n"}]}, "registries.0.is_listed"),
        ({"calendars": {"CN": {"holidays": ["0001-01-01"], "known_until": None}}}, "calendars.CN.holidays"),
        ({"calendars": {"CN": {"holidays": [], "known_until": "9999-12-31"}}}, "calendars.CN.known_until"),
        ({"calendars": {c: {"holidays": [], "known_until": None} for c in ("GB", "UK")}}, "calendars"),
    ],
)  # fmt: skip
def test_what_no_call_can_have_is_refused_with_its_path(change: dict[str, Any], path: str) -> None:
    """Years 1 and 9999 and a count of 400 digits ended in a traceback, a negative count in an allowed call."""
    assert f"x: {path}: " in refused(json.dumps(EXAMPLE | change))


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity", "9" * 4_000, "9" * 10_000])
def test_a_number_without_end_is_refused(number: str) -> None:
    text = json.dumps(EXAMPLE | {"abandonment": [{"days": 30, "answered": "N", "abandoned": 0}]})
    assert re.match("x: (abandonment.0.answered|the whole): ", refused(text.replace('"N"', number)))


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('"purpose": "service"', '"purpose": "marketing", "purpose": "service"', "purpose"),
        ('"refusals": []', '"refusals": [{}], "refusals": []', "person.refusals"),
        ('"registries": []', f'"registries": [{{"name": "A", "name": "B", {COPY}}}]', "registries.0.name"),
    ],
)  # fmt: skip
def test_a_key_that_is_written_twice_is_refused_with_its_path(before: str, after: str, path: str) -> None:
    """JSON keeps the last: a refusal could be written and not be seen."""
    text = json.dumps(EXAMPLE)
    assert before in text
    assert f"x: {path}: 写了两次 is written twice" in refused(text.replace(before, after))


@pytest.mark.parametrize("country", sorted(set(PACKS) - {"*"}))
@pytest.mark.parametrize("year", [1970, 2199])
def test_the_first_and_the_last_year_are_decided(country: str, year: int) -> None:
    text = json.dumps(overlaid("now", datetime(year, 6, 1, 4, tzinfo=UTC).isoformat()) | {"tenant": {"seat": country}})
    assert decide(with_calendars(case_from_json(text, name="x"), PACKS), PACKS).outcome == "deny"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
_PATHS = [f"{part}.{name}" for part, facts in EXAMPLE.items() if isinstance(facts, dict) for name in facts]


@given(st.sampled_from([*EXAMPLE, *_PATHS]), _json)
def test_law_any_content_is_a_case_that_is_decided_or_is_refused(path: str, value: object) -> None:
    try:
        case = case_from_json(json.dumps(overlaid(path, value)), name="x")
    except InputError as error:
        assert str(error).startswith("x: ")
    else:
        assert list(decide(with_calendars(case, PACKS), PACKS).opinions)
