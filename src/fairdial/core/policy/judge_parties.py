"""Judges of those who call: tenant, campaign, script, caller number, line. Pure.

Each kind of rule has `judge_…(test, case, now)`, and `seen_…(test, case)` for the facts it always looks at.
"""

from __future__ import annotations

import re
from datetime import datetime

from fairdial.core.policy.case import Case, LineKind, NumberKind
from fairdial.core.policy.finding import ALLOW, Facts, Finding, deny, in_order, unknown
from fairdial.core.policy.kinds import (
    AbandonmentTest,
    CallerTest,
    CampaignTest,
    ContractTest,
    DisclosureTest,
    LineTest,
    ReachTest,
    RoleTest,
    ScriptTest,
    ServedTest,
    SuspensionTest,
)

_is_e164 = re.compile(r"\+[1-9][0-9]{7,14}").fullmatch
_PRACTICE_NUMBER, _PRACTICE_LINE = NumberKind.PRACTICE, LineKind.PRACTICE


def judge_script(_test: ScriptTest, case: Case, now: datetime) -> Finding:
    spoken = case.spoken
    if not spoken.script_hash or spoken.script_hash.isspace():
        return unknown("spoken.script_hash", "话术版本")
    if spoken.approved_hash != spoken.script_hash:
        return deny("这个版本没有审核通过", "this version is not approved")
    if spoken.approval_expires_at is None or spoken.approval_expires_at <= now:
        return deny("审核已过期", "the approval has expired")
    if spoken.missing_values is None:
        return unknown("spoken.missing_values", "话术变量")
    if spoken.missing_values:
        return deny("名单里没有 {}", "the list has no value for {}", "、".join(spoken.missing_values))
    return ALLOW


def seen_script(_test: ScriptTest, case: Case) -> Facts:
    return {"spoken.script_hash": (case.spoken.script_hash or "")[:12]}


def judge_disclosure(test: DisclosureTest, case: Case, _now: datetime) -> Finding:
    says = case.spoken.says
    if says is None:
        return unknown("spoken.says", "话术说明了什么")
    if test.says <= says:
        return ALLOW
    return deny("话术没有说明:{}", "the script does not say: {}", ", ".join(sorted(test.says - says)))


def seen_disclosure(_test: DisclosureTest, case: Case) -> Facts:
    return {"spoken.says": in_order(case.spoken.says or frozenset())}


def judge_caller(test: CallerTest, case: Case, now: datetime) -> Finding:
    caller = case.caller
    if not caller.number or caller.number.isspace():
        return unknown("caller.number", "主叫号码")
    if caller.is_own is None:
        return unknown("caller.is_own", "主叫号码的登记")
    if not caller.is_own:
        return deny("主叫号码不是本企业的", "the number shown is not the tenant's own")
    if test.e164 and not _is_e164(caller.number):
        return deny(
            "主叫号码须是完整的国际号码(+ 和 8 至 15 位数字)", "the number shown must be E.164: + and 8 to 15 digits"
        )
    if test.only_prefixes and not caller.number.startswith(test.only_prefixes):
        return deny("主叫号码须以 {} 开头", "the number shown must begin with {}", "、".join(test.only_prefixes))
    if test.never_prefixes and caller.number.startswith(test.never_prefixes):
        return deny("这个号段不得用于营销", "this range may not be shown for marketing")
    until = caller.documents_until
    return ALLOW if until is not None and now < until else _documents(until, "caller.documents_until", "主叫号码资质")


def seen_caller(_test: CallerTest, case: Case) -> Facts:
    return {"caller.number": (case.caller.number or "")[:6] + "…"}


def _documents(until: datetime | None, fact: str, zh: str) -> Finding:
    """A no for documents that are missing or have run out."""
    if until is None:
        return unknown(fact, zh)
    return deny("{0}已过期", "{1}: documents have expired", zh, fact.split(".")[0], facts={fact: until})


def judge_line(_test: LineTest, case: Case, now: datetime) -> Finding:
    line = case.line
    if line.purposes is None:
        return unknown("line.purposes", "线路允许的用途")
    if case.purpose not in line.purposes:
        seen = {"line.purposes": in_order(line.purposes)}
        return deny("线路不允许这个用途", "the line is not let for this purpose", facts=seen)
    until = line.documents_until
    return ALLOW if until is not None and now < until else _documents(until, "line.documents_until", "线路资质")


def seen_line(_test: LineTest, case: Case) -> Facts:
    line = case.line
    return {"line.purposes": in_order(line.purposes or frozenset()), "line.documents_until": line.documents_until}


