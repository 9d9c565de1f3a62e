"""Pacing beside its peers, and beside the optimum: how much of the way from progressive to the best possible, at which abandonment.

Where nothing remembers (exponential ringing and talking, constant rates) the optimum is known; ours knows none of the rates. The
second scenario drifts: answer rate and talk change over the day, talks are lognormal, machines are told from people for 1.5 s,
seats pause; there the reference knows each hour's rates. Peers have their best settings: fixed ratios in hindsight on the very
shifts, VICIdial's rules by a grid on other seeds.

The simulator itself is checked by `check`, against simpy and against closed forms; the result says how far they are apart.

SHIFTS=100 a case. PACING_KEPT names a file where each case's result is written when it is there, and read by the next run of as
many shifts: a run that was broken off goes on.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from itertools import product
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from bench.harness import goal, report
from bench.pacing.check import agreement
from bench.pacing.floor import Draws, Policy, Scenario, Shift, shift
from bench.pacing.optimum import Process, within_bound
from bench.pacing.policies import BOUND, Adaptive, FixedRatio, LinesPerSeat, Ours, Progressive, Thresholds

SHIFTS = int(os.environ.get("SHIFTS", "100"))
TUNING, TESTED = 50_000, 100
"""Where the seeds of tuning and of the test begin."""

CASES = [(5, 0.3, 120.0), (10, 0.3, 120.0), (20, 0.3, 120.0), (50, 0.3, 120.0), (100, 0.3, 120.0)] + [
    (n, 0.1, 60.0) for n in (10, 20, 50)
]
CASES.insert(3, (20, 0.4, 120.0))


def exponential(mean: float) -> Draws:
    return lambda chance, count: chance.exponential(mean, count)


def memoryless(seats: int, answers: float, talk_s: float) -> Scenario:
    return Scenario(
        name=f"{seats} seats, {answers:.0%} answer, talk {talk_s:.0f} s",
        seats_at=[(0.0, seats)],
        answers=lambda _: answers,
        talk_s=lambda _: talk_s,
        talk=exponential(1.0),
        rings=exponential(10.0),
        rings_out=exponential(10.0),
    )


TOLD_S = 1.5
"""Until a person is told from a machine; it counts as hold."""


def drifting(seats: int = 20, pauses: int = 7) -> Scenario:
    spread = 0.7

    def answers(at: float) -> float:
        return 0.25 * (1 + 0.35 * math.sin(2 * math.pi * at / (5 * 3600)))

    def talk_s(at: float) -> float:
        return 110 * (1 + 0.25 * math.cos(2 * math.pi * at / (6 * 3600)))

    chance = np.random.default_rng(pauses)
    leaves = [(float(at), -1) for at in chance.uniform(0, 8 * 3600, seats * 6)]
    changes = sorted(leaves + [(at + 420.0, 1) for at, _ in leaves])
    standing, seats_at = seats, [(0.0, seats)]
    for at, change in changes:
        standing += change
        seats_at.append((at, max(seats // 2, standing)))
    return Scenario(
        name=f"{seats} seats that pause, rates drift, talks lognormal, machines told apart within the hold",
        seats_at=seats_at,
        detects_s=TOLD_S,
        answers=answers,
        talk_s=talk_s,
        talk=lambda chance, count: chance.lognormal(-spread * spread / 2, spread, count),
        rings=lambda chance, count: TOLD_S + chance.lognormal(math.log(8), 0.5, count),
        rings_out=lambda chance, count: np.where(chance.random(count) < 0.25, 3 + chance.exponential(2, count), 28.0),
    )


SCENARIOS: list[tuple[Scenario, list[Process]]] = [
    *((memoryless(*case), [Process(*case)]) for case in CASES),
]


def hours_of(scenario: Scenario, seats: int) -> list[Process]:
    """What somebody knows who knows each hour's means."""
    ring = 0.25 * 10.5 + 0.75 * (0.25 * 5 + 0.75 * 28)
    middles = [(hour + 0.5) * 3600 for hour in range(8)]
    hold_s = scenario.hold_s - scenario.detects_s
    return [Process(seats, scenario.answers(at), scenario.talk_s(at), ring_s=ring, hold_s=hold_s) for at in middles]


SCENARIOS.append((drifting(), hours_of(drifting(), 19)))

Makes = Callable[..., Policy]


def _one(asked: tuple[int, Makes, dict[str, Any], int]) -> tuple[Shift, list[float]]:
    which, makes, settings, seed = asked
    policy = makes(**settings)
    went = shift(SCENARIOS[which][0], policy, seed=seed)
    times = policy.decisions if isinstance(policy, Ours) else []
    return went, [float(np.mean(times)), float(np.quantile(times, 0.999))] if times else []


class Bench:
    def __init__(self, pool: Any, which: int) -> None:
        self.pool, self.which = pool, which

    def shifts(self, makes: Makes, settings: dict[str, Any], *, first: int, count: int) -> dict[str, Any]:
        asked = [(self.which, makes, settings, first + n) for n in range(count)]
        went = self.pool.map(_one, asked, chunksize=1)
        rates = [one.abandonment for one, _ in went]
        told = {
            "utilisation": round(float(np.mean([one.utilisation for one, _ in went])), 4),
            "abandonment": round(float(np.mean(rates)), 4),
            "worst_shift": round(max(rates), 4),
            "shifts_above_bound": round(float(np.mean([rate > BOUND for rate in rates])), 3),
        }
        if any(times for _, times in went):
            told["decision_cpu_ms"] = round(1000 * float(np.median([times[0] for _, times in went])), 3)
            told["decision_cpu_ms_p999"] = round(1000 * float(np.median([times[1] for _, times in went])), 3)
        return told | ({"settings": settings} if settings and makes is not Thresholds else {})

    def best(self, makes: Makes, grid: list[dict[str, Any]], *, first: int, count: int, kept: bool) -> dict[str, Any]:
        tried = [self.shifts(makes, settings, first=first, count=count) for settings in grid]
        within = [one for one in tried if not kept or one["abandonment"] <= BOUND]
        return max(within or tried, key=lambda one: one["utilisation"])["settings"]


