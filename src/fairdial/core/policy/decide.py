"""May this call be made? `decide(case, packs)` answers with every rule that spoke.

Pure: no clock, no database, no randomness. A refusal is a value. Unknown is no:
a fact, a country or a pack that is missing denies and is named. The strictest of
all candidate jurisdictions wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, overload

from fairdial.core.policy.case import Case
from fairdial.core.policy.finding import SILENT, Finding, Outcome, deny, strictest
from fairdial.core.policy.judge_time import HORIZON
from fairdial.core.policy.opinion import Opinion, engine, opinion_of
from fairdial.core.policy.pack import Pack
from fairdial.core.policy.place import located
from fairdial.core.policy.plan import Plan, plan_for

_MOST_STEPS = 64
"""Instants asked again before a wait is given up; each is later than the one before."""

_WAIT, _DENY = Outcome.WAIT, Outcome.DENY


class Opinions(Sequence[Opinion]):
    """What every rule that spoke says, by rule id; put together when somebody first reads."""

    __slots__ = ("_case", "_findings", "_later", "_plan", "_said")

    def __init__(self, plan: Plan, case: Case, findings: Sequence[Finding], later: list[Opinion]) -> None:
        """`later` is what keeps a later instant closed for good."""
        self._plan, self._case, self._findings, self._later = plan, case, findings, later
        self._said: list[Opinion] | None = None

    def _read(self) -> list[Opinion]:
        if self._said is None:
            self._said = self._plan.opinions(self._case, self._findings)
            if self._later:
                self._said = sorted([*self._said, *self._later], key=lambda opinion: opinion.rule_id)
        return self._said

    def __iter__(self) -> Iterator[Opinion]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, at: int) -> Opinion: ...
    @overload
    def __getitem__(self, at: slice) -> list[Opinion]: ...
    def __getitem__(self, at: int | slice) -> Opinion | list[Opinion]:
        return self._read()[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opinions) and self._read() == other._read()

    __hash__ = None  # type: ignore[assignment]


class Verdict(NamedTuple):
    """The answer; `until` is set exactly when the outcome is `wait`."""

    outcome: Outcome
    until: datetime | None
    opinions: Sequence[Opinion]
    pack_versions: tuple[str, ...]


def decide(case: Case, packs: Mapping[str, Pack]) -> Verdict:
    """Judge one case by the platform's pack and those of every candidate jurisdiction.

    Args:
        packs: By jurisdiction; `*` is the platform's.

    Returns:
        `deny` if any rule denies or a fact, country or pack is missing, else `wait` with the
        first instant at which no rule asks to wait, else `allow`.

    Source:
        docs/why/gate.md
    """
    plan = plan_for(case, packs)
    case = located(case, plan.home)
    findings = plan.findings(case, case.now)
    outcome, until = strictest(findings)
    later: list[Opinion] = []
    if until is not None:
        outcome, until, later = _first_open_instant(plan, case, until)
    return Verdict(outcome, until, Opinions(plan, case, findings, later), plan.pack_versions)


def _first_open_instant(plan: Plan, case: Case, until: datetime) -> tuple[Outcome, datetime | None, list[Opinion]]:
    """Ask again at each instant the rules name until none asks to wait; say what keeps it closed for good."""
    for _ in range(_MOST_STEPS):
        if until - case.now > HORIZON:
            break
        outcome, later = strictest(plan.later(case, until))
        if outcome is _DENY:
            closed = [f if f.outcome is _DENY else SILENT for f in plan.findings(case, until)]
            return outcome, None, plan.opinions(case.at(until), closed)
        if later is None:
            return _WAIT, until, []
        until = later
    finding = deny("{} 天内没有可以呼叫的时刻", "no instant within {} days is open", HORIZON.days)
    return _DENY, None, [opinion_of(engine("HORIZON"), finding, {"until": until})]
