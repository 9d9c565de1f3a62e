"""Judges of permission: basis and consent, refusals, registries, topics, sensitivity. Pure.

Each kind of rule has `judge_…(test, case, now)`, and `seen_…(test, case)` for the facts it always looks at.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from fairdial.core.policy.case import Basis, Case, Consent, Form, Level, Purpose, Refusal, RefusalScope, Registry
from fairdial.core.policy.finding import ALLOW, Facts, Finding, deny, in_order, unknown
from fairdial.core.policy.kinds import BasisTest, RefusalTest, RegistryTest, SensitivityTest, TopicTest

_STRENGTH = {Form.GENERAL: 0, Form.EXPRESS: 1, Form.WRITTEN: 2}
_LEVEL = {Level.GENERAL: 0, Level.PRIVATE: 1, Level.SENSITIVE: 2}
_UP_TO = {level: frozenset(lower for lower in Level if _LEVEL[lower] <= _LEVEL[level]) for level in Level}
_days = lru_cache(maxsize=512)(lambda days: timedelta(days=days))
_PLATFORM, _TENANT = RefusalScope.PLATFORM, RefusalScope.TENANT
_CONSENT, _REQUEST, _GENERAL, _MARKETING = Basis.CONSENT, Basis.REQUEST, Form.GENERAL, Purpose.MARKETING
_is_hash = re.compile("[0-9a-fA-F]{64}").fullmatch


def in_force(consent: Consent, case: Case, now: datetime) -> bool:
    """An evidenced consent to calls for this purpose, neither revoked nor outside its time."""
    return (
        case.purpose in consent.purposes
        and "call" in consent.channels
        and consent.obtained_at <= now
        and (consent.valid_until is None or now < consent.valid_until)
        and consent.revoked_at is None
        and consent.evidence_sha256 is not None
        and _is_hash(consent.evidence_sha256) is not None
    )


def _standing(case: Case, now: datetime) -> list[Consent]:
    return [consent for consent in case.permission.consents or () if in_force(consent, case, now)]


def judge_basis(test: BasisTest, case: Case, now: datetime) -> Finding:
    permission = case.permission
    basis = permission.basis
    if not permission.data_source or permission.data_source.isspace():
        return unknown("permission.data_source", "号码的来源")
    if basis is None:
        return deny("没有授权,也没有客户关系", "neither a consent nor another basis is recorded")
    if basis not in test.accepts:
        accepted = "、".join(sorted(test.accepts))
        return deny("这个依据不够,需要 {}", "this basis does not suffice; needed: {}", accepted)
    if not _needs_consent(test, case):
        return ALLOW
    if permission.consents is None:
        return unknown("permission.consents", "授权记录")
    if _suiting(test, case, now):
        return ALLOW
    return deny(
        "没有符合要求的有效授权(用途、渠道、形式、期限、证据)",
        "no consent in force suits: purpose, channel, form, age, evidence",
        facts={"permission.basis": basis, "permission.consents": len(permission.consents)},
    )


def seen_basis(test: BasisTest, case: Case) -> Facts:
    seen: dict[str, object] = {"permission.basis": case.permission.basis}
    if case.permission.basis in test.accepts and _needs_consent(test, case):
        newest = max(_suiting(test, case, case.now), key=lambda c: c.obtained_at)
        seen["permission.consents.obtained_at"] = newest.obtained_at
    return seen


def _needs_consent(test: BasisTest, case: Case) -> bool:
    return _rests_on_record(case) or test.form is not _GENERAL or _must_name_voice(test, case)


def _rests_on_record(case: Case) -> bool:
    """Whether the basis is the person's own word, which counts as far as there is evidence of it.

    A request to be called about one's own affairs needs none; a request to be sold something does.
    """
    basis = case.permission.basis
    return basis is _CONSENT or (basis is _REQUEST and case.purpose is _MARKETING)


def _must_name_voice(test: BasisTest, case: Case) -> bool:
    return test.names_artificial_voice and case.campaign.artificial_voice is not False


def _suiting(test: BasisTest, case: Case, now: datetime) -> list[Consent]:
    """The consents in force that are fresh and strong enough for the rule."""
    return [
        c
        for c in _standing(case, now)
        if (test.valid_days is None or now < c.obtained_at + _days(test.valid_days))
        and _STRENGTH[c.form] >= _STRENGTH[test.form]
        and (c.artificial_voice or not _must_name_voice(test, case))
    ]


def judge_refusal(test: RefusalTest, case: Case, now: datetime) -> Finding:
    refusals = case.person.refusals
    if refusals is None:
        return unknown("person.refusals", "拒绝记录")
    if not refusals:
        return ALLOW
    consents = _standing(case, now)
    first: Refusal | None = None
    for refusal in refusals:
        if not _binds(refusal, case) or _lapsed(refusal, test, now) or (first and first.at <= refusal.at):
            continue
        if not any(consent.obtained_at > refusal.at for consent in consents):
            first = refusal
    if first is None:
        return ALLOW
    seen = {"person.refusals.at": first.at, "person.refusals.scope": first.scope}
    return deny("{} 已拒绝({})", "refused on {} ({})", first.at.date(), first.source, facts=seen)


def seen_refusal(_test: RefusalTest, case: Case) -> Facts:
    return {"person.refusals": len(case.person.refusals or ())}


def _binds(refusal: Refusal, case: Case) -> bool:
    """A refusal of a purpose that does not say which binds every purpose."""
    return refusal.scope is _PLATFORM or (
        refusal.is_same_tenant and (refusal.scope is _TENANT or refusal.purpose in (None, case.purpose))
    )


def _lapsed(refusal: Refusal, test: RefusalTest, now: datetime) -> bool:
    return test.for_days is not None and now >= refusal.at + _days(test.for_days)


def judge_registry(test: RegistryTest, case: Case, now: datetime) -> Finding:
    copies = _copies(test, case)
    if not copies:
        return unknown(f"registries[{test.name}]", f"{test.name} 的本地副本")
    for copy in copies:
        if (finding := _by_copy(copy, test, case, now)) is not ALLOW:
            return finding
    return ALLOW


def _by_copy(copy: Registry, test: RegistryTest, case: Case, now: datetime) -> Finding:
    if copy.copied_at > now or now - copy.copied_at > _days(test.at_most_days_old):
        return deny(
            "{0} 的副本超过 {1} 天",
            "the copy of {0} is older than {1} days",
            test.name,
            test.at_most_days_old,
            facts=_of_copy(copy),
        )
    if not copy.is_listed or _within_grace(copy, test, now) or _is_lifted(test.lifted_by, case, now, test.form):
        return ALLOW
    return deny("已登记在 {}", "listed on {}", test.name, facts=_of_copy(copy))


def seen_registry(test: RegistryTest, case: Case) -> Facts:
    copies = _copies(test, case)
    if not copies:
        return {}
    seen = _of_copy(copies[0])
    if any(copy.is_listed and not _within_grace(copy, test, case.now) for copy in copies):
        seen["permission.basis"] = case.permission.basis
    return seen


def _of_copy(copy: Registry) -> dict[str, object]:
    return {"registries.copied_at": copy.copied_at, "registries.is_listed": copy.is_listed}


def _copies(test: RegistryTest, case: Case) -> list[Registry]:
    """Every copy of the rule's registry, oldest and listed first: each is asked, and their order never matters."""
    copies = [copy for copy in case.registries or () if copy.name == test.name]
    return copies if len(copies) < 2 else sorted(copies, key=_by_age)


