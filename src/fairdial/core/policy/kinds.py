"""The kinds of rules a pack may hold, each with its parameters. Pure values; the judges are beside this file.

A parameter's name carries its unit. `lifted_by` names the bases that open what the rule would close.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from fairdial.core.policy.case import STRICT, Basis, Form, Level, Role, Says, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisTest:
    """The person may be called on one of these bases; a consent is of this form and at most this old.

    For marketing a request needs an evidenced record in force, as a consent does.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["basis"]
    accepts: frozenset[Basis]
    form: Form = Form.GENERAL
    valid_days: int | None = None
    names_artificial_voice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalTest:
    """A refusal closes, for good or for this many days, until a later evidenced consent."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["refusal"]
    for_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryTest:
    """The number is not on a do-not-call registry, by a copy at most this old; of several copies each must allow.

    `form` is the weakest form of a consent that lifts a listing.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["registry"]
    name: str
    at_most_days_old: int
    grace_days: int = 0
    lifted_by: frozenset[Basis] = frozenset()
    form: Form = Form.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTest:
    """Calls are placed within these windows of the person's local time.

    Without windows, or with windows of no days, it is never open. `zones` are IANA zones for a region that lives by
    several clocks: the windows must be open by all of them.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["calling_window"]
    windows: tuple[Window, ...]
    zones: tuple[str, ...] = ()
    skips_holidays: bool = False
    lifted_by_consent_to_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsTest:
    """At most so many calls and messages within so many hours, of this tenant or of everybody."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["attempts"]
    at_most: int
    within_h: float
    counts: Literal["everybody", "tenant"] = "everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacingTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["spacing"]
    apart_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTest:
    """The version that would be spoken is approved, and every value it speaks is there."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["approved_script"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureTest:
    """The script tells the person these things."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["disclosure"]
    says: frozenset[Says]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerTest:
    """The number shown is the tenant's own, documented, and in a range that may be shown; `e164` when it must be E.164."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["caller_number"]
    e164: bool = False
    only_prefixes: tuple[str, ...] = ()
    never_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTest:
    """The line is not suspended, is let for this purpose, and its documents are in force."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["role"]
    never: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTest:
    """The tenant's contract is in force and covers the purpose."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionTest:
    """Neither tenant, line, caller number nor script is suspended, by a complaint brake or by hand."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["suspension"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["campaign_state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignHoursTest:
    """Calls are placed within the hours the campaign set itself, by the person's clock; it may have none."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["campaign_hours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentTest:
    """The share of answered calls that found nobody, over so many days; a ratio in [0, 1]."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["abandonment"]
    at_most_ratio: float
    within_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTest:
    """These topics are not sold by telephone, except on these bases."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["topic"]
    never: frozenset[str]
    lifted_by: frozenset[Basis] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["sensitivity"]
    at_most: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackTest:
    __pydantic_config__: ClassVar = STRICT
    kind: Literal["call_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachTest:
    """Practice numbers are reached by practice lines and real ones by carrier lines."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["reachable_line"]


Test = (
    BasisTest
    | RefusalTest
    | RegistryTest
    | WindowTest
    | AttemptsTest
    | SpacingTest
    | ScriptTest
    | DisclosureTest
    | CallerTest
    | LineTest
    | RoleTest
    | ContractTest
    | SuspensionTest
    | CampaignTest
    | CampaignHoursTest
    | AbandonmentTest
    | TopicTest
    | SensitivityTest
    | ServedTest
    | CallBackTest
    | ReachTest
)
