"""Judges of permission: basis and consent, refusals, registries, topics, sensitivity. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from fairdial.core.policy.case import Basis, Case, Consent, Form, Level, Refusal, RefusalScope
from fairdial.core.policy.finding import Finding, allow, deny, unknown
from fairdial.core.policy.kinds import BasisTest, RefusalTest, RegistryTest, SensitivityTest, TopicTest

_STRENGTH = {Form.GENERAL: 0, Form.EXPRESS: 1, Form.WRITTEN: 2}
_LEVEL = {Level.GENERAL: 0, Level.PRIVATE: 1, Level.SENSITIVE: 2}


def in_force(consent: Consent, case: Case) -> bool:
    """An evidenced consent to calls for this purpose, neither revoked nor outside its time."""
    return (
        case.purpose in consent.purposes
        and "call" in consent.channels
        and consent.obtained_at <= case.now
        and (consent.valid_until is None or case.now < consent.valid_until)
        and consent.revoked_at is None
        and bool(consent.evidence_sha256)
    )


def _standing(case: Case) -> list[Consent]:
    return [consent for consent in case.permission.consents or () if in_force(consent, case)]


def judge_basis(test: BasisTest, case: Case) -> Finding:
    permission = case.permission
    if permission.data_source is None:
        return unknown("permission.data_source", "号码的来源")
    if permission.basis is None:
        return deny(
            "没有授权,也没有客户关系", "neither a consent nor another basis is recorded", **{"permission.basis": None}
        )
    seen = {"permission.basis": permission.basis}
    if permission.basis not in test.accepts:
        accepted = "、".join(sorted(test.accepts))
        return deny(f"这个依据不够,需要 {accepted}", f"this basis does not suffice; needed: {accepted}", **seen)
    if permission.basis is not Basis.CONSENT and test.form is Form.GENERAL and not _must_name_voice(test, case):
        return allow(**seen)
    if permission.consents is None:
        return unknown("permission.consents", "授权记录")
    suits = [c for c in _standing(case) if _suits(c, test, case)]
    if suits:
        newest = max(suits, key=lambda c: c.obtained_at)
        return allow(**seen, **{"permission.consents.obtained_at": newest.obtained_at})
    return deny(
        "没有符合要求的有效授权(用途、渠道、形式、期限、证据)",
        "no consent in force suits: purpose, channel, form, age, evidence",
        **seen,
        **{"permission.consents": len(permission.consents)},
    )


def _must_name_voice(test: BasisTest, case: Case) -> bool:
    return test.names_artificial_voice and case.campaign.artificial_voice is not False


def _suits(consent: Consent, test: BasisTest, case: Case) -> bool:
    is_fresh = test.valid_days is None or case.now < consent.obtained_at + timedelta(days=test.valid_days)
    is_strong = _STRENGTH[consent.form] >= _STRENGTH[test.form]
    return is_fresh and is_strong and (consent.artificial_voice or not _must_name_voice(test, case))


def _binds(refusal: Refusal, case: Case) -> bool:
    match refusal.scope:
        case RefusalScope.PLATFORM:
            return True
        case RefusalScope.TENANT:
            return refusal.is_same_tenant
        case RefusalScope.PURPOSE:
            return refusal.is_same_tenant and refusal.purpose == case.purpose


def judge_refusal(test: RefusalTest, case: Case) -> Finding:
    if case.person.refusals is None:
        return unknown("person.refusals", "拒绝记录")
    binding = [r for r in case.person.refusals if _binds(r, case) and not _lapsed(r, test, case.now)]
    open_ones = [r for r in binding if not any(c.obtained_at > r.at for c in _standing(case))]
    if not open_ones:
        return allow(**{"person.refusals": len(case.person.refusals)})
    first = min(open_ones, key=lambda r: r.at)
    day = first.at.date().isoformat()
    seen = {"person.refusals.at": first.at, "person.refusals.scope": first.scope}
    return deny(f"{day} 已拒绝({first.source})", f"refused on {day} ({first.source})", **seen)


def _lapsed(refusal: Refusal, test: RefusalTest, now: datetime) -> bool:
    return test.for_days is not None and now >= refusal.at + timedelta(days=test.for_days)


def judge_registry(test: RegistryTest, case: Case) -> Finding:
    copy = next((r for r in case.registries or () if r.name == test.name), None)
    if copy is None:
        return unknown(f"registries[{test.name}]", f"{test.name} 的本地副本")
    seen = {"registries.copied_at": copy.copied_at, "registries.is_listed": copy.is_listed}
    if copy.copied_at > case.now or case.now - copy.copied_at > timedelta(days=test.at_most_days_old):
        return deny(
            f"{test.name} 的副本超过 {test.at_most_days_old} 天",
            f"the copy of {test.name} is older than {test.at_most_days_old} days",
            **seen,
        )
    if not copy.is_listed or _within_grace(copy.listed_since, test, case.now):
        return allow(**seen)
    if _is_lifted(test.lifted_by, case):
        return allow(**seen, **{"permission.basis": case.permission.basis})
    return deny(f"已登记在 {test.name}", f"listed on {test.name}", **seen)


def _within_grace(since: datetime | None, test: RegistryTest, now: datetime) -> bool:
    return since is not None and now < since + timedelta(days=test.grace_days)


def _is_lifted(bases: frozenset[Basis], case: Case) -> bool:
    """A named basis lifts a ban; a consent only when one is in force."""
    basis = case.permission.basis
    return basis is not None and basis in bases and (basis is not Basis.CONSENT or bool(_standing(case)))


def judge_topic(test: TopicTest, case: Case) -> Finding:
    if case.campaign.topics is None:
        return unknown("campaign.topics", "推广的内容")
    banned = sorted(case.campaign.topics & test.never)
    if not banned or _is_lifted(test.lifted_by, case):
        return allow(**{"campaign.topics": sorted(case.campaign.topics)})
    return deny(
        f"禁止电话推广:{'、'.join(banned)}",
        f"may not be sold by telephone: {', '.join(banned)}",
        **{"campaign.topics": banned},
    )


def judge_sensitivity(test: SensitivityTest, case: Case) -> Finding:
    levels = case.campaign.levels
    if levels is None:
        return unknown("campaign.levels", "使用的信息级别")
    above = sorted(level for level in levels if _LEVEL[level] > _LEVEL[test.at_most])
    if not above:
        return allow(**{"campaign.levels": sorted(levels)})
    return deny(
        f"使用了 {'、'.join(above)} 级信息",
        f"uses attributes of level {', '.join(above)}",
        **{"campaign.levels": above},
    )
