"""A campaign's plan from a file: YAML in, a checked shape out; whether it can be meant says `core/campaign/check.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import TypeAdapter, ValidationError

from fairdial.core.campaign.plan import Plan
from fairdial.core.policy.case import Purpose, Window
from fairdial.core.policy.judge_time import zone_of
from fairdial.core.policy.kinds import WindowTest
from fairdial.core.policy.pack import PLATFORM, Pack
from fairdial.errors import InputError
from fairdial.shaped_yaml import read_text

HOW = "see docs/examples/campaign-plan.yaml 参数见该文件"

_PLANS: TypeAdapter[Plan] = TypeAdapter(Plan)


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        InputError: Names the file, the field, what is wrong and what to do.
    """
    try:
        return plan_from_plain(yaml.safe_load(read_text(path)) or {})
    except yaml.YAMLError as error:
        raise InputError(f"{path}: 不是 YAML is not YAML: {' '.join(str(error).split())}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}; {HOW}") from error


def plan_from_plain(content: object) -> Plan:
    """A plan from plain values. A time without an offset is on the clock of the plan's `zone`.

    Raises:
        InputError: A field is unknown or of another shape.
    """
    try:
        plan = _PLANS.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "plan"
        raise InputError(f"{at}: {first['msg']} 字段不对") from error
    zone = zone_of(plan.zone)
    if zone is None:
        raise InputError(f"zone: {plan.zone!r} is no IANA time zone, such as Asia/Shanghai 时区不存在")
    return _on_clock(plan, zone)


def _on_clock(plan: Plan, zone: ZoneInfo) -> Plan:
    def aware(at: datetime | None) -> datetime | None:
        return at if at is None or at.tzinfo is not None else at.replace(tzinfo=zone)

    return replace(plan, starts_at=aware(plan.starts_at), stops_at=aware(plan.stops_at))


def plan_as_plain(plan: Plan) -> dict[str, Any]:
    """A plan as JSON has it."""
    plain: dict[str, Any] = _PLANS.dump_python(plan, mode="json")
    return plain


def law_hours(packs: Mapping[str, Pack], purpose: Purpose, seat: str | None) -> Sequence[Sequence[Window]]:
    """The windows of every rule that speaks about each call of a purpose, whatever else is known of it."""
    asked = [pack for place, pack in packs.items() if place in (PLATFORM, seat)]
    return [
        rule.test.windows
        for pack in asked
        for rule in pack.rules
        if isinstance(rule.test, WindowTest) and not rule.is_conditional and purpose in rule.applies_to.purposes
    ]
