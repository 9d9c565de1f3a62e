"""A script as a document for somebody who approves it: every line, branch and clip, in the order of a conversation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairdial.core.script.clip import Wording, clip_id
from fairdial.core.script.length import seconds
from fairdial.core.script.model import Script
from fairdial.core.script.speech import VARIABLE, pieces
from fairdial.core.script.spoken import Scene, Way, afterwards, reads, scenes, understands, ways_anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    level: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words that are spoken; `clips` are the files that say them, by name; None where a variable makes one for each contact."""

    label_zh: str
    label_en: str
    text: str
    seconds: float
    clips: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What somebody may answer and where it leads."""

    zh: str
    en: str
    leads_zh: str
    leads_en: str


Block = Heading | Table | Said | Branch

_KEYS = {"say": ("说", "says"), "again": ("再问", "asks again"), "confirm": ("确认", "asks whether it is right")}


def blocks(script: Script) -> Iterator[Block]:
    """The whole document; the same script always gives the same one."""
    yield Heading(level=1, zh=script.title, en=script.name)
    yield Table(
        head=("项目 item", "内容 content"),
        rows=(
            ("来电方 caller", script.company),
            ("目的 purpose", script.purpose.value),
            ("声音 voice", f"人工智能合成 artificial: {script.voice}, {script.speed:g}"),
            ("版本 version (SHA-256)", script.hash),
            ("先听 listens first", f"{script.listen_first_s:g} s"),
            ("最长 longest call", f"{script.longest_s:g} s"),
            *((f"说明 tells: {says}", _texts(script, line)) for says, line in script.tells.items()),
            *((f"宣称的证据 evidence: {_texts(script, line)}", where) for line, where in script.claims.items()),
        ),
    )
    if script.variables:
        yield Heading(level=2, zh="随客户变化的内容", en="what changes with the contact")
        yield Table(
            head=("变量 variable", "字段 field", "信息级别 level"),
            rows=tuple((f"{{{v.name}}}", v.source, v.level) for v in script.variables.values()),
        )
    for scene in scenes(script):
        yield from _scene(script, scene)
    yield Heading(level=2, zh="任何时候", en="at any time")
    for way in ways_anywhere(script):
        yield from _branch(script, way)
    for zh, en, rows in (
        ("读音", "how words are read aloud", reads(script)),
        ("自己的说法和按键", "sentences and keys of its own, and what they mean", understands(script)),
        ("通话以后", "after the call", afterwards(script)),
    ):
        if rows:
            yield Heading(level=2, zh=zh, en=en)
            yield Table(head=("项目 item", "内容 content"), rows=tuple(rows))


def _scene(script: Script, scene: Scene) -> Iterator[Block]:
    yield Heading(level=2, zh=f"步骤 {scene.name}{scene.note_zh}", en=f"step {scene.note_en}".strip())
    for key, _, texts in scene.says:
        zh, en = _KEYS[key]
        yield from _said(script, texts, zh, en)
    for way in scene.ways:
        yield from _branch(script, way)
    if scene.ending:
        refusal = scene.ending.refusal
        yield Branch(
            zh="结束",
            en="ends",
            leads_zh=f"等级 {scene.ending.grade},{scene.ending.outcome}"
            + (",先登记拒绝" if refusal else "")
            + (f",交给 {scene.ending.hand_over}" if scene.ending.hand_over else ""),
            leads_en=f"grade {scene.ending.grade}"
            + (f", a refusal is recorded first ({refusal})" if refusal else "")
            + (", handed over" if scene.ending.hand_over else ""),
        )
    if scene.send:
        yield Branch(zh="短信", en="message", leads_zh=f"通话以后发 {scene.send}", leads_en="is owed after the call")


def _branch(script: Script, way: Way) -> Iterator[Block]:
    yield Branch(
        zh=way.zh,
        en=way.en,
        leads_zh=f"→ {way.to}" if way.to else "→ 结束通话" if way.ends else "→ 回答后再问一遍",
        leads_en="" if way.to else "the call ends" if way.ends else "answers, then asks again",
    )
    if way.send:
        yield Branch(zh="短信", en="message", leads_zh=f"通话以后发 {way.send}", leads_en="is owed after the call")
    yield from _said(script, way.says, "回答", "answers")


def _said(script: Script, texts: Sequence[str], zh: str, en: str) -> Iterator[Said]:
    for number, text in enumerate(texts, start=1):
        several = f" {number}/{len(texts)}" if len(texts) > 1 else ""
        yield Said(
            label_zh=zh + several,
            label_en=en + several,
            text=text,
            seconds=seconds(script, text),
            clips=tuple(
                None if VARIABLE.search(piece) else clip_id(Wording(text=piece, voice=script.voice, speed=script.speed))
                for piece in pieces(text)
            ),
        )


def _texts(script: Script, line: str) -> str:
    return " / ".join(script.lines[line])
