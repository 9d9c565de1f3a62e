"""Cases from files: JSON in, a `Case` out, or the path of the field that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fairdial.core.policy.case import Case
from fairdial.core.policy.country import country_code
from fairdial.errors import InputError


@cache
def _adapter() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def case_schema() -> dict[str, Any]:
    """The JSON Schema of a case (docs/case.schema.json)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_adapter().json_schema()}


def case_from_json(text: str | bytes, *, name: str) -> Case:
    """Read a case; `name` is the file's name for messages.

    Raises:
        InputError: It is no JSON or a field is wrong; names every path and what is expected there.
    """
    try:
        case = _adapter().validate_json(text)
    except ValidationError as error:
        raise InputError(f"{name}: {'; '.join(wrong_fields(error))}") from error
    return _in_iso_codes(_zoned(case, name=name), name=name)


def case_from(content: Mapping[str, Any], *, name: str) -> Case:
    """The same from parsed content, as examples in a pack hold it."""
    try:
        case = _adapter().validate_python(content, strict=False)
    except ValidationError as error:
        raise InputError(f"{name}: {'; '.join(wrong_fields(error))}") from error
    return _in_iso_codes(_zoned(case, name=name), name=name)


def wrong_fields(error: ValidationError) -> list[str]:
    """One sentence a problem: `person.zone: Input should be a valid string`."""
    return [f"{'.'.join(str(part) for part in e['loc']) or 'the whole'}: {e['msg']}" for e in error.errors()]


def _zoned(case: Case, *, name: str) -> Case:
    """A time without a zone is no instant."""
    naive = [path for path, moment in _moments(case, "") if moment.tzinfo is None]
    if naive:
        raise InputError(f"{name}: {naive[0]}: the time has no zone; write 2026-11-25T09:40:00+08:00")
    return case


def _in_iso_codes(case: Case, *, name: str) -> Case:
    """Countries by the codes packs have, however they were written."""

    def code(path: str, written: str) -> str:
        if (found := country_code(written)) is None:
            raise InputError(f"{name}: {path}: {written!r} is no country; write its ISO 3166 code, such as CN or GB")
        return found

    person, seat = case.person, case.tenant.seat
    number, address = person.number_country, person.address_country
    return replace(
        case,
        person=replace(
            person,
            number_country=None if number is None else code("person.number_country", number),
            address_country=None if address is None else code("person.address_country", address),
        ),
        tenant=replace(case.tenant, seat=None if seat is None else code("tenant.seat", seat)),
        calendars={code("calendars", country): calendar for country, calendar in case.calendars.items()},
    )


def _moments(value: object, path: str) -> Iterator[tuple[str, datetime]]:
    if isinstance(value, datetime):
        yield path, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _moments(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _moments(item, f"{path}.{place}")
