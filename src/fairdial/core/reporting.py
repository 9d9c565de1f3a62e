"""What a report counts, and what may be said of it. Pure.

A figure counts calls that were dialled; each is a stage that a call came to. Rates carry Wilson's interval and differences
Newcombe's (`core/comparison.py`), both at 95 %. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fairdial.core.comparison import Difference, Share, difference, share

GRADES = "ABCDEF"


class Grouping(StrEnum):
    """By what a report parts its calls; the hour is the person's own."""

    CAMPAIGN = "campaign"
    SCRIPT_VERSION = "script_version"
    HOUR = "hour"
    REGION = "region"
    LINE = "line"
    GRADE = "grade"


class Stage(StrEnum):
    """How far a call came. `finished`: our goodbye was heard to its end; `complained`: it is the call a complaint is about."""

    DIALLED = "dialled"
    ANSWERED = "answered"
    SPOKE = "spoke"
    FINISHED = "finished"
    REFUSED = "refused"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of a report.

    Attributes:
        asked: Contacts the gate was asked about; None where that cannot be parted so.
        stages: Calls that came to each stage.
        refused_of_answered: Of those answered; a call that broke off may hold a refusal and no answer.
        grades: Calls by grade.
        talk_s: Mean seconds from answer to end, of those answered; None of none.
    """

    asked: int | None
    stages: Mapping[Stage, int]
    refused_of_answered: int
    grades: Mapping[str, int] = field(default_factory=dict)
    talk_s: float | None = None

    @property
    def answer_rate(self) -> Share:
        return share(self.stages[Stage.ANSWERED], self.stages[Stage.DIALLED])

    @property
    def refusal_rate(self) -> Share:
        return share(self.refused_of_answered, self.stages[Stage.ANSWERED])


class Measure(StrEnum):
    """What two script versions are compared by."""

    ANSWERED = "answered"
    SPOKE = "spoke"
    FINISHED = "finished"
    GRADE_AB = "grade_ab"
    REFUSED = "refused"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one version: people, each by the latest of their calls.

    Attributes:
        hits: People by measure. `answered` and `complained` are of all, the others of those who answered.
        people, answered: Of how many.
    """

    people: int
    answered: int
    hits: Mapping[Measure, int]

    def share(self, measure: Measure) -> Share:
        of = self.people if measure in (Measure.ANSWERED, Measure.COMPLAINED) else self.answered
        return share(self.hits[measure], of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`difference` is b less a; it is clear when its interval leaves out 0."""

    measure: Measure
    a: Share
    b: Share
    difference: Difference


def compared(a: Tried, b: Tried) -> tuple[Compared, ...]:
    """Two versions by every measure."""
    return tuple(
        Compared(
            measure=measure,
            a=a.share(measure),
            b=b.share(measure),
            difference=difference(b.share(measure), a.share(measure)),
        )
        for measure in Measure
    )
