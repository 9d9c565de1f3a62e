"""When a signal stops a caller number, a line, a script or a tenant. Pure; the limits are data (`pack.Brake`)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from fairdial.core.policy.pack import Brake

SHORT_S = 6
"""Seconds within which a person who hung up did not want to hear: carriers count calls this short (docs/why/brakes.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard about one resource within a brake's days: signals, and persons who answered its calls."""

    signals: int
    answered: int


def must_stop(brake: Brake, heard: Heard) -> str | None:
    """Why a resource is suspended, with the counts, in Chinese and English; or None.

    Source:
        docs/why/brakes.md: engineering choices, not law. Somebody named lifts what is stopped.
    """
    if heard.signals == 0:
        return None
    if brake.at_most is not None:
        if heard.signals <= brake.at_most:
            return None
        limit, counted = f"{brake.at_most}", f"{heard.signals}"
    else:
        assert brake.at_most_ratio is not None, "check_pack asks for one limit"
        share = share_shown(brake, heard)
        if share is None or share <= brake.at_most_ratio:
            return None
        limit = f"{brake.at_most_ratio:.2%}"
        counted = f"{heard.signals} / {heard.answered} 位接通者 persons who answered"
    span = f"{brake.within_days:g} 天内 within {brake.within_days:g} days"
    return f"{brake.reason.zh} {brake.reason.en}: {counted}, {span}; 上限 limit {limit} ({brake.id})"


def share_shown(brake: Brake, heard: Heard) -> float | None:
    """The share, in [0, 1], that a brake with a ratio compares with its limit; None for a count, or before enough answered."""
    if brake.at_most_ratio is None or heard.answered < brake.at_least:
        return None
    return surely_at_least(heard.signals, heard.answered, z=brake.sure_z)


def surely_at_least(signals: int, answered: int, *, z: float) -> float:
    """The share that `signals` of `answered` show at least, in [0, 1]; signals beyond the answered count as all.

    Source:
        Lower bound of the score interval: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical
        Inference, JASA 22 (1927) 209-212. With z = 0 it is the bare share.
    """
    n = max(answered, signals)
    if n == 0:
        return 0.0
    share, zz = signals / n, z * z / n
    return max(0.0, (share + zz / 2 - sqrt(zz * share * (1 - share) + zz * zz / 4)) / (1 + zz))
