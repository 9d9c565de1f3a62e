"""How many calls each mode of pacing starts for the seats there are: one question, five answers.

Pure. `plan` answers for the seats alone; `limits.plan` joins it with lines, windows, lists and the gate.
"""

from __future__ import annotations

from dataclasses import dataclass

from fairdial.core.pacing.arrivals import under_way
from fairdial.core.pacing.limits import Limit
from fairdial.core.pacing.predictive import Floor, Predictive


@dataclass(frozen=True, slots=True)
class Fixed:
    """固定线路: an AI answers everybody, so that the lines alone limit; seats are not waited for."""


@dataclass(frozen=True, slots=True)
class Progressive:
    """渐进: a call for each free seat that nobody is on the way to; nobody who answers finds nobody."""


@dataclass(frozen=True, slots=True)
class Preview:
    """预览: a seat sees the contact first and asks for the call."""


Mode = Fixed | Progressive | Preview | Predictive
"""`Predictive` is 预测 as it stands, and 人工少 (an AI with few humans) as `handing_over` makes it."""


def handing_over(*, wait_s: float) -> Predictive:
    """An AI that answers everybody and hands over to few humans.

    Under way is a talk with the AI, arriving is asking for a person, and the hold is how long the AI keeps them company.

    Args:
        wait_s: The longest that somebody who asked for a person is to wait; the bounds of the floor's periods are on the share
            of them who wait longer.
    """
    talks = under_way(step_s=5.0, chance=0.1, mean_s=45.0, half_life_s=3600.0)
    return Predictive(hold_s=wait_s, under_way=talks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """So many calls for the seats there are; None is as many as there are lines.

    Attributes:
        held_by: What forbids one more: `seats`, or `abandonment` when a bound is all but used up.
    """

    calls: int | None
    held_by: Limit | None = None


def plan(mode: Mode, floor: Floor) -> Pace:
    """What a mode starts now."""
    idle = max(0, floor.seats - len(floor.busy) - floor.waiting - len(floor.under_way))
    match mode:
        case Fixed():
            return Pace(calls=None)
        case Progressive():
            return Pace(calls=idle, held_by=Limit.SEATS)
        case Preview():
            return Pace(calls=min(idle, max(0, floor.asked_for)), held_by=Limit.SEATS)
        case Predictive():
            held_by = Limit.ABANDONMENT if mode.is_spent(floor) else Limit.SEATS
            return Pace(calls=mode.calls(floor), held_by=held_by)
