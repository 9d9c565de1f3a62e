"""Rehearsals in text for tests: the example scripts, the shipped people, the real understanding without e5."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fairdial.core.dialogue.meaning import Understood
from fairdial.core.script.model import Script
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.text.call import Stage
from fairdial.rehearsal.text.people_file import load_people
from fairdial.script_file import read_script_file
from fairdial.voice.meanings import LabelSet, Meanings, load_classifier

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("course-trial", "insurance-renewal", "satisfaction-survey")


@cache
def script(name: str) -> Script:
    return read_script_file(EXAMPLES / name / "script.yaml")[1]


@cache
def understand(text: str) -> Understood:
    return Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of(text)


def rehearse(
    name: str | Script, *, callees: int, seed: int = 7, cer: float = 0.0, people: Path | None = None
) -> list[RehearsedCall]:
    now = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    stage = Stage(script(name) if isinstance(name, str) else name, load_people(people), understand, cer=cer, now=now)
    values = {
        "person": "王女士",
        "course": "数学思维课",
        "product": "车险",
        "expiry": "十二月十五日",
        "premium": "两千元",
    }
    return list(stage.calls([values], callees=callees, seed=seed))
