"""What runs say, in the log of the process that started them and in the console."""

from __future__ import annotations

import json

import pytest

from fairdial.app.runs import _last_words, _passed_on


def test_lines_of_several_runs_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Each run is read as its bytes come; half a line of one never stands in a line of another."""
    first = _passed_on(b'{"message": "a"}\n{"mess')
    other = _passed_on(b'{"message": "b"}\n')
    assert _passed_on(first + b'age": "\xe5\x96\x84"}\n') == other == b""
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["a", "b", "善"]


def test_the_console_is_told_the_error_of_a_run_and_no_log_line() -> None:
    said = b'{"message": "x"}\nledger: cannot be reached\n{"message": "y"}\n'
    assert _last_words(3, said) == "ledger: cannot be reached"
    assert _last_words(-9, b'{"message": "x"}\n') == "the run ended with status -9 运行异常结束"
    assert _last_words(0, said) is None
