"""Rules in words: one in full, and docs/rules.md, a page for people who want to read the law we keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import time
from typing import Any

from fairdial.core.policy.case import Window
from fairdial.core.policy.kinds import Test
from fairdial.core.policy.pack import PLATFORM, Brake, Pack, Rule


def parameters_of(test: Test) -> dict[str, Any]:
    """The parameters of a rule by name, as plain values."""
    return {f.name: _plain(getattr(test, f.name)) for f in fields(test) if f.name != "kind"}


def _plain(value: object) -> Any:
    match value:
        case Window(start=start, end=end, days=days):
            return f"{_clock(start)}-{_clock(end)} {'daily' if len(days) == 7 else ','.join(days)}"
        case frozenset():
            return sorted(str(v) for v in value)
        case tuple():
            return [_plain(v) for v in value]
        case time():
            return _clock(value)
        case _:
            return value


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")


def in_full(pack: Pack, rule: Rule, adjusted: Mapping[str, Any] | None) -> dict[str, Any]:
    """A rule with its parameters, source and worked examples, as plain values.

    Args:
        adjusted: Who made it what it is, when it is not as shipped.
    """
    return {
        "id": rule.id,
        "pack": pack.jurisdiction,
        "version": pack.version,
        "kind": rule.test.kind,
        "applies_to": {
            "purposes": sorted(rule.applies_to.purposes),
            "regions": list(rule.applies_to.regions),
            "topics": sorted(rule.applies_to.topics),
            "artificial_voice": rule.applies_to.artificial_voice,
        },
        "parameters": parameters_of(rule.test),
        "adjustable": rule.adjustable,
        "adjusted": adjusted,
        "standing": rule.standing,
        "status": rule.status,
        "confidence": rule.confidence,
        "cite": rule.cite,
        "source": rule.source,
        "effective_from": rule.effective_from.isoformat() if rule.effective_from else None,
        "effective_until": rule.effective_until.isoformat() if rule.effective_until else None,
        "reason": asdict(rule.reason),
        "examples": [
            {"given": e.given, "expect": e.expect, "until": e.until.isoformat() if e.until else None}
            for e in rule.examples
        ],
    }


def rules_page(packs: Mapping[str, Pack]) -> str:
    """The whole page; `make docs` writes it and a test fails when it is stale."""
    parts = [
        "# Rules 规则",
        "",
        "Generated from `rulepacks/` by `make docs`. **law** is in force and was read from its text or a faithful report;",
        "**default** is an engineering choice or an industry norm and never law. Not legal advice.",
        "",
    ]
    for jurisdiction in sorted(packs, key=lambda j: (j != PLATFORM, j != "CN", j)):
        parts += _section(packs[jurisdiction])
    return "\n".join(parts) + "\n"


def _section(pack: Pack) -> list[str]:
    title = "Every call 每一通电话" if pack.jurisdiction == PLATFORM else pack.jurisdiction
    lines = [f"## {title}", "", f"Version {pack.version}.", ""]
    lines += ["| rule | standing | what | parameters | cite |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(rule) for rule in pack.rules]
    if pack.duties:
        lines += ["", "Duties after the call:", ""]
        lines += [
            f"- {d.id} (**{d.standing}**): {d.what.en} · {d.what.zh} · {d.days:g} days · {d.cite}" for d in pack.duties
        ]
    if pack.brakes:
        lines += ["", "Brakes, which suspend a caller number, a line, a script or a tenant:", ""]
        lines += [_brake(brake) for brake in pack.brakes]
    return [*lines, ""]


def _brake(brake: Brake) -> str:
    most = f"at most {brake.at_most}" if brake.at_most_ratio is None else f"at most {brake.at_most_ratio:.2%}"
    sure = f", surely (z = {brake.sure_z:g}) of {brake.at_least} or more persons" if brake.sure_z else ""
    what = f"{brake.reason.en} · {brake.reason.zh} · {most} within {brake.within_days:g} days{sure}"
    return f"- {brake.id} (**{brake.standing}**): {what} · {brake.cite}"


def _row(rule: Rule) -> str:
    where = [*sorted(rule.applies_to.purposes), *rule.applies_to.regions, *sorted(rule.applies_to.topics)]
    if rule.applies_to.artificial_voice:
        where.append("artificial voice")
    since = f"; from {rule.effective_from}" if rule.effective_from else ""
    given = "; ".join(
        f"{name} {_words(value)}" for name, value in parameters_of(rule.test).items() if value not in ([], None, False)
    )
    what = f"{rule.reason.en}<br>{rule.reason.zh}<br><small>{', '.join(where)}{since}</small>"
    return f"| {rule.id} | **{rule.standing}** | {what} | {rule.test.kind}{': ' + given if given else ''} | {rule.cite.replace('|', '/')} |"


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
