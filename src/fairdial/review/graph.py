"""A script as points and arrows: what somebody draws who does not read Mermaid.

The names of ways are those under which a rehearsal counts them (`rehearsal.report.coverage`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from fairdial.core.script.finding import Path
from fairdial.core.script.model import Script
from fairdial.core.script.spoken import Scene, Way, WayKind, scenes, ways_anywhere

ANYWHERE = "anywhere"
"""Where the ways begin that are open at every step; it is no step."""


class PointKind(StrEnum):
    """A step that asks, one that ends the call, or a branch at which nobody speaks."""

    STEP = "step"
    END = "end"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A step or branch; `line` is where the text names it, from 1. What ends the call has a grade and an outcome."""

    id: str
    kind: PointKind
    title: str | None
    says: tuple[str, ...]
    line: int | None
    grade: str | None = None
    outcome: str | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A way from a point; `to` is None where the question is asked again, or the call ends."""

    at: str
    to: str | None
    on: str
    kind: WayKind
    zh: str
    en: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    begin: str
    points: tuple[Point, ...]
    arrows: tuple[Arrow, ...]


def graph(script: Script, *, line_of: Callable[[Path], int | None]) -> Graph:
    """All of a script, in the order of a conversation.

    Args:
        line_of: The line of the text that holds a path of the content.
    """
    found = scenes(script)
    return Graph(
        begin=script.start,
        points=tuple(_point(script, scene, line_of) for scene in found),
        arrows=(
            *(arrow for scene in found for arrow in _arrows(scene.name, scene.ways)),
            *_arrows(ANYWHERE, ways_anywhere(script)),
        ),
    )


def _point(script: Script, scene: Scene, line_of: Callable[[Path], int | None]) -> Point:
    is_branch, ending = scene.name in script.branches, scene.ending
    kind = PointKind.BRANCH if is_branch else PointKind.END if ending else PointKind.STEP
    return Point(
        id=scene.name,
        kind=kind,
        title=scene.note_zh.strip("()") or None,
        says=tuple(text for key, _, texts in scene.says if key == "say" for text in texts),
        line=line_of(("branches" if is_branch else "steps", scene.name)),
        grade=ending.grade if ending else None,
        outcome=ending.outcome if ending else None,
        refusal=ending.refusal if ending else None,
    )


def _arrows(at: str, ways: Iterable[Way]) -> Iterable[Arrow]:
    for way in ways:
        yield Arrow(at=at, to=way.to, on=way.on, kind=way.kind, zh=way.zh, en=way.en, says=way.says)
