"""Log lines as JSON: what they carry, and what they never do."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.errors import LedgerError
from fairdial.observe.log import JsonForm, Words, about_call, masked


class Kept(logging.Handler):
    def __init__(self, form: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(form)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("fairdial.test_log")
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers.clear()


def kept(log: logging.Logger, form: logging.Formatter) -> list[str]:
    handler = Kept(form)
    log.addHandler(handler)
    return handler.lines


def test_a_line_is_one_object_with_when_who_and_about_which_attempt(log: logging.Logger) -> None:
    lines = kept(log, JsonForm())

    async def call(attempt: int) -> None:
        with about_call(attempt=attempt, permit=UUID(int=attempt)):
            await asyncio.sleep(0)
            await asyncio.gather(asyncio.to_thread(log.info, "in a thread"), _say(log, "in a\ntask"))

    async def calls() -> None:
        await asyncio.gather(call(1), call(2))
        log.warning("beside them 在旁")

    asyncio.run(calls())
    told = [json.loads(line) for line in lines]
    assert sorted((one["attempt"], one["message"]) for one in told[:-1]) == [
        (1, "in a\ntask"), (1, "in a thread"), (2, "in a\ntask"), (2, "in a thread"),
    ]  # fmt: skip
    assert all("\n" not in line for line in lines)
    assert {(one["attempt"], one["trace_id"]) for one in told[:-1]} == {(1, f"{1:032x}"), (2, f"{2:032x}")}
    assert told[-1]["message"] == "beside them 在旁" and "attempt" not in told[-1]
    assert told[-1]["level"] == "WARNING" and told[-1]["logger"] == log.name and told[-1]["process"] > 0
    assert told[-1]["time"].endswith("+00:00")


async def _say(log: logging.Logger, words: str) -> None:
    log.info(words)


def test_a_foreign_error_is_told_by_its_type_and_places_and_never_by_its_words(log: logging.Logger) -> None:
    """What a library writes into an exception may be the value it did not like."""
    lines = kept(log, JsonForm())
    for error in (ValueError("invalid literal: '王女士 13800138000'"), LedgerError("away")):
        try:
            raise error
        except (ValueError, LedgerError):
            log.exception("call-%d ended by a defect", 7)
    first, second = [json.loads(line)["error"] for line in lines]
    assert first["type"] == "ValueError" and "test_log.py" in first["at"][-1]
    assert "王女士" not in lines[0] and "13800138000" not in lines[0]
    assert second["type"] == "LedgerError" and second["code"] == "ledger"


@pytest.mark.parametrize("number", ["+8613800138000", "13800138000", "010-12345678", "02112345678", "+14155550100"])
def test_what_looks_like_a_number_is_masked_in_both_forms(log: logging.Logger, number: str) -> None:
    lines = kept(log, JsonForm()), kept(log, Words("%(message)s"))
    log.warning("called %s twice", number)
    assert json.loads(lines[0][0])["message"] == "called … twice" == lines[1][0]


@given(st.uuids() | st.integers(0, 10**9), st.datetimes())
def test_ids_and_times_stay(id: object, at: object) -> None:
    assert masked(f"permit {id}: at {at}") == f"permit {id}: at {at}"
