"""What personal data is removed, and when: no sooner than every duty to keep it lets go. Pure; hands remove.

Law says for how long data is kept at least; that alone removes nothing. How long this installation keeps it is a duty of the
platform's pack, which a tenant adjusts; whichever is longer counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fairdial.core.policy.pack import PLATFORM, Duty, Pack


class Data(StrEnum):
    """Kinds of personal data that are removed in time; everything else stays until its person is erased."""

    RECORDING = "recording"
    WORDS = "words"
    CONSENT = "consent"


BOUND_BY: Mapping[Data, frozenset[str]] = {
    Data.RECORDING: frozenset({"keep_recordings"}),
    Data.WORDS: frozenset({"keep_words"}),
    Data.CONSENT: frozenset({"keep_consents", "keep_records"}),
}
"""The kinds of duties that keep each kind of data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Data of this kind and country that ended `before` this instant is removed; `duty` is the one that kept it longest."""

    data: Data
    country: str | None
    before: datetime
    duty: Duty


def longest_duty(data: Data, packs: Mapping[str, Pack], *, country: str | None, seat: str | None) -> Duty | None:
    """The duty that keeps data longest in the jurisdictions of the person and of the tenant.

    A country that is not known is bound by every pack. None means that the data is kept: a country has no pack, or the
    platform's pack does not say for how long.
    """
    if country is None or seat is None:
        binding = list(packs.values())
    elif {country, seat} <= packs.keys():
        binding = [packs[jurisdiction] for jurisdiction in sorted({PLATFORM, country, seat} & packs.keys())]
    else:
        return None
    duties = [duty for pack in binding for duty in pack.duties if duty.kind in BOUND_BY[data]]
    own = packs[PLATFORM].duties if PLATFORM in packs else ()
    if not any(duty.kind in BOUND_BY[data] for duty in own):
        return None
    return max(duties, key=lambda duty: (duty.days, duty.standing, duty.id))


def cutoffs(
    packs: Mapping[str, Pack], *, countries: frozenset[str | None], seat: str | None, now: datetime
) -> tuple[Cutoff, ...]:
    """Until when data of each kind and country must have ended to be removed now; nothing stands for what is kept."""
    return tuple(
        Cutoff(data=data, country=country, before=now - timedelta(days=duty.days), duty=duty)
        for data in Data
        for country in sorted(countries, key=lambda c: c or "")
        if (duty := longest_duty(data, packs, country=country, seat=seat)) is not None
    )
