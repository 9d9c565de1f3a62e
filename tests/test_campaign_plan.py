"""A campaign's plan from a file: the example is read whole, and what is wrong is named with a remedy."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fairdial.campaign_plan import law_hours, plan_as_plain, plan_from_plain, read_plan
from fairdial.core.campaign.check import Planned, check
from fairdial.core.campaign.retries import Cause
from fairdial.core.policy.case import Purpose
from fairdial.errors import InputError
from fairdial.packs import load_packs

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "campaign-plan.yaml"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_example_is_read_and_fits_the_law() -> None:
    plan = read_plan(EXAMPLE)
    assert plan.starts_at == datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)
    assert plan.retries.rule(Cause.SUSPENDED).after_min == 30 * 24 * 60 and len(plan.hours) == 2
    assert plan_from_plain(plan_as_plain(plan)) == plan
    law = law_hours(load_packs(None), Purpose.SERVICE, "CN")
    asked = Planned(name="one", plan=plan, list="l", script_hash="a", purpose="service", line="t")
    assert law and check(asked, datetime(2026, 11, 30, tzinfo=SHANGHAI), law=law) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("daily: 5", "daily: "),
        ("zone: Mars/Olympus", "no IANA time zone"),
        ("hours: [{start: 9, end: half past ten}]", "hours.0.end"),
        ("retries: {rules: {sleeping: {at_most: 1}}}", "retries.rules.sleeping"),
        ("starts_at: [", "not YAML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=said.replace(".", r"\.")) as error:
        read_plan(file)
    assert str(file) in str(error.value)
