"""How long a line takes to say. Pure estimate; the clips themselves are exact."""

from __future__ import annotations

import re

from fairdial.core.script.model import Script
from fairdial.core.script.speech import VARIABLE, pieces, spoken_values

LONGEST_S = 12.0
"""Nobody is spoken at for longer without being asked something."""

_BEGIN_S, _CHARACTER_S = 0.18, 0.19
"""Least squares over the 81 clips of examples/insurance-renewal (Kokoro, zf_xiaoxiao, speed 1.0)."""

_BETWEEN_S = 0.12
"""Silence between two clips of a line (voice/clips.py)."""

TYPICAL = {"salutation": "王女士", "product": "医疗险", "expiry": "十二月十五日", "premium": "两千八百六十元"}
"""What a variable sounds like, by the contact's field."""

_SPOKEN = re.compile(r"\w")


def seconds(script: Script, text: str) -> float:
    """Seconds that one wording of a line takes at the script's speed."""
    values = {v.name: TYPICAL[v.source] for v in script.variables.values() if v.source in TYPICAL}
    values |= {s.name: max(spoken_values(s).values(), key=len, default="") for s in script.slots().values()}
    clips = len(pieces(text))
    characters = len(_SPOKEN.findall(VARIABLE.sub(lambda found: values.get(found.group(1), ""), text)))
    return (clips * _BEGIN_S + characters * _CHARACTER_S) / script.speed + max(0, clips - 1) * _BETWEEN_S
