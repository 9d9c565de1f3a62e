"""An operator takes out of a list whoever has refused."""

from __future__ import annotations

import csv
import json

from tests.journeys.operator import Operator

REFUSED, FREE = "15400001037", "15400001038"


def test_a_list_is_scrubbed_and_what_is_kept_can_be_imported(operator: Operator) -> None:
    rows = [["姓名", "电话", "数据来源", "依据"], *([name, number, "保单", "现有客户"] for name, number in
            (("陈静", REFUSED), ("刘洋", FREE), ("何平", "110")))]  # fmt: skip
    with (operator.folder / "list.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    operator.runs("refusal", "add", REFUSED, "--source", "portal", "--evidence", "ticket 7")

    said = operator.runs("list", "scrub", "list.csv", "--out", "kept.csv")
    assert "1 refused" in said and "1 may be asked for" in said and "1 cannot be read" in said
    assert "list.csv:2: +86154****1037" in said and "list.csv:4: 电话" in said
    assert REFUSED not in said and FREE not in said
    with (operator.folder / "kept.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [rows[0], rows[2]]

    answer = json.loads(operator.runs("list", "scrub", "list.csv", "--json"))
    assert answer["refused"] == [{"line": 2, "number": "+86154****1037"}] and answer["kept"] == 1
    assert json.loads(operator.runs("list", "import", "kept.csv", "--name", "kept", "--json"))["accepted"] == 1
    operator.runs("list", "scrub", "list.csv", "--out", "list.csv", code=2)
