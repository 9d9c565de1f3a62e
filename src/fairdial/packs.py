"""Rule packs and calendars from the files and packages they are kept in."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import yaml
from pydantic import TypeAdapter, ValidationError

from fairdial.cases import case_from
from fairdial.core.policy.case import Calendar, Case
from fairdial.core.policy.check_pack import check_pack
from fairdial.core.policy.pack import PLATFORM, Example, Pack, Rule
from fairdial.core.policy.plan import judge
from fairdial.errors import InputError, SettingsError
from fairdial.yaml_lines import LinedYaml, YamlTrouble

_SHIPPED = Path(__file__).parent / "rulepacks"
_IN_SOURCE = Path(__file__).parents[2] / "rulepacks"
_YEARS_AHEAD = 1


@cache
def _adapter() -> TypeAdapter[Pack]:
    return TypeAdapter(Pack)


def load_packs(folder: Path | None) -> dict[str, Pack]:
    """Read every pack of a folder by jurisdiction; None reads the packs shipped with fairdial.

    Raises:
        SettingsError: A pack is broken or one of its examples fails; names file, line and reason.
    """
    where = folder or (_SHIPPED if _SHIPPED.is_dir() else _IN_SOURCE)
    packs: dict[str, Pack] = {}
    for path in sorted(where.glob("*.yaml")):
        pack = read_pack(path)
        if pack.jurisdiction in packs:
            raise SettingsError(f"{path}: there is another pack for {pack.jurisdiction}")
        if twice := _ids(pack) & {one for other in packs.values() for one in _ids(other)}:
            raise SettingsError(f"{path}: {min(twice)} stands in another pack too; give it an id of its own")
        packs[pack.jurisdiction] = pack
    if PLATFORM not in packs or not packs[PLATFORM].rules:
        raise SettingsError(
            f"{where}: no pack with rules for every call ({PLATFORM!r}) found; without law nothing is dialled"
        )
    return packs


def _ids(pack: Pack) -> set[str]:
    return {*(r.id for r in pack.rules), *(d.id for d in pack.duties), *(b.id for b in pack.brakes)}


def read_pack(path: Path) -> Pack:
    """Read, check and try one pack.

    Raises:
        SettingsError: Names file, line and reason.
    """
    try:
        document = LinedYaml(path.read_text(encoding="utf-8"))
        pack = _adapter().validate_python(document.content)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__})") from error
    except YamlTrouble as error:
        raise SettingsError(f"{path}:{error.line}: {error.zh} {error.en}; {error.fix_en}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        where, wrong = _first_problem(error)
        raise SettingsError(f"{path}:{document.line(where)}: {'.'.join(map(str, where))}: {wrong}") from error
    for flaw in check_pack(pack):
        raise SettingsError(f"{path}:{document.line(flaw.path)}: {flaw.problem}")
    for place, rule in enumerate(pack.rules):
        if not rule.examples:
            raise SettingsError(f"{path}:{document.line(('rules', place))}: {rule.id} has no worked example")
        for number, example in enumerate(rule.examples):
            if problem := failing(pack, rule, example):
                line = document.line(("rules", place, "examples", number))
                raise SettingsError(f"{path}:{line}: example of {rule.id} fails: {problem}")
    return pack


def _first_problem(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """The first thing wrong, as the kind of rule that was meant sees it.

    A rule's test is tried as every kind; the kinds that were not meant complain about `kind` itself.
    """
    found = error.errors()
    others = {e["loc"][:-1] for e in found if e["loc"][-1:] == ("kind",)}
    meant = [e for e in found if not any(e["loc"][: len(other)] == other for other in others)]
    first = (meant or found)[0]
    where = tuple(part for part in first["loc"] if not str(part).endswith("Test"))
    return where, first["msg"] if meant else "this kind of rule is not known; see docs/rules.md"


def failing(pack: Pack, rule: Rule, example: Example) -> str | None:
    """Try one worked example; None when the rule says what the example expects."""
    try:
        case = case_from(overlaid(pack.base, example.given), name=rule.id)
    except InputError as error:
        return str(error)
    case = with_calendars(case, (pack.jurisdiction,))
    finding = judge(rule, case, pack)
    said = "silent" if finding is None else finding.outcome.value
    if said != example.expect:
        return f"expected {example.expect}, it says {said}" + (
            f" ({finding.en.format(*finding.values)})" if finding and finding.en else ""
        )
    if example.until is not None and (finding is None or finding.until != example.until):
        return f"expected until {example.until.isoformat()}, it says {finding.until if finding else None}"
    return None


def overlaid(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A base with single facts replaced; mappings are merged, everything else is taken as it is."""
    merged = dict(base)
    for key, value in change.items():
        under = merged.get(key)
        merged[key] = overlaid(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return merged


_ALL_PURPOSES = {
    "tenant": {"purposes": ["marketing", "service", "survey"]},
    "abandonment": [{"days": 30, "answered": 0, "abandoned": 0}],
}


def example_case(
    packs: Mapping[str, Pack], jurisdiction: str, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A case of a jurisdiction in which every fact is known, as a file would hold it, with the facts of a worked example."""
    whole = overlaid(overlaid(packs[PLATFORM].base, _ALL_PURPOSES), packs[jurisdiction].base)
    return overlaid(whole, given or {})


def with_calendars(case: Case, countries: Iterable[str]) -> Case:
    """The case with the calendars it does not bring itself."""
    found = {country: calendar_of(country, case.now) for country in countries if country not in case.calendars}
    return case.with_calendars({**found, **case.calendars})


@cache
def _china() -> Calendar:
    off: Mapping[date, object] = chinese_calendar.holidays
    worked: Mapping[date, object] = chinese_calendar.workdays
    last = date(max(day.year for day in off), 12, 31)
    return Calendar(holidays=frozenset(off), known_until=last, workdays=frozenset(worked))


@cache
def _elsewhere(country: str, year: int) -> Calendar | None:
    """National public holidays; None when the package does not know the country, or warns that it does not know those years."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            days = holidays.country_holidays(country, years=range(year - 1, year + _YEARS_AHEAD + 1))
    except (NotImplementedError, UserWarning):
        return None
    return Calendar(holidays=frozenset(days), known_until=date(year + _YEARS_AHEAD, 12, 31))


def calendar_of(country: str, around: datetime) -> Calendar:
    """Public holidays of a country as far as they are known; nothing is known elsewhere, and unknown is no."""
    if country == "CN":
        return _china()
    return _elsewhere(country, around.year) or Calendar(holidays=frozenset(), known_until=None)
