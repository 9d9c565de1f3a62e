"""The script: what is said, what may be answered, where each answer leads.

Pure: turns parsed YAML into checked values, or raises `ScriptError` naming the
file and the place. A script is identified by the hash of its content.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Level, Purpose, Says


class ScriptError(ValueError):
    """A script cannot be used; the message names the file, the place and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """An answer that leads to another step."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is given before the step's question is asked again."""

    line: str | None
    interest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What an ending step leaves behind; `refusal` is written before its line is spoken."""

    grade: str
    outcome: str
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    line: str | None
    again: str | None
    question: str | None
    interest: str | None
    next: Mapping[Meaning, Go | Answer]
    ending: Ending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What is said when nothing is understood, how often, and where it then leads."""

    line: str
    times: int
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value spoken for each contact; `source` names the contact's field."""

    name: str
    source: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    name: str
    title: str
    purpose: Purpose
    company: str
    voice: str
    speed: float
    variables: Mapping[str, Variable]
    lines: Mapping[str, str]
    start: str
    steps: Mapping[str, Step]
    anywhere: Mapping[Meaning, Go | Answer]
    silence: Ladder
    silence_after_s: float
    unclear: Ladder
    stopping: str
    tells: Mapping[Says, str]
    """What the script tells the person, and the line that tells it."""
    topics: frozenset[str]
    hash: str

    def says(self) -> frozenset[Says]:
        """What is told; the linter has seen that the lines exist and hold the words."""
        return frozenset(self.tells)

    def levels(self) -> frozenset[Level]:
        """Sensitivity of the attributes it speaks."""
        return frozenset(Level(variable.level) for variable in self.variables.values())

    def answer_to(self, step: Step, meaning: Meaning) -> Go | Answer | None:
        """What the script does about a meaning: the step's own word comes first."""
        return step.next.get(meaning) or self.anywhere.get(meaning)


def parse_script(content: Mapping[str, Any], *, name: str) -> Script:
    """Check the parsed YAML of a script; `name` is the file's name for messages."""
    try:
        script = _parse(content)
    except (KeyError, TypeError, AttributeError) as error:
        raise ScriptError(f"{name}: {error} is missing or has the wrong shape") from error
    except ValueError as error:
        raise ScriptError(f"{name}: {error}") from error
    _check_references(script, name=name)
    return script


def content_hash(content: Mapping[str, Any]) -> str:
    """Identify a script by its content: SHA-256 over canonical JSON, 64 hexadecimal digits."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _parse(content: Mapping[str, Any]) -> Script:
    silence, unclear = content["silence"], content["unclear"]
    return Script(
        name=str(content["script"]),
        title=str(content["title"]),
        purpose=Purpose(content["purpose"]),
        company=str(content["company"]),
        voice=str(content["voice"]),
        speed=float(content.get("speed", 1.0)),
        variables={
            key: Variable(name=key, source=str(v["from"]), level=str(v["level"]))
            for key, v in content["variables"].items()
        },
        lines={str(key): str(text) for key, text in content["lines"].items()},
        start=str(content["start"]),
        steps={str(key): _parse_step(str(key), item) for key, item in content["steps"].items()},
        anywhere=_parse_answers(content["anywhere"]),
        silence=Ladder(line=silence["say"], times=int(silence["times"]), then=silence["then"]),
        silence_after_s=float(silence["after_s"]),
        unclear=Ladder(line=unclear["say"], times=int(unclear["times"]), then=unclear["then"]),
        stopping=str(content["stopping"]),
        tells={Says(key): str(line) for key, line in (content.get("tells") or {}).items()},
        topics=frozenset(str(topic) for topic in content.get("topics") or ()),
        hash=content_hash(content),
    )


def _parse_step(name: str, item: Mapping[str, Any]) -> Step:
    end = item.get("end")
    ending = (
        Ending(grade=str(end["grade"]), outcome=str(end["outcome"]), refusal=end.get("refusal"))
        if end is not None
        else None
    )
    return Step(
        name=name,
        line=item.get("say"),
        again=item.get("again"),
        question=item.get("question"),
        interest=item.get("interest"),
        next=_parse_answers(item.get("next") or {}),
        ending=ending,
    )


def _parse_answers(items: Mapping[str, Any]) -> dict[Meaning, Go | Answer]:
    answers: dict[Meaning, Go | Answer] = {}
    for key, value in items.items():
        if isinstance(value, str):
            answers[Meaning(key)] = Go(step=value)
        else:
            answers[Meaning(key)] = Answer(line=value["answer"], interest=value.get("interest"))
    return answers


def _check_references(script: Script, *, name: str) -> None:
    """Every step and line that is named exists; every question can be asked again."""
    targets = {script.start, script.silence.then, script.unclear.then}
    spoken = {script.silence.line, script.unclear.line, script.stopping, *script.tells.values()}
    for step in script.steps.values():
        targets |= {a.step for a in step.next.values() if isinstance(a, Go)}
        spoken |= {line for line in (step.line, step.again) if line}
        if step.ending is None and (step.line is None or step.again is None):
            raise ScriptError(f"{name}: step {step.name} needs `say` and `again`, or an `end`")
    for answer in script.anywhere.values():
        if isinstance(answer, Go):
            targets.add(answer.step)
        elif answer.line:
            spoken.add(answer.line)
    if lost := sorted(targets - set(script.steps)):
        raise ScriptError(f"{name}: step {lost[0]} is named but not written")
    if lost := sorted(spoken - set(script.lines)):
        raise ScriptError(f"{name}: line {lost[0]} is named but not written")
