"""Which rows of a list can be used, row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fairdial.core.contacts.check import Given, check_rows
from fairdial.core.contacts.columns import COLUMNS, Columns, find_columns, proposed
from fairdial.core.contacts.rows import Problem, ReadList, Table
from fairdial.core.policy.case import Basis, Purpose
from tests.core.cases import PACKS

HEADER = tuple(names[0] for names in COLUMNS.values())
FIELDS = tuple(COLUMNS)
GOOD = {
    "name": "陈静", "title": "女士", "number": "15400001037", "region": "上海", "product": "车险",
    "expiry": "2026-12-15", "premium": "2860", "source": "保单", "basis": "现有客户",
}  # fmt: skip
CONSENT = {
    "basis": "授权", "consent_for": "服务、回访", "consent_by": "电话", "consent_at": "2025-06-20 10:12",
    "consent_until": "2028-06-30", "evidence_file": "a.txt", "evidence_sha256": "ab" * 32,
}  # fmt: skip


def checked(*rows: dict[str, str]) -> ReadList:
    table = Table(
        header=HEADER,
        rows=tuple((line, tuple(row.get(f, "") for f in FIELDS)) for line, row in enumerate(rows, start=2)),
    )
    columns = find_columns(table)
    assert isinstance(columns, Columns)
    evidence = {"a.txt": "ab" * 32, "gone.txt": None}
    return check_rows(table, columns, Given(packs=PACKS, evidence=evidence, now=datetime(2026, 11, 24, tzinfo=UTC)))


def test_a_good_row_is_taken_in_with_all_it_says() -> None:
    [contact] = checked(GOOD).contacts
    assert (contact.line, contact.number, contact.zone, contact.basis) == (
        2,
        "+8615400001037",
        "Asia/Shanghai",
        Basis.EXISTING_CUSTOMER,
    )
    assert (contact.attributes.expiry, contact.attributes.premium) == (date(2026, 12, 15), Decimal("2860"))


def test_a_consent_keeps_its_scope_and_its_evidence() -> None:
    [contact] = checked(GOOD | CONSENT).contacts
    assert contact.consent is not None
    assert contact.consent.purposes == {Purpose.SERVICE, Purpose.SURVEY} and contact.consent.channels == {"call"}
    assert contact.consent.obtained_at.isoformat() == "2025-06-20T10:12:00+08:00"


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"name": ""}, "姓名", "name is empty"),
        ({"number": "110"}, "电话", "emergency"),
        ({"name": "=cmd|' /C calc'!A0"}, "姓名", "formula"),
        ({"product": "@SUM(1)"}, "产品", "formula"),
        ({"product": "+1+1"}, "产品", "formula"),
        ({"name": "王\x07"}, "姓名", "control characters"),
        ({"name": "王" * 300}, "姓名", "too long"),
        ({"basis": "朋友介绍"}, "依据", "basis is not known"),
        ({"expiry": "明年"}, "到期日", "date cannot be read"),
        ({"expiry": "2026-02-30"}, "到期日", "date cannot be read"),
        ({"premium": "很多"}, "保费", "amount cannot be read"),
        ({"premium": "NaN"}, "保费", "amount cannot be read"),
        ({"premium": "-5"}, "保费", "amount cannot be read"),
        (CONSENT | {"consent_at": "2027-01-01"}, "授权时间", "in the future"),
        (CONSENT | {"consent_at": ""}, "授权时间", "has no time"),
        (CONSENT | {"consent_for": "一切"}, "授权用途", "scope of the consent"),
        (CONSENT | {"consent_by": ""}, "授权渠道", "scope of the consent"),
        (CONSENT | {"evidence_file": "gone.txt"}, "证据文件", "evidence file is missing"),
        (CONSENT | {"evidence_file": ""}, "证据文件", "evidence file is missing"),
        (CONSENT | {"evidence_sha256": "cd" * 32}, "证据SHA256", "does not match"),
    ],
)
def test_a_row_that_cannot_be_used_names_column_reason_and_remedy(
    change: dict[str, str], column: str, reason: str
) -> None:
    read = checked(GOOD | change, GOOD)
    [rejected] = read.rejected
    assert (rejected.line, rejected.column) == (2, column) and reason in rejected.reason_en
    assert rejected.remedy_zh and rejected.remedy_en
    assert [contact.line for contact in read.contacts] == [3], "the good row still goes in"


def test_a_duplicate_names_the_row_that_keeps_the_number() -> None:
    read = checked(GOOD, GOOD | {"number": "+86 154 0000 1037", "name": "陈小静"})
    [rejected] = read.rejected
    assert rejected.line == 3 and "line 2" in rejected.reason_en


@pytest.mark.parametrize(
    ("region", "zone"),
    [("新疆乌鲁木齐", "Asia/Urumqi"), ("广东深圳", "Asia/Shanghai"), ("火星", None), ("", None)],
)
def test_the_zone_follows_the_region_and_is_unknown_when_that_is(region: str, zone: str | None) -> None:
    [contact] = checked(GOOD | {"region": region}).contacts
    assert contact.zone == zone


def test_a_missing_column_is_named_in_both_languages() -> None:
    problem = find_columns(Table(header=("姓名", "地区"), rows=()))
    assert isinstance(problem, Problem)
    assert "电话" in problem.reason_zh and "phone" in problem.reason_en


def test_english_headers_serve_as_well_and_a_field_stands_once() -> None:
    assert isinstance(find_columns(Table(header=("Name", "PHONE", " source", "basis"), rows=())), Columns)
    twice = find_columns(Table(header=("姓名", "name", "电话", "数据来源", "依据"), rows=()))
    assert isinstance(twice, Problem) and "same field" in twice.reason_en


def test_usual_headers_are_proposed_but_nobodys_own_field_is_taken_by_them() -> None:
    assert proposed(("手机号", "姓氏", "来源", "备注")) == {"number": 0, "name": 1, "source": 2}
    assert proposed(("联系电话", "电话")) == {"number": 1}