def _by_age(copy: Registry) -> tuple[object, ...]:
    since = copy.listed_since
    return copy.copied_at, not copy.is_listed, since is not None, since or copy.copied_at


def _within_grace(copy: Registry, test: RegistryTest, now: datetime) -> bool:
    return copy.listed_since is not None and now < copy.listed_since + _days(test.grace_days)


def _is_lifted(bases: frozenset[Basis], case: Case, now: datetime, form: Form = _GENERAL) -> bool:
    """A named basis lifts a ban; the person's own word only when one in force is of this form or stronger."""
    basis = case.permission.basis
    if basis is None or basis not in bases:
        return False
    return not _rests_on_record(case) or any(_STRENGTH[c.form] >= _STRENGTH[form] for c in _standing(case, now))


def judge_topic(test: TopicTest, case: Case, now: datetime) -> Finding:
    topics = case.campaign.topics
    if topics is None:
        return unknown("campaign.topics", "推广的内容")
    if topics.isdisjoint(test.never) or _is_lifted(test.lifted_by, case, now):
        return ALLOW
    banned = in_order(topics & test.never)
    return deny(
        "禁止电话推广:{0}",
        "may not be sold by telephone: {1}",
        "、".join(banned),
        ", ".join(banned),
        facts={"campaign.topics": banned},
    )


def seen_topic(_test: TopicTest, case: Case) -> Facts:
    return {"campaign.topics": in_order(case.campaign.topics or frozenset())}


def judge_sensitivity(test: SensitivityTest, case: Case, _now: datetime) -> Finding:
    levels = case.campaign.levels
    if levels is None:
        return unknown("campaign.levels", "使用的信息级别")
    if levels <= _UP_TO[test.at_most]:
        return ALLOW
    above = in_order(levels - _UP_TO[test.at_most])
    return deny(
        "使用了 {0} 级信息",
        "uses attributes of level {1}",
        "、".join(above),
        ", ".join(above),
        facts={"campaign.levels": above},
    )


def seen_sensitivity(_test: SensitivityTest, case: Case) -> Facts:
    return {"campaign.levels": in_order(case.campaign.levels or frozenset())}
