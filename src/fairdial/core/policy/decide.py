"""May this call be made? `decide(case, packs)` answers with every rule that spoke.

Pure: no clock, no database, no randomness. A refusal is a value; only a pack
that holds no rules at all is a defect (`CoreMisuse`). Unknown is no: a fact
that is missing denies and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairdial.core.policy.case import (
    Basis,
    Case,
    LineKind,
    NumberKind,
    Refusal,
    RefusalScope,
)
from fairdial.core.policy.pack import Pack, Rule, RuleKind
from fairdial.errors import CoreMisuse

HORIZON = timedelta(days=31)
"""How far `Wait` looks ahead; a call that stays closed longer is denied."""


class Outcome(StrEnum):
    ALLOW = "allow"
    WAIT = "wait"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one rule says: the outcome, why, and until when for `wait`."""

    rule_id: str
    outcome: Outcome
    reason_zh: str
    reason_en: str
    cite: str
    standing: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer; `until` is set exactly when the outcome is `wait`."""

    outcome: Outcome
    until: datetime | None
    opinions: tuple[Opinion, ...]
    pack_versions: tuple[str, ...]


Judge = Callable[[Rule, Case], Opinion]


def decide(case: Case, packs: Mapping[str, Pack]) -> Verdict:
    """Judge one case by the pack of its jurisdiction.

    Returns:
        `deny` if any rule denies or a fact is missing, else `wait` with the first
        instant at which no rule asks to wait, else `allow`.

    Source:
        docs/why/gate.md
    """
    pack = packs.get(case.jurisdiction)
    if pack is None:
        return _no_pack(case)
    rules = [rule for rule in pack.rules if case.purpose in rule.purposes]
    if not rules:
        raise CoreMisuse(f"pack {pack.jurisdiction} has no rule for purpose {case.purpose}")
    opinions = tuple(sorted((_JUDGES[rule.kind](rule, case) for rule in rules), key=lambda o: o.rule_id))
    outcome, until = _strictest(opinions)
    if outcome is Outcome.WAIT:
        outcome, until = _first_open_instant(case, rules, until)
    version = f"{pack.jurisdiction} {pack.version}"
    return Verdict(outcome=outcome, until=until, opinions=opinions, pack_versions=(version,))


def _strictest(opinions: tuple[Opinion, ...]) -> tuple[Outcome, datetime | None]:
    if any(o.outcome is Outcome.DENY for o in opinions):
        return Outcome.DENY, None
    waits = [o.until for o in opinions if o.outcome is Outcome.WAIT and o.until is not None]
    return (Outcome.WAIT, max(waits)) if waits else (Outcome.ALLOW, None)


def _first_open_instant(case: Case, rules: list[Rule], until: datetime | None) -> tuple[Outcome, datetime | None]:
    """Ask again at each instant the rules name until none asks to wait."""
    while until is not None and until - case.now <= HORIZON:
        again = tuple(_JUDGES[rule.kind](rule, case.at(until)) for rule in rules)
        outcome, later = _strictest(again)
        if outcome is Outcome.DENY:
            break
        if later is None:
            return Outcome.WAIT, until
        until = later
    return Outcome.DENY, None


def _no_pack(case: Case) -> Verdict:
    opinion = Opinion(
        rule_id="NO-PACK",
        outcome=Outcome.DENY,
        reason_zh=f"没有 {case.jurisdiction} 的规则包",
        reason_en=f"there is no rule pack for {case.jurisdiction}",
        cite="docs/why/gate.md",
        standing="default",
    )
    return Verdict(outcome=Outcome.DENY, until=None, opinions=(opinion,), pack_versions=())


def _say(rule: Rule, outcome: Outcome, zh: str = "", en: str = "", until: datetime | None = None) -> Opinion:
    """An opinion; an outcome other than `allow` carries the rule's reason and the detail."""
    return Opinion(
        rule_id=rule.id,
        outcome=outcome,
        reason_zh="" if outcome is Outcome.ALLOW else f"{rule.reason_zh}:{zh}",
        reason_en="" if outcome is Outcome.ALLOW else f"{rule.reason_en}: {en}",
        cite=rule.cite,
        standing=rule.standing,
        until=until,
    )


def _judge_basis(rule: Rule, case: Case) -> Opinion:
    permission = case.permission
    if permission.data_source is None:
        return _say(rule, Outcome.DENY, "没有数据来源", "the source of the number is not recorded")
    if permission.basis is None or permission.basis not in rule.accepts:
        return _say(rule, Outcome.DENY, "没有授权,也没有客户关系", "neither consent nor an accepted basis is recorded")
    if permission.basis is Basis.EXISTING_CUSTOMER:
        return _say(rule, Outcome.ALLOW)
    for consent in permission.consents:
        is_for_this = case.purpose in consent.purposes and "call" in consent.channels
        is_in_force = consent.obtained_at <= case.now and (
            consent.valid_until is None or case.now < consent.valid_until
        )
        if is_for_this and is_in_force and consent.revoked_at is None and consent.evidence_sha256:
            return _say(rule, Outcome.ALLOW)
    return _say(rule, Outcome.DENY, "授权不存在、已过期或已撤回", "no consent in force covers this purpose by call")


