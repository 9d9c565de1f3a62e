"""The chore that looks after lines: weighs what has ended on them, and probes those that have rested."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from fairdial.core.trunk import Probe, Transport, Trunk
from fairdial.ledger.chores import take_turn
from fairdial.ledger.database import Database
from fairdial.ledger.lines import due_probes, note_probe, weigh
from fairdial.ledger.parties import stored_line
from fairdial.line.probe import probe

WATCH_S = 2.0
"""Seconds between two looks at a line, by one of all workers; a set-up that failed is weighed at once besides."""


async def watch_lines(database: Database, lines: Sequence[str]) -> None:
    """Weigh these lines and probe what is due; each is one worker's at a time."""
    mine = [line for line in lines if await take_turn(database, f"line {line}", every=timedelta(seconds=WATCH_S))]
    await weigh(database, mine)
    await asyncio.gather(*[probe_line(database, line) for line in await due_probes(database, lines)])


async def probe_line(database: Database, line: str) -> bool:
    """Probe an open line and write down what came; a carrier that answers no OPTIONS is tried by calls."""
    entry = await stored_line(database, line)
    trunk = entry.trunk or Trunk()
    answered = trunk.probe is Probe.CALLS or (await probe(entry.address, Transport(trunk.transport))).is_alive
    await note_probe(database, line, answered=answered)
    return answered
