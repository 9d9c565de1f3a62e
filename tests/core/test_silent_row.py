"""When a line counts as dead."""

from __future__ import annotations

import pytest

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, Disposition
from fairdial.core.silent_row import MOST_SILENT, SilentRow


def row(*ends: tuple[Disposition, str | None]) -> SilentRow:
    counted = SilentRow()
    for disposition, outcome in ends:
        counted = counted.after(disposition, outcome)
    return counted


SILENT = (Disposition.FAILED, NETWORK_SILENT)
BUSY = (Disposition.BUSY, None)


@pytest.mark.parametrize("end", [SILENT, (Disposition.FAILED, LINE_REFUSED), (Disposition.CALLER_ARREARS, None)])
def test_a_line_is_dead_after_five_calls_without_a_word_or_in_arrears(end: tuple[Disposition, str | None]) -> None:
    assert not row(*[end] * (MOST_SILENT - 1)).is_dead
    assert row(*[end] * MOST_SILENT).is_dead


def test_any_word_from_the_network_begins_the_row_anew() -> None:
    assert row(*[SILENT] * 4, BUSY, *[SILENT] * 4) == SilentRow(calls=4)