def best_ratio(bench: Bench, makes: Makes, *, step: float, most: float) -> dict[str, Any]:
    """Roughly on other seeds, then finely on those of the test."""
    grid = [{"ratio": float(ratio)} for ratio in np.arange(1.0, most, step)]
    rough = bench.best(makes, grid, first=TUNING, count=2, kept=True)["ratio"]
    fine = [{"ratio": round(max(1.0, rough + n * step / 5), 2)} for n in range(-4, 5)]
    return bench.best(makes, fine, first=TESTED, count=min(8, SHIFTS), kept=True)


def told_of(bench: Bench, processes: list[Process]) -> dict[str, Any]:
    scenario = SCENARIOS[bench.which][0]
    part_s = 8 * 3600 / len(processes)

    def abandonment(tables: list[list[int]]) -> float:
        settings = {"tables": tables, "part_s": part_s}
        return bench.shifts(Thresholds, settings, first=TUNING, count=6)["abandonment"]

    tables = within_bound(processes, abandonment, bound=BOUND)
    again = {"first": TESTED, "count": SHIFTS}
    few = {"first": TUNING, "count": 2}
    free = best_ratio(bench, FixedRatio, step=0.5, most=20)
    lines = best_ratio(bench, LinesPerSeat, step=0.25, most=6)
    rules = [
        {"mode": mode, "intensity": intensity, "target": target, "most": most}
        for mode, intensity, target, most in product(
            ("HARD_LIMIT", "AVERAGE", "TAPERED"), (-0.3, 0.0, 0.5), (-1.0, 0.0, 1.0), (3.0, 6.0)
        )
    ]
    result: dict[str, dict[str, Any]] = {
        "ours": bench.shifts(Ours, {"detects_s": scenario.detects_s} if scenario.detects_s else {}, **again),
        "progressive": bench.shifts(Progressive, {}, **again),
        "best fixed ratio to free seats in hindsight": bench.shifts(FixedRatio, free, **again),
        "best fixed lines a seat in hindsight": bench.shifts(LinesPerSeat, lines, **again),
        "VICIdial's rules": bench.shifts(Adaptive, bench.best(Adaptive, rules, **few, kept=False), **again),
        "optimum": bench.shifts(Thresholds, {"tables": tables, "part_s": part_s}, **again),
    }
    low, high = result["progressive"]["utilisation"], result["optimum"]["utilisation"]
    for one in result.values():
        one["gap_closed"] = round((one["utilisation"] - low) / (high - low), 3)
    return result


def kept_results() -> tuple[Path | None, dict[str, Any]]:
    """Where results are kept, and those of as many shifts that are there."""
    if "PACING_KEPT" not in os.environ:
        return None, {}
    path = Path(os.environ["PACING_KEPT"])
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return path, {name: one for name, one in known.items() if one["shifts"] == SHIFTS}


def main() -> None:
    path, known = kept_results()
    with Pool(os.cpu_count()) as pool:
        for which, (scenario, processes) in enumerate(SCENARIOS):
            if scenario.name in known:
                continue
            began = time.monotonic()
            told = told_of(Bench(pool, which), processes)
            known[scenario.name] = {
                "shifts": SHIFTS,
                "minutes": round((time.monotonic() - began) / 60, 1),
                "told": told,
            }
            if path is not None:
                path.write_text(json.dumps(known, indent=1), encoding="utf-8")
            brief = {name: (one["utilisation"], one["abandonment"], one["gap_closed"]) for name, one in told.items()}
            print(scenario.name, brief, file=sys.stderr, flush=True)
    told = {scenario.name: known[scenario.name]["told"] for scenario, _ in SCENARIOS}
    large = [one for scenario, _ in SCENARIOS if scenario.seats_at[0][1] >= 10 for one in [told[scenario.name]["ours"]]]

    def flat(policy: str) -> dict[str, Any]:
        kept = (
            "utilisation",
            "gap_closed",
            "abandonment",
            "worst_shift",
            "shifts_above_bound",
            "settings",
            "decision_cpu_ms_p999",
        )
        return {f"{name}, {key}": of[policy][key] for name, of in told.items() for key in kept if key in of[policy]}

    ours, *peers = next(iter(told.values()))
    report(
        "pacing",
        ours={"shifts a case": SHIFTS} | flat(ours) | agreement(memoryless, shifts=40),
        peers={peer: flat(peer) for peer in peers},
        goals=[
            goal("of the way to the optimum, 10 seats and more, worst case", 0.85, min(one["gap_closed"] for one in large)),
            goal("shifts within 3 % abandonment, worst case", 0.99, min(1 - one["shifts_above_bound"] for one in large)),
            goal("ms of processor a decision, mean of the worst case", 1.0, max(one["decision_cpu_ms"] for one in large), at_least=False),
        ],
        runs=1,
    )  # fmt: skip


if __name__ == "__main__":
    main()
