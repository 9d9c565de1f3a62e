"""A script as a picture: its steps and branches and where answers lead, in Mermaid's flowchart language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairdial.core.script.model import Script
from fairdial.core.script.spoken import Scene, Way, scenes, ways_anywhere

_LONGEST = 24
"""Characters of a line that a box shows."""


def diagram(script: Script) -> str:
    """The whole picture; the same script always gives the same one."""
    found = scenes(script)
    ids = {scene.name: f"s{number}" for number, scene in enumerate(found)}
    lines = ["flowchart TD", f"    begin(( )) --> {ids[script.start]}"]
    for scene in found:
        lines.append(f"    {ids[scene.name]}{_box(script, scene)}")
        lines += _edges(ids[scene.name], scene.ways, ids)
    lines += ['    anywhere[/"任何时候 at any time"/]', *_edges("anywhere", ways_anywhere(script), ids, arrow="-.->")]
    return "\n".join(lines) + "\n"


def _box(script: Script, scene: Scene) -> str:
    """A branch is a rhombus, a goodbye has round ends, a question is a rectangle."""
    if scene.name in script.branches:
        return f'{{"{_quoted(scene.name + scene.note_zh)}"}}'
    words = next((texts[0] for key, _, texts in scene.says if key == "say"), "")
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    sends = f"<br>短信 {_quoted(scene.send)}" if scene.send else ""
    label = f"<b>{_quoted(scene.name)}</b><br>{_quoted(short)}{sends}"
    if scene.ending is None:
        return f'["{label}"]'
    refusal = ",登记拒绝" if scene.ending.refusal else ""
    to = f"<br>交给{_quoted(scene.ending.hand_over)}" if scene.ending.hand_over else ""
    return f'(["{label}<br>{scene.ending.grade}{refusal}{to}"])'


def _edges(begin: str, ways: Sequence[Way], ids: dict[str, str], *, arrow: str = "-->") -> Iterator[str]:
    """One arrow to each place, with everything that leads there; what is answered on the spot has none."""
    by_target: dict[str, list[str]] = {}
    for way in ways:
        if way.to is not None:
            by_target.setdefault(way.to, []).append(way.zh)
    for target, told in by_target.items():
        yield f'    {begin} {arrow}|"{_quoted("、".join(told))}"| {ids[target]}'


def _quoted(text: str) -> str:
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
