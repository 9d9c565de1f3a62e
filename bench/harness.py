"""What every benchmark prints: one JSON object, medians of at least five runs, peers in the same run."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

RUNS = 5


def seconds_each(work: Callable[[], None], *, count: int) -> list[float]:
    """Time `count` repetitions, RUNS times after a warm-up; seconds for one repetition, a run each."""
    work()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(count):
            work()
        times.append((time.perf_counter() - began) / count)
    return times


def median(values: list[float]) -> float:
    return statistics.median(values)


def goal(what: str, wanted: float, measured: float, *, at_least: bool = True) -> dict[str, Any]:
    met = measured >= wanted if at_least else measured <= wanted
    return {"what": what, "goal": wanted, "measured": round(measured, 3), "met": met}


def report(
    name: str, *, ours: dict[str, Any], peers: dict[str, Any], goals: list[dict[str, Any]], runs: int = RUNS
) -> None:
    print(
        json.dumps(
            {"name": name, "machine": machine(), "runs": runs, "ours": ours, "peers": peers, "goals": goals}, indent=1
        )
    )


def machine() -> dict[str, Any]:
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "processor": _processor()}


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            return next(line.split(":")[1].strip() for line in stream if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
