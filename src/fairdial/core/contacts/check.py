"""Which rows of a list can be used: `check_rows(table, …) -> ReadList`, or row by row `row_check(…)(line, cells)`.

Pure: evidence files are hashed before by the hand that reads them. A row that
cannot be used is reported with its line, column, reason and remedy; nothing is
dropped silently, and whether a usable row may be called is the gate's question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

from fairdial.core.contacts.columns import Columns
from fairdial.core.contacts.number import read_number
from fairdial.core.contacts.rows import (
    Attributes,
    ConsentRow,
    ContactRow,
    Problem,
    ReadList,
    RejectedRow,
    Table,
)
from fairdial.core.policy.case import Basis, Form, Purpose
from fairdial.core.policy.pack import Pack
from fairdial.core.policy.place import zones_of

LIST_ZONE = ZoneInfo("Asia/Shanghai")
"""Zone of times in a list that name none."""

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
"""Dates outside are slips of the pen, and no database or calendar need know them."""

_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)?(\d{1,2})(?:-|/|\.|月)?(\d{1,2})日?")
_BASES = {
    "": None, "无": None, "none": None,
    "授权": Basis.CONSENT, "consent": Basis.CONSENT,
    "现有客户": Basis.EXISTING_CUSTOMER, "existing_customer": Basis.EXISTING_CUSTOMER,
}  # fmt: skip
_PURPOSES = {
    "营销": Purpose.MARKETING, "服务": Purpose.SERVICE, "回访": Purpose.SURVEY,
    **{purpose.value: purpose for purpose in Purpose},
}  # fmt: skip
_FORMS = {
    "": Form.GENERAL, "一般": Form.GENERAL, "明示": Form.EXPRESS, "书面": Form.WRITTEN,
    **{form.value: form for form in Form},
}  # fmt: skip
_NAMED = {
    "人工智能语音": "artificial_voice",
    "任意时段": "any_hour",
    "artificial_voice": "artificial_voice",
    "any_hour": "any_hour",
}
_CHANNELS = {"电话": "call", "短信": "message", "call": "call", "message": "message"}
_SEVERAL = re.compile(r"[、,,;;|/\s]+")
_MOST_CHARACTERS = 200
_BETWEEN = "|"
_PERHAPS_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f]|(?:^|\|)[=+\-@]")
"""Finds every row with an unsafe cell, and some others: one search instead of three for each cell."""

_CONSENT_FIELDS = (
    "consent_for", "consent_by", "consent_at", "consent_until", "consent_form", "consent_names", "evidence_file",
    "evidence_sha256",
)  # fmt: skip
_REMEMBERED = 4096
"""Different values of which a list's rows have in common; each is a few hundred bytes."""

