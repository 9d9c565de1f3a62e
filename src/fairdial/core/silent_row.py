"""When a line counts as dead: by its last calls, whoever made them. Pure; the end of a call in, a new row out."""

from __future__ import annotations

from dataclasses import dataclass

from fairdial.core.call_record import LINE_REFUSED, NETWORK_SILENT, Disposition

MOST_SILENT = 5
"""Calls in a row without a word from the network, or that say we are in arrears: the line counts as dead and the run ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRow:
    """Calls that ended one after another without a word from the network, up to the last one."""

    calls: int = 0

    @property
    def is_dead(self) -> bool:
        return self.calls >= MOST_SILENT

    def after(self, disposition: Disposition, outcome: str | None) -> SilentRow:
        """One more call has ended; any word from the network ends the row."""
        is_silent = disposition is Disposition.CALLER_ARREARS or outcome in (NETWORK_SILENT, LINE_REFUSED)
        return SilentRow(calls=self.calls + 1 if is_silent else 0)

    def __str__(self) -> str:
        return (
            f"the line does not answer: {self.calls} calls in a row got no word from the network, or heard that"
            " the line is in arrears; the rest of the list is left for later. 线路无响应或已欠费,其余客户留待以后"
        )
