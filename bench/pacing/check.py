"""The simulator checked from outside: the same floor written anew on simpy (MIT), process by process, and closed forms.

Each figure is a mean over shifts of its own seeds; `deviations` is the difference of two means over the standard error of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
import simpy

from bench.pacing.erlang import AllAtOnce, arriving, blocked, progressive_utilisation
from bench.pacing.floor import Policy, Scenario, Shift, Standing, shift
from bench.pacing.policies import FixedRatio, Progressive

Waits = Generator[simpy.Event, Any, None]


def shift_on_simpy(scenario: Scenario, policy: Policy, *, seed: int) -> Shift:
    """One shift with constant seats and rates, written without a look at `floor.shift`."""
    chance, env, floor = np.random.default_rng((seed, 99)), simpy.Environment(), Standing()
    seats, answers, mean_s = scenario.seats_at[0][1], scenario.answers(0.0), scenario.talk_s(0.0)
    desk, talked, floor.seats = simpy.Resource(env, capacity=seats), [0.0], seats

    def call(which: int) -> Waits:
        answered = chance.random() < answers
        yield env.timeout(float((scenario.rings if answered else scenario.rings_out)(chance, 1)[0]))
        del floor.ringing[which]
        if answered:
            floor.answered += 1
            floor.waiting.append(which)
            with desk.request() as seat:
                patience = env.timeout(scenario.hold_s)
                got = yield seat | patience
                floor.waiting.remove(which)
                if seat not in got:
                    floor.abandoned += 1
                else:
                    floor.busy[which] = began = env.now
                    start()
                    yield env.timeout(float(scenario.talk(chance, 1)[0]) * mean_s)
                    del floor.busy[which]
                    talked[0] += env.now - began
        start()

    def start() -> None:
        floor.now = env.now
        for _ in range(policy.calls(floor)):
            floor.dialled += 1
            floor.ringing[floor.dialled] = env.now
            env.process(call(floor.dialled))

    def looks() -> Waits:
        while True:
            start()
            yield env.timeout(1.0)

    env.process(looks())
    env.run(until=scenario.shift_s)
    unfinished = sum(scenario.shift_s - began for began in floor.busy.values())
    used = (talked[0] + unfinished) / (seats * scenario.shift_s)
    return Shift(used, floor.abandoned / max(1, floor.answered), floor.answered, floor.dialled)


def agreement(memoryless: Callable[[int, float, float], Scenario], *, shifts: int) -> dict[str, Any]:
    """How far the simulator is from simpy and from closed forms, in standard errors."""
    told: dict[str, Any] = {}
    scenario = memoryless(10, 0.3, 120.0)
    for name, makes in (("progressive", Progressive), ("2 calls a free seat", lambda: FixedRatio(2.0))):
        ours = [shift(scenario, makes(), seed=seed) for seed in range(shifts)]
        theirs = [shift_on_simpy(scenario, makes(), seed=seed) for seed in range(shifts)]
        for figure in ("utilisation", "abandonment"):
            one, other = ([getattr(went, figure) for went in side] for side in (ours, theirs))
            told[f"{name}, {figure}: ours, simpy, deviations"] = (*_rounded(one, other), _deviations(one, other))
    used = [shift(scenario, Progressive(), seed=seed).utilisation for seed in range(shifts)]
    exact = progressive_utilisation(0.3, ring_s=10.0, talk_s=120.0)
    told["progressive, utilisation: ours, renewal theory, deviations"] = (
        *_rounded(used, [exact]),
        _deviations(used, [exact]),
    )
    open_floor = arriving(seats=10, talk_s=60.0)
    lost = [shift(open_floor, AllAtOnce(8.0 / 60.0, seed=seed), seed=seed).abandonment for seed in range(shifts)]
    exact = blocked(8.0, 10)
    told["8 erlangs on 10 seats, nobody waits: ours, Erlang B, deviations"] = (
        *_rounded(lost, [exact]),
        _deviations(lost, [exact]),
    )
    return told


def _rounded(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    return round(float(np.mean(one)), 4), round(float(np.mean(other)), 4)


def _deviations(one: Sequence[float], other: Sequence[float]) -> float:
    spread = sum(float(np.var(side, ddof=1)) / len(side) for side in (one, other) if len(side) > 1)
    difference = float(np.mean(one) - np.mean(other))
    return round(difference / math.sqrt(spread), 2) if spread else 0.0
