"""Which calls are worth asking the speech detector about: `admit`, then `learn` from what it said.

Pure, over all calls at once: arrays of one value a call in, the same out. A call's
noise floor is what it sounds like while the detector hears nobody; a window no louder
than that is not speech, and is not looked at. It decides about cost, never about who
speaks; that nothing is audible is known from it before a detector has forgotten a voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.float32]
"""Root mean square of s16 samples over one window, by call."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """When a gate opens and how it learns; times are windows of 32 ms.

    Attributes:
        least: Level (about −55 dBFS) below which nobody is heard on a telephone.
        over_floor: Ratio to the noise floor from which a window may be speech (1.4 is 3 dB).
        hold: Windows a gate stays open after the last loud one; the ends of words are quiet.
        rise, fall: Shares of the way to a louder, a quieter window that the floor goes.
        speech: Probability from which a window is no noise to learn from.
    """

    least: float = 60.0
    over_floor: float = 1.4
    hold: int = 8
    rise: float = 0.03
    fall: float = 0.3
    speech: float = 0.15


RULES = GateRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """The gates of some calls: their noise floors (levels) and for how many windows each stays open."""

    floors: Levels
    open_for: npt.NDArray[np.int32]

    @staticmethod
    def new(count: int) -> Gates:
        """Gates that know of no noise yet, and so let everything audible through."""
        return Gates(floors=np.zeros(count, dtype=np.float32), open_for=np.zeros(count, dtype=np.int32))


def admit(gates: Gates, levels: Levels, *, rules: GateRules = RULES) -> tuple[Gates, Flags]:
    """Let through the windows that may be speech."""
    is_loud = is_audible(levels, gates.floors, rules=rules)
    open_for = np.where(is_loud, rules.hold, np.maximum(gates.open_for - 1, 0)).astype(np.int32)
    return Gates(floors=gates.floors, open_for=open_for), open_for > 0


def is_audible(levels: Levels, floors: Levels | float, *, rules: GateRules = RULES) -> Flags:
    """Which sounds are louder than the noise they came with."""
    return (levels >= rules.least) & (levels >= rules.over_floor * floors)


def learn(gates: Gates, levels: Levels, probabilities: Levels, *, rules: GateRules = RULES) -> Gates:
    """Move the noise floors towards the windows in which nobody spoke."""
    step = np.where(levels < gates.floors, rules.fall, rules.rise)
    moved = gates.floors + (levels - gates.floors) * step
    is_noise = probabilities < rules.speech
    return Gates(floors=np.where(is_noise, moved, gates.floors).astype(np.float32), open_for=gates.open_for)
