"""The values a script speaks when nobody is called yet: from a list, or typical ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fairdial.app.scripts import typical_values
from fairdial.campaign.read_list import read_list
from fairdial.core.script.fields import speakable, spoken_fields
from fairdial.core.script.model import Script
from fairdial.packs import load_packs


def listed_values(contacts: Path, script: Script) -> list[dict[str, str]]:
    """The values of everybody on a list to whom the whole script can be spoken.

    Raises:
        InputError: The list cannot be read.
    """
    read, _ = read_list(contacts, packs=load_packs(None), now=datetime.now(UTC))
    fields = [spoken_fields(name=r.name, title=r.title, attributes=r.attributes.by_name()) for r in read.contacts]
    return speakable(script, fields)


def values_to_practise(path: Path, script: Script) -> list[Mapping[str, str]]:
    """The values of the list `customers.csv` beside a script file; typical ones where there is none."""
    contacts = path.parent / "customers.csv"
    listed = listed_values(contacts, script) if contacts.is_file() else []
    return [*listed] or [typical_values(script)]
