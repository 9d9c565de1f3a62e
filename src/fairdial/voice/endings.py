"""Where sentences of the telephone end: the counts shipped in the package."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from fairdial.core.hearing.endpoint import Endings


@lru_cache
def load_endings() -> Endings:
    """Read the counts made by `training/endings.py`; one object for all calls."""
    text = resources.files("fairdial.voice").joinpath("trained", "endings.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return Endings(counts={gram: (int(times), int(ends)) for gram, times, ends in rows})
