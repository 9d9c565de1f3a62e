"""Verdicts counted: how many may be called now, later, never, and by which rules. Pure.

A preview permits nothing: every call is asked for anew when its turn comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fairdial.core.policy.decide import Verdict
from fairdial.core.policy.finding import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts over some contacts.

    Attributes:
        later: Contacts that wait, by the hour in which they may be called, as an instant.
        waiting: Contacts that each rule makes wait, by its name; of one contact several rules may speak.
        denying: Contacts that each rule denies; a rule that only makes a contact wait who is denied anyway is not counted.
    """

    now: int = 0
    never: int = 0
    later: Counter[datetime] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    denying: Counter[str] = field(default_factory=Counter)


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """Count verdicts by their outcome and by the rules that speak against the call."""
    now, never = 0, 0
    later, waiting, denying = Counter[datetime](), Counter[str](), Counter[str]()
    for verdict in verdicts:
        match verdict.outcome:
            case Outcome.ALLOW:
                now += 1
                continue
            case Outcome.WAIT:
                assert verdict.until is not None, "a wait has an instant"
                later[verdict.until.replace(minute=0, second=0, microsecond=0)] += 1
                counted = waiting
            case Outcome.DENY:
                never += 1
                counted = denying
        counted.update({opinion.rule_id for opinion in verdict.opinions if opinion.outcome is verdict.outcome})
    return Tally(now=now, never=never, later=later, waiting=waiting, denying=denying)