_Word = TypeVar("_Word")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What rows are checked against; `evidence` maps a file named in the list to its SHA-256, None when missing."""

    packs: Mapping[str, Pack]
    evidence: Mapping[str, str | None]
    now: datetime


class _Unusable(Exception):
    """Carries the first problem of a row out of its check; never leaves this module."""

    def __init__(self, field: str | None, problem: Problem) -> None:
        super().__init__(problem.reason_en)
        self.field, self.problem = field, problem


Checked = ContactRow | RejectedRow
CheckRow = Callable[[int, tuple[str, ...]], Checked]
"""Says of one row, by its line and cells, what it becomes."""


def check_rows(table: Table, columns: Columns, given: Given) -> ReadList:
    """Check every row; the first row with a number keeps it, later ones are duplicates."""
    check, once = row_check(columns, given), OncePerNumber(columns)
    checked = [once.of(check(line, cells)) for line, cells in table.rows]
    return ReadList(
        contacts=tuple(row for row in checked if isinstance(row, ContactRow)),
        rejected=tuple(row for row in checked if isinstance(row, RejectedRow)),
    )


class OncePerNumber:
    """Rejects rows whose number stood on an earlier line; to be shown every row, in order."""

    def __init__(self, columns: Columns) -> None:
        self._column = columns.header("number")
        self._line_of: dict[int, int] = {}

    def of(self, row: Checked) -> Checked:
        if isinstance(row, RejectedRow):
            return row
        return self.again(row.number, row.line) or row

    def again(self, number: str, line: int) -> RejectedRow | None:
        """Why a usable row is rejected all the same; None for the first with its number (E.164)."""
        first = self._line_of.setdefault(int(number[1:]), line)
        if first == line:
            return None
        return RejectedRow(line=line, column=self._column, **asdict(_duplicate_of(first)))


def row_check(columns: Columns, given: Given) -> CheckRow:
    """How the rows of one list are checked; what many of them have in common is looked at once."""
    places = [(name, columns.places.get(name), columns.same.get(name, "")) for name in columns.fields]

    @lru_cache(maxsize=_REMEMBERED)
    def attributes(product: str, expiry: str, premium: str, segment: str) -> Attributes:
        return Attributes(
            product=product or None, expiry=_date(expiry, "expiry"), premium=_premium(premium), segment=segment or None
        )

    @lru_cache(maxsize=_REMEMBERED)
    def consent(said: tuple[str, ...]) -> ConsentRow:
        return _consent(dict(zip(_CONSENT_FIELDS, said, strict=True)), given)

    @lru_cache(maxsize=_REMEMBERED)
    def zone(region: str | None, country: str) -> str | None:
        return _zone_of(region, country, given.packs)

    def usable(line: int, cells: tuple[str, ...]) -> ContactRow:
        value, width = {}, len(cells)
        for name, place, same in places:
            value[name] = (cells[place].strip() if place is not None and place < width else "") or same
        if _PERHAPS_UNSAFE.search(_BETWEEN.join(value.values())) or max(map(len, value.values())) > _MOST_CHARACTERS:
            for name, text in value.items():
                _refuse_unsafe(name, text)
        if not value["name"]:
            _refuse("name", "没有姓名", "the name is empty", "填写姓名", "give the name")
        number = read_number(value["number"], given.packs)
        if isinstance(number, Problem):
            raise _Unusable("number", number)
        basis = _basis(value["basis"])
        get = value.get
        region = get("region") or number.region
        return ContactRow(
            line=line,
            name=value["name"],
            title=get("title") or None,
            number=number.e164,
            country=number.country,
            kind=number.kind,
            region=region,
            zone=zone(region, number.country),
            attributes=attributes(get("product", ""), get("expiry", ""), get("premium", ""), get("segment", "")),
            data_source=value["source"] or None,
            basis=basis,
            consent=consent(tuple([get(name, "") for name in _CONSENT_FIELDS])) if basis is Basis.CONSENT else None,
        )

    def check(line: int, cells: tuple[str, ...]) -> Checked:
        try:
            return usable(line, cells)
        except _Unusable as unusable:
            column = columns.header(unusable.field) if unusable.field else None
            return RejectedRow(line=line, column=column, **asdict(unusable.problem))

    return check


def _basis(text: str) -> Basis | None:
    if text.casefold() not in _BASES:
        _refuse(
            "basis",
            "依据无法识别",
            "the basis is not known",
            "填写 授权 或 现有客户",
            "write consent or existing_customer",
        )
    return _BASES[text.casefold()]


def _refuse(field: str | None, zh: str, en: str, remedy_zh: str, remedy_en: str) -> NoReturn:
    raise _Unusable(field, Problem(reason_zh=zh, reason_en=en, remedy_zh=remedy_zh, remedy_en=remedy_en))


def _refuse_unsafe(field: str, text: str) -> None:
    """A cell that a spreadsheet would run, or that no list holds."""
    is_number = field in ("number", "premium") and re.fullmatch(r"[+\-]?[0-9][0-9\s\-().,]*", text)
    if text[:1] in ("=", "+", "-", "@") and not is_number:
        _refuse(field, "单元格是公式", "the cell is a formula", "改为普通文字", "replace it by its value")
    if len(text) > _MOST_CHARACTERS or any(unicodedata.category(c) == "Cc" for c in text):
        _refuse(
            field,
            "内容过长或含有控制字符",
            "is too long or holds control characters",
            f"改为不超过 {_MOST_CHARACTERS} 字的普通文字",
            f"use plain text of at most {_MOST_CHARACTERS} characters",
        )


def _zone_of(region: str | None, country: str, packs: Mapping[str, Pack]) -> str | None:
    """The zone a region lies in; None, and so no call, when it is not known."""
    pack = packs.get(country)
    if pack is None:
        return None
    return next(iter(zones_of(pack, region or "")), None)


def _duplicate_of(line: int) -> Problem:
    return Problem(
        reason_zh=f"号码与第 {line} 行重复",
        reason_en=f"the number is already on line {line}",
        remedy_zh="只留一行",
        remedy_en="keep one row",
    )


@lru_cache(maxsize=_REMEMBERED)
def _date(text: str, field: str) -> date | None:
    if not text:
        return None
    found = _DATE.fullmatch(text.split(" ")[0].split("T")[0])
    try:
        if found and EARLIEST <= (day := date(*(int(part) for part in found.groups()))) < LATEST:
            return day
    except ValueError:
        pass
    _refuse(field, "日期无法识别", "the date cannot be read", "写成 2026-12-15", "write 2026-12-15")


def _moment(value: Mapping[str, str], field: str) -> datetime | None:
    """An instant; a date alone means its first moment, a time without zone is the list's."""
    text = value.get(field, "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day = _date(text, field)
        moment = datetime.combine(day or date.min, time())
    if not EARLIEST < moment.date() < LATEST:
        _refuse(field, "日期无法识别", "the date cannot be read", "写成 2026-12-15", "write 2026-12-15")
    return moment if moment.tzinfo else moment.replace(tzinfo=LIST_ZONE)


@lru_cache(maxsize=_REMEMBERED)
def _premium(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(re.sub(r"[¥¥元,,\s]", "", text))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount < 100_000_000):
        _refuse("premium", "金额无法识别", "the amount cannot be read", "写成 2860 或 2860.50", "write 2860 or 2860.50")
    return amount


def _consent(value: Mapping[str, str], given: Given) -> ConsentRow:
    obtained = _moment(value, "consent_at")
    if obtained is None:
        _refuse(
            "consent_at",
            "没有授权时间",
            "the consent has no time",
            "填写取得授权的时间",
            "give the time it was obtained",
        )
    if obtained > given.now:
        _refuse("consent_at", "授权时间在将来", "the consent lies in the future", "核对授权时间", "check the time")
    names = _several(value, "consent_names", _NAMED) if value.get("consent_names") else []
    return ConsentRow(
        purposes=frozenset(_several(value, "consent_for", _PURPOSES)),
        channels=frozenset(_several(value, "consent_by", _CHANNELS)),
        obtained_at=obtained,
        until=_moment(value, "consent_until"),
        evidence_file=value.get("evidence_file", ""),
        evidence_sha256=_evidence(value, given),
        form=_form(value),
        artificial_voice="artificial_voice" in names,
        any_hour="any_hour" in names,
    )


def _form(value: Mapping[str, str]) -> Form:
    text = value.get("consent_form", "").casefold()
    if text not in _FORMS:
        choices = "、".join(form for form in _FORMS if form)
        _refuse(
            "consent_form",
            "授权形式无法识别",
            "the form of the consent is not known",
            f"填写 {choices}",
            f"use {choices}",
        )
    return _FORMS[text]


def _several(value: Mapping[str, str], field: str, known: Mapping[str, _Word]) -> list[_Word]:
    words = [w for w in _SEVERAL.split(value.get(field, "").casefold()) if w]
    if not words or any(w not in known for w in words):
        choices = "、".join(known)
        _refuse(
            field, "授权范围无法识别", "the scope of the consent cannot be read", f"填写 {choices}", f"use {choices}"
        )
    return [known[w] for w in words]


def _evidence(value: Mapping[str, str], given: Given) -> str:
    name, stated = value.get("evidence_file", ""), value.get("evidence_sha256", "").casefold()
    found = given.evidence.get(name) if name else None
    if found is None:
        _refuse(
            "evidence_file",
            "授权证据文件不存在",
            "the evidence file is missing",
            f"把文件放到名单所在的文件夹,或与名单一起上传:{name or '(未填写)'}",
            f"put the file beside the list, or upload it with the list: {name or '(none named)'}",
        )
    if stated != found:
        _refuse(
            "evidence_sha256",
            "证据文件与登记的 SHA-256 不符",
            "the evidence file does not match its SHA-256",
            "换回原文件,或重新取得授权",
            "restore the original file, or obtain the consent again",
        )
    return found
