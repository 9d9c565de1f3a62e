"""Judges of those who call: tenant, campaign, script, caller number, line. Pure."""

from __future__ import annotations

from datetime import datetime

from fairdial.core.policy.case import Case, LineKind, NumberKind
from fairdial.core.policy.finding import Finding, allow, deny, unknown
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


def judge_script(_test: ScriptTest, case: Case) -> Finding:
    spoken = case.spoken
    if spoken.script_hash is None:
        return unknown("spoken.script_hash", "话术版本")
    seen = {"spoken.script_hash": spoken.script_hash[:12]}
    if spoken.approved_hash != spoken.script_hash:
        return deny("这个版本没有审核通过", "this version is not approved", **seen)
    if spoken.approval_expires_at is None or spoken.approval_expires_at <= case.now:
        return deny("审核已过期", "the approval has expired", **seen)
    if spoken.missing_values is None:
        return unknown("spoken.missing_values", "话术变量")
    if spoken.missing_values:
        names = "、".join(spoken.missing_values)
        return deny(f"名单里没有 {names}", f"the list has no value for {names}", **seen)
    return allow(**seen)


def judge_disclosure(test: DisclosureTest, case: Case) -> Finding:
    if case.spoken.says is None:
        return unknown("spoken.says", "话术说明了什么")
    missing = sorted(test.says - case.spoken.says)
    if not missing:
        return allow(**{"spoken.says": sorted(case.spoken.says)})
    names = ", ".join(missing)
    return deny(
        f"话术没有说明:{names}", f"the script does not say: {names}", **{"spoken.says": sorted(case.spoken.says)}
    )


def judge_caller(test: CallerTest, case: Case) -> Finding:
    caller = case.caller
    if caller.number is None:
        return unknown("caller.number", "主叫号码")
    seen = {"caller.number": caller.number[:6] + "…"}
    if caller.is_own is None:
        return unknown("caller.is_own", "主叫号码的登记")
    if not caller.is_own:
        return deny("主叫号码不是本企业的", "the number shown is not the tenant's own", **seen)
    if test.only_prefixes and not caller.number.startswith(test.only_prefixes):
        ranges = "、".join(test.only_prefixes)
        return deny(f"主叫号码须以 {ranges} 开头", f"the number shown must begin with {ranges}", **seen)
    if test.never_prefixes and caller.number.startswith(test.never_prefixes):
        return deny("这个号段不得用于营销", "this range may not be shown for marketing", **seen)
    return _documents(caller.documents_until, case, "caller.documents_until", "主叫号码资质") or allow(**seen)


def _documents(until: datetime | None, case: Case, fact: str, zh: str) -> Finding | None:
    if until is None:
        return unknown(fact, zh)
    if until <= case.now:
        return deny(f"{zh}已过期", f"{fact.split('.')[0]}: documents have expired", **{fact: until})
    return None


def judge_line(_test: LineTest, case: Case) -> Finding:
    line = case.line
    if line.purposes is None:
        return unknown("line.purposes", "线路允许的用途")
    if case.purpose not in line.purposes:
        return deny(
            "线路不允许这个用途", "the line is not let for this purpose", **{"line.purposes": sorted(line.purposes)}
        )
    return _documents(line.documents_until, case, "line.documents_until", "线路资质") or allow(
        **{"line.purposes": sorted(line.purposes), "line.documents_until": line.documents_until}
    )


def judge_role(test: RoleTest, case: Case) -> Finding:
    role = case.tenant.role
    if role is None:
        return unknown("tenant.role", "企业的经营角色")
    if role in test.never:
        return deny("以这个角色不得进行此类外呼", "not allowed in this role", **{"tenant.role": role})
    return allow(**{"tenant.role": role})


def judge_contract(_test: ContractTest, case: Case) -> Finding:
    tenant = case.tenant
    if tenant.purposes is None:
        return unknown("tenant.purposes", "合同约定的用途")
    if tenant.contract_until is None:
        return unknown("tenant.contract_until", "合同期限")
    seen = {"tenant.purposes": sorted(tenant.purposes), "tenant.contract_until": tenant.contract_until}
    if case.purpose not in tenant.purposes:
        return deny("合同不包括这个用途", "the contract does not cover this purpose", **seen)
    if tenant.contract_until <= case.now:
        return deny("合同已到期", "the contract has ended", **seen)
    return allow(**seen)


def judge_suspension(_test: SuspensionTest, case: Case) -> Finding:
    resources = {
        "tenant": (case.tenant.suspended, "企业"),
        "line": (case.line.suspended, "线路"),
        "caller": (case.caller.suspended, "主叫号码"),
        "spoken": (case.spoken.suspended, "话术"),
    }
    for name, (suspended, zh) in resources.items():
        if suspended is None:
            return unknown(f"{name}.suspended", f"{zh}是否停用")
        if suspended:
            return deny(f"{zh}已停用", f"the {name} is suspended", **{f"{name}.suspended": True})
    return allow()


def judge_campaign(_test: CampaignTest, case: Case) -> Finding:
    state = case.campaign.state
    if state is None:
        return unknown("campaign.state", "任务状态")
    if state != "running":
        return deny(f"任务状态为 {state}", f"the campaign is {state}", **{"campaign.state": state})
    return allow(**{"campaign.state": state})


def judge_abandonment(test: AbandonmentTest, case: Case) -> Finding:
    counted = [a for a in case.abandonment or () if a.days == test.within_days]
    if not counted:
        return unknown(f"abandonment[{test.within_days} days]", "无人应答的接通比例")
    worst = max(counted, key=lambda a: a.abandoned / a.answered if a.answered > 0 else float(a.abandoned > 0))
    seen = {"abandonment.answered": worst.answered, "abandonment.abandoned": worst.abandoned}
    if worst.abandoned > test.at_most_ratio * worst.answered:
        return deny(
            f"{test.within_days} 天内超过 {test.at_most_ratio:.0%} 的接通无人应答",
            f"more than {test.at_most_ratio:.0%} abandoned over {test.within_days} days",
            **seen,
        )
    return allow(**seen)


def judge_served(_test: ServedTest, case: Case) -> Finding:
    if case.progress is None:
        return unknown("progress", "任务进度")
    outcome = case.progress.outcome
    seen = {"progress.outcome": outcome}
    return allow(**seen) if outcome is None else deny(outcome, outcome, **seen)


def judge_reach(_test: ReachTest, case: Case) -> Finding:
    if case.person.number_kind is None:
        return unknown("person.number_kind", "号码类型")
    if case.line.kind is None:
        return unknown("line.kind", "线路类型")
    seen = {"person.number_kind": case.person.number_kind, "line.kind": case.line.kind}
    is_practice_number = case.person.number_kind is NumberKind.PRACTICE
    if is_practice_number == (case.line.kind is LineKind.PRACTICE):
        return allow(**seen)
    return deny("号码与线路不符", "practice numbers and real lines never meet", **seen)
