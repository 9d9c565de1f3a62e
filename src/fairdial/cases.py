"""Cases from files: JSON in, a `Case` out, or the path of the field that is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fairdial.core.policy.case import Case
from fairdial.core.policy.country import country_code
from fairdial.errors import InputError

EARLIEST, LATEST = 1970, 2200
"""Years a time may lie in, the last one excluded: what lies outside is a slip, and calendars end."""

MOST = 10**9
"""Most that a count may be."""

_WRITTEN_OUT = re.compile(r"\d{4}-\d\d-\d\d[Tt_ ]")
"""How a time begins; digits alone would be read as seconds since 1970."""


@cache
def _adapter() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def case_schema() -> dict[str, Any]:
    """The JSON Schema of a case (docs/case.schema.json)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_adapter().json_schema()}


def case_from_json(text: str | bytes, *, name: str) -> Case:
    """Read a case; `name` is the file's name for messages. Nothing is coerced: `"no"` is text and no truth value.

    Raises:
        InputError: It is no JSON or a field is wrong; names every path and what is expected there.
    """
    try:
        case = _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        raise InputError(f"{name}: {'; '.join(wrong_fields(error))}") from error
    content = json.loads(text, object_pairs_hook=_Object)
    if problem := next(chain(_twice(content, ""), _wrong_values(case, content, "")), None):
        raise InputError(f"{name}: {problem}")
    return _in_iso_codes(case, name=name)


def case_from(content: Mapping[str, Any], *, name: str) -> Case:
    """The same from parsed content, as examples in a pack hold it."""
    return case_from_json(json.dumps(content), name=name)


def case_json(case: Case) -> dict[str, Any]:
    """A case as a file holds it, without its calendars: those are looked up again."""
    content: dict[str, Any] = _adapter().dump_python(case, mode="json", exclude={"calendars"})
    return content


def wrong_fields(error: ValidationError) -> list[str]:
    """One sentence a problem: `person.zone: Input should be a valid string “person.zone”不是文字`."""

    def told(at: str, kind: str, words: str) -> str:
        chinese = next((said for begins, said in _IN_CHINESE.items() if begins in kind), "取值不对")
        return f"{at or 'the whole'}: {words} “{at or '全文'}”{chinese}"

    return [told(".".join(str(part) for part in e["loc"]), e["type"], e["msg"]) for e in error.errors()]


_IN_CHINESE = {
    "missing": "缺少",
    "extra_forbidden": "是没有的项",
    "unexpected_keyword": "是没有的项",
    "json_invalid": "不是 JSON",
    "datetime": "不是时间,例如 2026-11-29T10:00:00+08:00",
    "date": "不是日期,例如 2026-11-29",
    "timedelta": "不是时长,例如 PT2H",
    "enum": "只能取列出的值",
    "literal": "只能取列出的值",
    "int_": "不是整数",
    "float": "不是数字",
    "bool": "只能是 true 或 false",
    "string": "不是文字",
}
"""By what the kind of an error holds, the first that fits."""


def _in_iso_codes(case: Case, *, name: str) -> Case:
    """Countries by the codes packs have, however they were written."""

    def code(path: str, written: str) -> str:
        if (found := country_code(written)) is None:
            raise InputError(f"{name}: {path}: {written!r} is no country; write its ISO 3166 code, such as CN or GB")
        return found

    calendars = {code("calendars", country): calendar for country, calendar in case.calendars.items()}
    if len(calendars) < len(case.calendars):
        raise InputError(f"{name}: calendars: 同一国家写了两次 one country is written twice; keep one")
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
        calendars=calendars,
    )


class _Object(dict[str, Any]):
    """A JSON object that knows which of its keys were written twice; JSON readers keep the last and forget the others."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]


def _twice(content: object, path: str) -> Iterator[str]:
    if isinstance(content, _Object):
        yield from (f"{_at(path, key)}: 写了两次 is written twice; keep one" for key in content.twice)
        for key, value in content.items():
            yield from _twice(value, _at(path, key))
    elif isinstance(content, list):
        for place, item in enumerate(content):
            yield from _twice(item, _at(path, place))


def _wrong_values(value: object, written: Any, path: str) -> Iterator[str]:
    """What types let through: times that are no instant of this age, counts that are none.

    `written` is what stands in the file; what does not stand there has its default and is not looked at.
    """
    if isinstance(value, date):
        if problem := _wrong_day(value, written):
            yield f"{path}: {problem}"
    elif isinstance(value, int) and not 0 <= value <= MOST:
        yield f"{path}: 须在 0 和 {MOST:,} 之间 must be 0 or more and at most {MOST:,}"
    elif is_dataclass(value):
        for name in (field.name for field in fields(value) if field.name in written):
            yield from _wrong_values(getattr(value, name), written[name], _at(path, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _wrong_values(item, written[key], _at(path, key))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _wrong_values(item, written[place], _at(path, place))
    elif isinstance(value, frozenset):
        for item in sorted(value):
            yield from _wrong_values(item, str(item), path)


def _wrong_day(value: date, written: str) -> str | None:
    if isinstance(value, datetime):
        if not _WRITTEN_OUT.match(written):
            return "是一个数字,不是时间 is a number and no time; write 2026-11-25T09:40:00+08:00"
        if value.tzinfo is None:
            return "the time has no zone 没有时区; write 2026-11-25T09:40:00+08:00"
    if not EARLIEST <= value.year < LATEST:
        return f"须在 {EARLIEST} 年和 {LATEST} 年之间 must lie in the years {EARLIEST} to {LATEST - 1}"
    return None


def _at(path: str, part: str | int) -> str:
    return f"{path}.{part}".lstrip(".")
