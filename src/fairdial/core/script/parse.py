"""From parsed YAML to a script, or every name in it that leads nowhere.

Pure. The shape has been checked before (`fairdial.script_file`); here it is
checked that steps and lines that are named are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Purpose, Says
from fairdial.core.script.finding import Finding, Path, meant
from fairdial.core.script.model import (
    Answer,
    Ending,
    Go,
    Interruption,
    Known,
    Ladder,
    Script,
    Slot,
    SlotType,
    Step,
    Stops,
    Variable,
    content_hash,
)


class ScriptError(ValueError):
    """A script cannot be used; `findings` say what is wrong with it."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


def parse_script(content: Mapping[str, Any], *, name: str) -> Script:
    """Make a script of the parsed YAML; `name` is the file's name for messages.

    Raises:
        ScriptError: Something is missing, or a name leads nowhere.
    """
    try:
        script = _parse(content)
    except (KeyError, TypeError, AttributeError) as error:
        raise ScriptError(f"{name}: {error} is missing or has the wrong shape") from error
    except ValueError as error:
        raise ScriptError(f"{name}: {error}") from error
    if lost := tuple(_lost(script)):
        raise ScriptError("; ".join(f"{name}: {f.zh} {f.en}" for f in lost), lost)
    return script


def _parse(content: Mapping[str, Any]) -> Script:
    silence, unclear = content["silence"], content["unclear"]
    return Script(
        name=str(content["script"]),
        title=str(content["title"]),
        purpose=Purpose(content["purpose"]),
        company=str(content["company"]),
        voice=str(content["voice"]),
        speed=float(content.get("speed", 1.0)),
        pronounce=dict(content.get("pronounce") or {}),
        variables={
            key: Variable(name=key, source=str(v["from"]), level=str(v["level"]))
            for key, v in (content.get("variables") or {}).items()
        },
        lines={key: _wordings(text) for key, text in content["lines"].items()},
        start=str(content["start"]),
        steps={str(key): _parse_step(str(key), item) for key, item in content["steps"].items()},
        anywhere=_parse_answers(content["anywhere"]),
        knowledge={
            key: Known(examples=tuple(item["asked"]), answer=Answer(line=item["answer"], interest=item.get("interest")))
            for key, item in (content.get("knowledge") or {}).items()
        },
        silence=_parse_ladder(silence),
        silence_after_s=float(silence["after_s"]),
        unclear=_parse_ladder(unclear),
        stopping=str(content["stopping"]),
        keys={key: Meaning(meaning) for key, meaning in (content.get("keys") or {}).items()},
        tells={Says(key): str(line) for key, line in (content.get("tells") or {}).items()},
        claims=dict(content.get("claims") or {}),
        topics=frozenset(str(topic) for topic in content.get("topics") or ()),
        hash=content_hash(content),
    )


def _wordings(text: str | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _parse_ladder(item: Mapping[str, Any]) -> Ladder:
    return Ladder(line=item["say"], times=int(item["times"]), then=item["then"])


def _parse_step(name: str, item: Mapping[str, Any]) -> Step:
    end, slot = item.get("end"), item.get("slot")
    return Step(
        name=name,
        line=item.get("say"),
        again=item.get("again"),
        question=item.get("question"),
        interest=item.get("interest"),
        next=_parse_answers(item.get("next") or {}),
        ending=None
        if end is None
        else Ending(grade=str(end["grade"]), outcome=str(end["outcome"]), refusal=end.get("refusal")),
        slot=None if slot is None else _parse_slot(slot),
        interrupt=_parse_interruption(item.get("interrupt")),
    )


def _parse_slot(item: Mapping[str, Any]) -> Slot:
    return Slot(
        name=item["name"],
        type=SlotType(item["type"]),
        then=item["then"],
        least=item.get("least"),
        most=item.get("most"),
        choices={key: _wordings(words) for key, words in (item.get("choices") or {}).items()},
        confirm=item.get("confirm"),
    )


def _parse_interruption(item: str | Mapping[str, Any] | None) -> Interruption:
    if item is None:
        return Interruption()
    return Interruption(by=Stops(item)) if isinstance(item, str) else Interruption(after_ms=item["after_ms"])


def _parse_answers(items: Mapping[str, Any]) -> dict[Meaning, Go | Answer]:
    answers: dict[Meaning, Go | Answer] = {}
    for key, value in items.items():
        if isinstance(value, str):
            answers[Meaning(key)] = Go(step=value)
        else:
            answers[Meaning(key)] = Answer(line=value["answer"], interest=value.get("interest"))
    return answers


def _lost(script: Script) -> Iterator[Finding]:
    """Every step and line that is named exists; every question can be asked again."""
    for path, name in _named_steps(script):
        if name not in script.steps:
            yield _not_written("unknown-step", path, name, script.steps, "步骤", "step")
    for path, line in _named_lines(script):
        if line not in script.lines:
            yield _not_written("unknown-line", path, line, script.lines, "话术句", "line")
    for step in script.talking():
        for key in ("say", "again"):
            if (step.line if key == "say" else step.again) is None:
                yield Finding(
                    rule="incomplete-step",
                    path=("steps", step.name),
                    zh=f"步骤 {step.name} 没有 {key}",
                    en=f"step {step.name} has no `{key}`",
                    fix_zh=f"写上 {key}: 句名,或者写 end 结束通话",
                    fix_en=f"write `{key}: LINE`, or `end` if the call ends here",
                )


def _not_written(rule: str, path: Path, name: str, known: Collection[str], zh: str, en: str) -> Finding:
    near_zh, near_en = meant(name, known)
    return Finding(
        rule=rule,
        path=path,
        zh=f"{zh} {name} 没有写",
        en=f"{en} {name} is named but not written",
        fix_zh=near_zh,
        fix_en=near_en,
    )


def _named_steps(script: Script) -> Iterator[tuple[Path, str]]:
    yield ("start",), script.start
    yield ("silence", "then"), script.silence.then
    yield ("unclear", "then"), script.unclear.then
    for path, answer in _answers(script):
        if isinstance(answer, Go):
            yield path, answer.step
    for step in script.steps.values():
        if step.slot:
            yield ("steps", step.name, "slot", "then"), step.slot.then


def _named_lines(script: Script) -> Iterator[tuple[Path, str]]:
    yield ("silence", "say"), script.silence.line
    yield ("unclear", "say"), script.unclear.line
    yield ("stopping",), script.stopping
    yield from ((("tells", says.value), line) for says, line in script.tells.items())
    yield from ((("claims", line), line) for line in script.claims)
    for name, known in script.knowledge.items():
        if known.answer.line:
            yield ("knowledge", name, "answer"), known.answer.line
    for path, answer in _answers(script):
        if isinstance(answer, Answer) and answer.line is not None:
            yield (*path, "answer"), answer.line
    for step in script.steps.values():
        here: Path = ("steps", step.name)
        named = (("say", step.line), ("again", step.again))
        yield from (((*here, key), line) for key, line in named if line is not None)
        if step.slot and step.slot.confirm:
            yield (*here, "slot", "confirm"), step.slot.confirm


def _answers(script: Script) -> Iterator[tuple[Path, Go | Answer]]:
    for meaning, answer in script.anywhere.items():
        yield ("anywhere", meaning.value), answer
    for step in script.steps.values():
        for meaning, answer in step.next.items():
            yield ("steps", step.name, "next", meaning.value), answer
