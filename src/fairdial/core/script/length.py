"""How long a line takes to say. Pure estimate; the clips themselves are exact."""

from __future__ import annotations

import re
from heapq import heappop, heappush

from fairdial.core.script.graph import willing_edges
from fairdial.core.script.model import Script
from fairdial.core.script.speech import VARIABLE, pieces, spoken_values

LONGEST_S = 12.0
"""Nobody is spoken at for longer without being asked something."""

_BEGIN_S, _CHARACTER_S = 0.18, 0.19
"""Least squares over the 81 clips of examples/insurance-renewal (Kokoro, zf_xiaoxiao, speed 1.0)."""

_BETWEEN_S = 0.12
"""Silence between two clips of a line (voice/clips.py)."""

TYPICAL = {
    "salutation": "王女士",
    "product": "医疗险",
    "expiry": "十二月十五日",
    "premium": "两千八百六十元",
    "segment": "老客户",
}
"""What a variable sounds like, by the contact's field."""

_SPOKEN = re.compile(r"\w")


def seconds(script: Script, text: str) -> float:
    """Seconds that one wording of a line takes at the script's speed."""
    values = {v.name: TYPICAL[v.source] for v in script.variables.values() if v.source in TYPICAL}
    values |= {s.name: max(spoken_values(s).values(), key=len, default="") for s in script.slots().values()}
    clips = len(pieces(text))
    characters = len(_SPOKEN.findall(VARIABLE.sub(lambda found: values.get(found.group(1), ""), text)))
    return (clips * _BEGIN_S + characters * _CHARACTER_S) / script.speed + max(0, clips - 1) * _BETWEEN_S


ANSWER_S = 1.0
"""Least time somebody takes to answer, with the pause by which we know that they have."""


def shortest_s(script: Script) -> float | None:
    """Seconds of the shortest way from the first word to a goodbye that records no refusal; None when there is none."""
    edges = willing_edges(script)
    waiting, done = [(0.0, script.start)], set[str]()
    while waiting:
        so_far, name = heappop(waiting)
        if name in done:
            continue
        done.add(name)
        if (step := script.steps.get(name)) is not None:
            so_far += min((seconds(script, text) for text in script.lines.get(step.line or "", ())), default=0.0)
            if step.ending and not step.ending.refusal:
                return so_far
            so_far += ANSWER_S
        for target in edges.get(name, ()):
            heappush(waiting, (so_far, target))
    return None
