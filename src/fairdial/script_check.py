"""Everything `fairdial script check` looks at: the script itself, the words it says, and its clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fairdial.core.contacts.levels import RANK
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.policy.case import Level, Purpose
from fairdial.core.policy.kinds import SensitivityTest, TopicTest
from fairdial.core.policy.pack import PLATFORM, Pack
from fairdial.core.script.clip import Wording, clip_id
from fairdial.core.script.finding import Finding, Severity, meant, nearest
from fairdial.core.script.lint import lint, lint_levels
from fairdial.core.script.lint_examples import lint_understood
from fairdial.core.script.model import Script
from fairdial.core.script.words import WordList, lint_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """What a script is held against besides itself; `understand` is the built-in understanding, without its examples."""

    packs: Mapping[str, Pack]
    words: tuple[WordList, ...]
    understand: Callable[[str], Understood]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """A folder of clips and what it should hold; `is_whole` when everybody on the list was taken into account."""

    folder: Path
    wanted: tuple[Wording, ...]
    is_whole: bool


def check_script(script: Script, standards: Standards, clips: Clips | None = None) -> tuple[Finding, ...]:
    """Every finding, errors first; what has one remedy at one place is one finding."""
    found = (
        *lint(script),
        *lint_levels(script, allowed_level(standards.packs, script.purpose)),
        *lint_understood(script, standards.understand),
        *lint_words(script, standards.words),
        *_lint_topics(script, standards.packs),
        *(_lint_clips(clips) if clips else ()),
    )
    return tuple(sorted(_told_once(found), key=lambda f: f.severity is Severity.WARNING))


def _told_once(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings with those joined that differ only in what they say is wrong."""
    groups: dict[Finding, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(replace(finding, zh="", en=""), []).append(finding)
    for found in groups.values():
        zh, en = dict.fromkeys(f.zh for f in found), dict.fromkeys(f.en for f in found)
        yield replace(found[0], zh="、".join(zh), en=", ".join(en))


def allowed_level(packs: Mapping[str, Pack], purpose: Purpose) -> Level:
    """The highest level the rules for every call let a call of this purpose use."""
    limits = [
        rule.test.at_most
        for rule in packs[PLATFORM].rules
        if isinstance(rule.test, SensitivityTest) and purpose in rule.applies_to.purposes
    ]
    return min(limits, key=lambda level: RANK[level], default=Level.SENSITIVE)


def _lint_topics(script: Script, packs: Mapping[str, Pack]) -> Iterable[Finding]:
    """A topic that no rule asks for is one of its own, unless it is nearly one that a rule does ask for."""
    rules = [rule for pack in packs.values() for rule in pack.rules]
    asked = {topic for rule in rules for topic in rule.applies_to.topics}
    asked |= {topic for rule in rules if isinstance(rule.test, TopicTest) for topic in rule.test.never}
    for topic in sorted(script.topics - asked):
        if nearest(topic, asked) is not None:
            zh, en = meant(topic, asked)
            yield Finding(
                rule="unknown-topic",
                path=("topics",),
                zh=f"没有规则管 {topic} 这个主题",
                en=f"no rule asks for the topic {topic}",
                fix_zh=zh,
                fix_en=en,
                severity=Severity.WARNING,
                at_key=True,
            )


def _lint_clips(clips: Clips) -> Iterable[Finding]:
    names = {clip_id(w): w for w in clips.wanted}
    here = {path.stem for path in clips.folder.glob("*.ogg")}
    missing = [w.text for name, w in names.items() if name not in here]
    if missing:
        yield Finding(
            rule="missing-clip",
            path=("lines",),
            zh=f"缺少 {len(missing)} 段录音,例如“{missing[0]}”",
            en=f"{len(missing)} clips are missing, such as {missing[0]}",
            fix_zh="运行 fairdial script render",
            fix_en="run `fairdial script render`",
            at_key=True,
        )
    if clips.is_whole and (stale := sorted(here - names.keys())):
        yield Finding(
            rule="stale-clip",
            path=("lines",),
            zh=f"有 {len(stale)} 段录音已经没有人说({stale[0]}.ogg)",
            en=f"{len(stale)} clips are no longer said, such as {stale[0]}.ogg",
            fix_zh="运行 fairdial script render,它会删掉",
            fix_en="run `fairdial script render`, which removes them",
            severity=Severity.WARNING,
            at_key=True,
        )
