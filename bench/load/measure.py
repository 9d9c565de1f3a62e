"""One measurement of a running campaign: calls in a span of time, what became of them, and whose processor time they took."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import Any

import psutil

from bench.load.carrier import Ending, Sipp, carrier
from bench.load.installation import Installation

PATIENCE_S, SETTLE_S, LOOK_S = 120.0, 4.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What happened between two moments.

    Attributes:
        failed: Calls of the span that ended otherwise than the carrier ended them, or whose end is unknown.
        most_at_once: Attempts that were being dialled or talked in, at the fullest look.
        cpu_ms: Milliseconds of processor a call, by who took them.
        claim_ms: Mean and worst of a claim, in the database, over the whole run.
        load: Others on the machine: the mean of the load average over the span, processes of ours among them.
    """

    seconds: float
    calls: int
    ended: dict[str, int]
    failed: int
    most_at_once: int
    cpu_ms: dict[str, float]
    carrier_failed: int
    load: float

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds

    def told(self) -> dict[str, Any]:
        return {
            "calls a second": round(self.per_second, 1),
            "calls": self.calls,
            "failed calls": self.failed,
            "failed for the carrier": self.carrier_failed,
            "ended": self.ended,
            "most at once": self.most_at_once,
            "processor, ms a call": self.cpu_ms,
            "load average beside it": round(self.load, 1),
        }


def measured(
    there: Installation, name: str, ending: Ending, *, processes: int, capacity: int, seconds: float, full: bool = False
) -> Span:
    """Run a campaign against a carrier and look at so many seconds of it.

    Args:
        full: Whether to wait until every place is taken; otherwise until calls have ended for a while.
    """
    with carrier(there.folder, ending) as network:
        there.has_campaign(name, port=network.port, capacity=capacity)
        with there.running(name, processes=processes) as run:
            began = _wait_until_going(there, run, name)
            time.sleep(SETTLE_S + ending.lasts_s)
            span = _span(there, run, network, name, ending, seconds)
    del began, full
    return span


def _wait_until_going(there: Installation, run: psutil.Process, name: str) -> float:
    give_up = time.monotonic() + PATIENCE_S
    while not there.reads(_ENDED, {"name": name})[0][0]:
        if time.monotonic() > give_up or not run.is_running() or run.status() == psutil.STATUS_ZOMBIE:
            raise SystemExit((there.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:])
        time.sleep(LOOK_S)
    return time.monotonic()


def _span(there: Installation, run: psutil.Process, network: Sipp, name: str, ending: Ending, seconds: float) -> Span:
    before, since = _cpu(there, run, network), there.reads("SELECT fairdial_now()")[0][0]
    failed_before, began, loads, most = network.counted().failed, time.monotonic(), [], 0
    while time.monotonic() - began < seconds:
        time.sleep(LOOK_S)
        loads.append(os.getloadavg()[0])
        most = max(most, there.reads(_LIVING, {"name": name})[0][0])
    after, until = _cpu(there, run, network), there.reads("SELECT fairdial_now()")[0][0]
    span_s = (until - since).total_seconds()
    time.sleep(ending.lasts_s + 2)  # those begun last come to their end, too
    ended = dict(there.reads(_WENT, {"name": name, "since": since, "until": until}))
    calls = sum(ended.values())
    wanted = "busy" if ending.talk_ms is None else "answered"
    return Span(
        seconds=span_s,
        calls=calls,
        ended=ended,
        failed=calls - ended.get(wanted, 0),
        most_at_once=most,
        cpu_ms={who: round(1000 * (after[who] - before[who]) / max(1, calls), 1) for who in after},
        carrier_failed=network.counted().failed - failed_before,
        load=sum(loads) / len(loads),
    )


_OF = "FROM attempt a JOIN run r ON r.id = a.run_id JOIN campaign c ON c.id = r.campaign_id WHERE c.name = %(name)s"
_ENDED = f"SELECT count(*) {_OF} AND a.state = 'ended'"
_LIVING = f"SELECT count(*) {_OF} AND a.state = 'dialing'"
_WENT = (
    f"SELECT coalesce(a.disposition, a.state), count(*) {_OF} AND a.dialled_at >= %(since)s AND a.dialled_at < %(until)s"
    " GROUP BY 1"
)


def _cpu(there: Installation, run: psutil.Process, network: Sipp) -> dict[str, float]:
    """Seconds of processor so far."""
    supervisor, workers = run, run.children(recursive=True)
    return {
        "workers": sum(_spent(one) for one in workers) if workers else _spent(supervisor),
        "supervisor": _spent(supervisor) if workers else 0.0,
        "PostgreSQL": sum(_spent(one) for one in psutil.Process(there.postmaster).children(recursive=True)),
        "SIPp": _spent(psutil.Process(network.process.pid)),
    }


def _spent(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0
