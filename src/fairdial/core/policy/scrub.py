"""Whom a scrub takes out of a list: the gate's own judge of refusals, asked before anything else is known. Pure.

A preview and a filter. It permits nothing: whoever is left still needs the gate for every call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fairdial.core.policy.case import Case, Consent, Permission, Person, Purpose, Refusal, RefusalScope
from fairdial.core.policy.finding import Outcome
from fairdial.core.policy.judge_permission import judge_refusal
from fairdial.core.policy.kinds import RefusalTest

_FOR_GOOD = RefusalTest(kind="refusal")
"""The platform's rule; those of countries may let a refusal lapse, which allows nothing the platform denies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom refusals of one sort bind: everybody (no tenant), one tenant, or one purpose of a tenant."""

    scope: RefusalScope
    tenant_id: int | None
    purpose: Purpose | None

    @classmethod
    def of(cls, scope: RefusalScope, tenant_id: int, purpose: Purpose | None) -> Reach:
        """The reach of a refusal a tenant took; what binds everybody is the same whoever took it."""
        is_platform, is_purpose = scope is RefusalScope.PLATFORM, scope is RefusalScope.PURPOSE
        return cls(scope=scope, tenant_id=None if is_platform else tenant_id, purpose=purpose if is_purpose else None)

    def binds(self, *, tenant_id: int, purpose: Purpose, now: datetime) -> bool:
        """Whether such a refusal, which no consent has lifted, keeps this tenant from calls for this purpose."""
        one = Refusal(
            scope=self.scope, purpose=self.purpose, is_same_tenant=self.tenant_id == tenant_id, at=now, source=""
        )
        return is_refused((one,), (), purpose=purpose, now=now)


def is_refused(refusals: Sequence[Refusal], consents: Sequence[Consent], *, purpose: Purpose, now: datetime) -> bool:
    """Whether the gate would deny calls for this purpose because of these refusals, given these consents."""
    case = Case(
        now=now,
        purpose=purpose,
        person=Person(refusals=tuple(refusals)),
        permission=Permission(consents=tuple(consents)),
    )
    return judge_refusal(_FOR_GOOD, case, now).outcome is Outcome.DENY