def _binds(refusal: Refusal, case: Case) -> bool:
    match refusal.scope:
        case RefusalScope.PLATFORM:
            return True
        case RefusalScope.TENANT:
            return refusal.is_same_tenant
        case RefusalScope.PURPOSE:
            return refusal.is_same_tenant and refusal.purpose == case.purpose


def _judge_refusal(rule: Rule, case: Case) -> Opinion:
    binding = [r for r in case.person.refusals if _binds(r, case)]
    if not binding:
        return _say(rule, Outcome.ALLOW)
    first = min(binding, key=lambda r: r.at)
    day = first.at.date().isoformat()
    return _say(rule, Outcome.DENY, f"{day} 已拒绝({first.source})", f"refused on {day} ({first.source})")


def _judge_window(rule: Rule, case: Case) -> Opinion:
    if case.person.zone is None:
        return _say(rule, Outcome.DENY, "不知道所在时区", "the person's time zone is not known")
    try:
        zone = ZoneInfo(case.person.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return _say(rule, Outcome.DENY, "时区无法识别", "the person's time zone cannot be read")
    local = case.now.astimezone(zone)
    for offset in range(HORIZON.days + 1):
        day = local.date() + timedelta(days=offset)
        if rule.skips_holidays and not _is_known(day, case):
            return _say(rule, Outcome.DENY, f"没有 {day} 的节假日数据", f"holidays of {day} are not known")
        if rule.skips_holidays and day in case.calendar.holidays:
            continue
        for window in rule.windows:
            start, end = _instant(day, window.start, zone), _instant(day, window.end, zone)
            if start <= case.now < end:
                return _say(rule, Outcome.ALLOW)
            if case.now < start:
                return _say(
                    rule,
                    Outcome.WAIT,
                    f"当地时间 {local:%H:%M}",
                    f"{local:%H:%M} local time",
                    until=start,
                )
    return _say(rule, Outcome.DENY, "一个月内没有可呼叫时段", "no open window within a month")


def _is_known(day: date, case: Case) -> bool:
    return case.calendar.known_until is not None and day <= case.calendar.known_until


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _judge_attempts(rule: Rule, case: Case) -> Opinion:
    span = timedelta(hours=rule.within_h)
    recent = sorted(at for at in case.person.contacted_at if case.now - span < at)
    if len(recent) < rule.at_most:
        return _say(rule, Outcome.ALLOW)
    until = recent[-rule.at_most] + span
    count = len(recent)
    return _say(rule, Outcome.WAIT, f"已联系 {count} 次", f"contacted {count} times", until=until)


def _judge_spacing(rule: Rule, case: Case) -> Opinion:
    before = case.person.contacted_at
    until = max(before) + timedelta(minutes=rule.apart_min) if before else None
    if until is None or until <= case.now:
        return _say(rule, Outcome.ALLOW)
    return _say(rule, Outcome.WAIT, "距上次联系太近", "too soon after the last contact", until=until)


def _judge_script(rule: Rule, case: Case) -> Opinion:
    spoken = case.spoken
    if spoken.approved_hash != spoken.script_hash:
        return _say(rule, Outcome.DENY, "这个版本没有审核通过", "this version is not approved")
    if spoken.approval_expires_at is None or spoken.approval_expires_at <= case.now:
        return _say(rule, Outcome.DENY, "审核已过期", "the approval has expired")
    if spoken.missing_values:
        names = "、".join(spoken.missing_values)
        return _say(rule, Outcome.DENY, f"名单里没有 {names}", f"the list has no value for {names}")
    return _say(rule, Outcome.ALLOW)


def _judge_served(rule: Rule, case: Case) -> Opinion:
    if case.progress.outcome is None:
        return _say(rule, Outcome.ALLOW)
    return _say(rule, Outcome.DENY, case.progress.outcome, case.progress.outcome)


def _judge_call_back(rule: Rule, case: Case) -> Opinion:
    until = case.progress.not_before
    if until is None or until <= case.now:
        return _say(rule, Outcome.ALLOW)
    return _say(rule, Outcome.WAIT, "客户约定的时间未到", "the time the person named has not come", until=until)


def _judge_line(rule: Rule, case: Case) -> Opinion:
    is_practice_number = case.person.number_kind is NumberKind.PRACTICE
    if is_practice_number == (case.line_kind is LineKind.PRACTICE):
        return _say(rule, Outcome.ALLOW)
    return _say(rule, Outcome.DENY, "号码与线路不符", "practice numbers and real lines never meet")


_JUDGES: Mapping[RuleKind, Judge] = {
    RuleKind.BASIS: _judge_basis,
    RuleKind.REFUSAL: _judge_refusal,
    RuleKind.CALLING_WINDOW: _judge_window,
    RuleKind.ATTEMPTS: _judge_attempts,
    RuleKind.SPACING: _judge_spacing,
    RuleKind.APPROVED_SCRIPT: _judge_script,
    RuleKind.SERVED: _judge_served,
    RuleKind.CALL_BACK: _judge_call_back,
    RuleKind.REACHABLE_LINE: _judge_line,
}
