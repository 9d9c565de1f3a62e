"""Where a person lives, as far as the pack of their country knows it. Pure.

A region nobody knows counts as not known, so that it silences no rule; a clock that is not one of the place's is a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from fairdial.core.policy.case import Case
from fairdial.core.policy.finding import SILENT, Finding, deny
from fairdial.core.policy.pack import Pack, lies_in


def home_of(number: str | None, address: str | None, packs: Mapping[str, Pack]) -> Pack | None:
    """The pack of the country a person lives in: that of the address, else that of the number."""
    return packs.get(address or number or "")


@lru_cache(maxsize=4096)
def zones_of(home: Pack, region: str) -> tuple[str, ...]:
    """The IANA zones a region lies in, in the pack's order; empty when the pack does not say."""
    return tuple(zone for zone, regions in home.zones.items() if lies_in(region, regions))


@lru_cache(maxsize=4096)
def _is_known(home: Pack, region: str) -> bool:
    """Whether the pack has a name for the region, or tells no regions apart: a zone for all (`""`) knows none of them."""
    parts = [*home.zones.values(), *(rule.applies_to.regions for rule in home.rules)]
    names = tuple(name for part in parts for name in part if name)
    return bool(region.strip()) and (not names or lies_in(region, names))


def located(case: Case, home: Pack | None) -> Case:
    """The case as rules are asked about it: without a region that the home's pack does not know."""
    region = case.person.region
    if region is None or (home is not None and _is_known(home, region)):
        return case
    return replace(case, person=replace(case.person, region=None))


@lru_cache(maxsize=4096)
def zone_fits(home: Pack, zone: str | None, region: str | None) -> Finding:
    """A no for a zone that is none of the home's, or another than the region lies in.

    Silent where it agrees, and where no zone is given: then every rule that reads a clock says so.
    """
    if zone is None:
        return SILENT
    if zone not in home.zones:
        country = home.jurisdiction
        return deny(
            "时区 {0} 不在 {1}",
            "the zone {0} is none of {1}",
            zone,
            country,
            facts={"person.zone": zone, "country": country},
        )
    zones = zones_of(home, region) if region is not None else ()
    if not zones or zone in zones:
        return SILENT
    return deny(
        "地区 {0} 的时区是 {2},不是 {1}",
        "{0} lies in {2}, not in {1}",
        region,
        zone,
        ", ".join(zones),
        facts={"person.region": region, "person.zone": zone},
    )
