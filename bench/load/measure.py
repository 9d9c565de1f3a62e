"""One measurement of a running campaign: calls in a span of time, what became of them, and whose processor time they took."""

from __future__ import annotations

import contextlib
import os
import select
import time
from dataclasses import dataclass, replace
from typing import Any

import psutil

from bench.load.carrier import Ending, Sipp, carrier
from bench.load.installation import Installation

PATIENCE_S, SETTLE_S, LOOK_S = 900.0, 5.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What happened between two moments.

    Attributes:
        first_s: From the start of the run until its first call had ended.
        failed: Calls of the span that ended otherwise than the carrier ended them, or whose end is unknown.
        most_at_once: Calls that the carrier carried, at the fullest look.
        cpu_ms: Milliseconds of processor a call, by who took them.
        load: Others on the machine: the mean of the load average over the span, processes of ours among them.
    """

    first_s: float
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
            "seconds until the first call has ended": round(self.first_s, 1),
            "calls a second": round(self.per_second, 1),
            "calls": self.calls,
            "failed calls": self.failed,
            "failed for the carrier": self.carrier_failed,
            "ended": self.ended,
            "most at once": self.most_at_once,
            "processor, ms a call": self.cpu_ms,
            "load average beside it": round(self.load, 1),
        }


def measured(there: Installation, name: str, ending: Ending, *, processes: int, capacity: int, seconds: float) -> Span:
    """Run a campaign against a carrier and look at so many seconds of it, once calls have ended for a while."""
    with carrier(there.folder, ending) as network:
        there.has_campaign(name, port=network.port, capacity=capacity)
        with there.running(name, processes=processes) as run:
            began = time.monotonic()
            _wait_until_going(there, run, name)
            first_s = time.monotonic() - began
            _rest(SETTLE_S + ending.ring_s)
            return replace(_span(there, run, network, name, ending, seconds), first_s=first_s)


def _rest(seconds: float) -> None:
    select.select([], [], [], seconds)


def _wait_until_going(there: Installation, run: psutil.Process, name: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not there.reads(_ENDED, {"name": name})[0][0]:
        if time.monotonic() > give_up or not run.is_running() or run.status() == psutil.STATUS_ZOMBIE:
            raise SystemExit((there.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:])
        _rest(LOOK_S)


def _span(there: Installation, run: psutil.Process, network: Sipp, name: str, ending: Ending, seconds: float) -> Span:
    before, since = _cpu(there, run, network), there.reads("SELECT fairdial_now()")[0][0]
    failed_before, began, loads, most = network.counted().failed, time.monotonic(), [], 0
    while time.monotonic() - began < seconds:
        _rest(LOOK_S)
        loads.append(os.getloadavg()[0])
        most = max(most, network.counted().living)
    after, until = _cpu(there, run, network), there.reads("SELECT fairdial_now()")[0][0]
    span_s = (until - since).total_seconds()
    give_up = time.monotonic() + ending.ring_s + SETTLE_S  # those begun last come to their end, too
    while there.reads(_UNENDED, {"name": name, "until": until})[0][0] and time.monotonic() < give_up:
        _rest(LOOK_S)
    ended = dict(there.reads(_WENT, {"name": name, "since": since, "until": until}))
    calls = sum(ended.values())
    return Span(
        first_s=0.0,
        seconds=span_s,
        calls=calls,
        ended=ended,
        failed=calls - ended.get("busy", 0),
        most_at_once=most,
        cpu_ms={who: round(1000 * (after[who] - before[who]) / max(1, calls), 1) for who in after},
        carrier_failed=network.counted().failed - failed_before,
        load=sum(loads) / len(loads),
    )


_OF = "FROM attempt a JOIN run r ON r.id = a.run_id JOIN campaign c ON c.id = r.campaign_id WHERE c.name = %(name)s"
_ENDED = f"SELECT count(*) {_OF} AND a.state = 'ended'"
_UNENDED = f"SELECT count(*) {_OF} AND a.state = 'dialing' AND a.dialled_at < %(until)s"
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
        "PostgreSQL": _spent_by_server(psutil.Process(there.postmaster)),
        "SIPp": _spent(psutil.Process(network.process.pid)),
    }


def _spent(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _spent_by_server(postmaster: psutil.Process) -> float:
    """With its processes that are gone."""
    times = postmaster.cpu_times()
    gone = float(times.children_user + times.children_system)
    return _spent(postmaster) + gone + sum(_spent(one) for one in postmaster.children(recursive=True))
