"""Rule packs and calendars from the files they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import chinese_calendar
import yaml

from fairdial.core.policy.case import Calendar
from fairdial.core.policy.pack import Pack, PackError, parse_pack
from fairdial.errors import SettingsError

_SHIPPED = Path(__file__).parent / "rulepacks"
_IN_SOURCE = Path(__file__).parents[2] / "rulepacks"


def load_packs(folder: Path | None) -> dict[str, Pack]:
    """Read every pack of a folder by jurisdiction; None reads the packs shipped with fairdial.

    Raises:
        SettingsError: A pack is broken; names the file, the rule and the field.
    """
    where = folder or (_SHIPPED if _SHIPPED.is_dir() else _IN_SOURCE)
    packs: dict[str, Pack] = {}
    for path in sorted(where.glob("*.yaml")):
        try:
            pack = parse_pack(yaml.safe_load(path.read_text(encoding="utf-8")), name=str(path))
        except (PackError, yaml.YAMLError, TypeError) as error:
            raise SettingsError(f"{path}: {error}") from error
        packs[pack.jurisdiction] = pack
    if not packs:
        raise SettingsError(f"{where}: no rule pack found; without law nothing is dialled")
    return packs


def calendar_of(jurisdiction: str, _around: datetime) -> Calendar:
    """Public holidays as far as they are published; elsewhere nothing is known, and unknown is no."""
    if jurisdiction != "CN":
        return Calendar(holidays=frozenset(), known_until=None)
    days: Mapping[date, object] = chinese_calendar.holidays
    return Calendar(holidays=frozenset(days), known_until=date(max(day.year for day in days), 12, 31))