def judge_role(test: RoleTest, case: Case, _now: datetime) -> Finding:
    role = case.tenant.role
    if role is None:
        return unknown("tenant.role", "企业的经营角色")
    return deny("以这个角色不得进行此类外呼", "not allowed in this role") if role in test.never else ALLOW


def seen_role(_test: RoleTest, case: Case) -> Facts:
    return {"tenant.role": case.tenant.role}


def judge_contract(_test: ContractTest, case: Case, now: datetime) -> Finding:
    tenant = case.tenant
    if tenant.purposes is None:
        return unknown("tenant.purposes", "合同约定的用途")
    if tenant.contract_until is None:
        return unknown("tenant.contract_until", "合同期限")
    if case.purpose not in tenant.purposes:
        return deny("合同不包括这个用途", "the contract does not cover this purpose")
    return ALLOW if now < tenant.contract_until else deny("合同已到期", "the contract has ended")


def seen_contract(_test: ContractTest, case: Case) -> Facts:
    tenant = case.tenant
    return {
        "tenant.purposes": in_order(tenant.purposes or frozenset()),
        "tenant.contract_until": tenant.contract_until,
    }


def judge_suspension(_test: SuspensionTest, case: Case, _now: datetime) -> Finding:
    tenant, line, caller, spoken = (
        case.tenant.suspended,
        case.line.suspended,
        case.caller.suspended,
        case.spoken.suspended,
    )
    if tenant is line is caller is spoken is False:
        return ALLOW
    resources = (
        ("tenant", tenant, "企业"),
        ("line", line, "线路"),
        ("caller", caller, "主叫号码"),
        ("spoken", spoken, "话术"),
    )
    name, suspended, zh = next(resource for resource in resources if resource[1] is not False)
    if suspended is None:
        return unknown(f"{name}.suspended", f"{zh}是否停用")
    return deny("{0}已停用", "the {1} is suspended", zh, name, facts={f"{name}.suspended": True})


def seen_suspension(_test: SuspensionTest, _case: Case) -> Facts:
    return {}


def judge_campaign(_test: CampaignTest, case: Case, _now: datetime) -> Finding:
    state = case.campaign.state
    if state == "running":
        return ALLOW
    if state is None:
        return unknown("campaign.state", "任务状态")
    return deny("任务状态为 {}", "the campaign is {}", state)


def seen_campaign(_test: CampaignTest, case: Case) -> Facts:
    return {"campaign.state": case.campaign.state}


def judge_abandonment(test: AbandonmentTest, case: Case, _now: datetime) -> Finding:
    seen = seen_abandonment(test, case)
    if not seen:
        return unknown(f"abandonment[{test.within_days} days]", "无人应答的接通比例")
    if seen["abandonment.abandoned"] <= test.at_most_ratio * seen["abandonment.answered"]:
        return ALLOW
    return deny(
        "{0} 天内超过 {1:.0%} 的接通无人应答",
        "more than {1:.0%} abandoned over {0} days",
        test.within_days,
        test.at_most_ratio,
    )


def seen_abandonment(test: AbandonmentTest, case: Case) -> dict[str, int]:
    """The worst count over the rule's days; empty when there is none."""
    counted = [a for a in case.abandonment or () if a.days == test.within_days]
    if not counted:
        return {}
    worst = max(counted, key=lambda a: a.abandoned / a.answered if a.answered > 0 else float(a.abandoned > 0))
    return {"abandonment.answered": worst.answered, "abandonment.abandoned": worst.abandoned}


def judge_served(_test: ServedTest, case: Case, _now: datetime) -> Finding:
    if case.progress is None:
        return unknown("progress", "任务进度")
    outcome = case.progress.outcome
    return ALLOW if outcome is None else deny("{}", "{}", outcome)


def seen_served(_test: ServedTest, case: Case) -> Facts:
    return {"progress.outcome": case.progress and case.progress.outcome}


def judge_reach(_test: ReachTest, case: Case, _now: datetime) -> Finding:
    number, line = case.person.number_kind, case.line.kind
    if number is None:
        return unknown("person.number_kind", "号码类型")
    if line is None:
        return unknown("line.kind", "线路类型")
    if (number is _PRACTICE_NUMBER) == (line is _PRACTICE_LINE):
        return ALLOW
    return deny("号码与线路不符", "practice numbers and real lines never meet")


def seen_reach(_test: ReachTest, case: Case) -> Facts:
    return {"person.number_kind": case.person.number_kind, "line.kind": case.line.kind}
