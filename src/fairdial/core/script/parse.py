"""From parsed YAML to a script, or every name in it that leads nowhere.

Pure. The shape has been checked before (`fairdial.script_file`); here it is
checked that steps and lines that are named are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Purpose, Says
from fairdial.core.script.branch import Branch, ByValue, Split
from fairdial.core.script.condition import Between, Condition, GradeRule, TagRule
from fairdial.core.script.finding import Finding
from fairdial.core.script.lint_names import lost_names
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
    if lost := tuple(lost_names(script)):
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
        branches={key: _parse_branch(key, item) for key, item in (content.get("branches") or {}).items()},
        anywhere=_parse_answers(content["anywhere"]),
        knowledge={
            key: Known(examples=tuple(item["asked"]), answer=_parse_answer(item))
            for key, item in (content.get("knowledge") or {}).items()
        },
        silence=_parse_ladder(silence),
        silence_after_s=float(silence["after_s"]),
        unclear=_parse_ladder(unclear),
        stopping=str(content["stopping"]),
        listen_first_s=float(content.get("listen_first_s", LISTEN_FIRST_S)),
        longest_s=float(content.get("longest_s", LONGEST_CALL_S)),
        messages={key: str(item["text"]) for key, item in (content.get("messages") or {}).items()},
        understand={Meaning(key): tuple(texts) for key, texts in (content.get("understand") or {}).items()},
        grading=tuple(
            GradeRule(grade=item["grade"], when=_parse_condition(item["when"]), why=item["why"])
            for item in content.get("grading") or ()
        ),
        tags=tuple(TagRule(tag=item["tag"], when=_parse_condition(item["when"])) for item in content.get("tags") or ()),
        keys={key: Meaning(meaning) for key, meaning in (content.get("keys") or {}).items()},
        tells={Says(key): str(line) for key, line in (content.get("tells") or {}).items()},
        claims=dict(content.get("claims") or {}),
        topics=frozenset(str(topic) for topic in content.get("topics") or ()),
        hash=content_hash(content),
    )


LISTEN_FIRST_S = 0.6
"""Wait for the person's first word when the script says nothing else: most say 喂 within it."""

LONGEST_CALL_S = 180.0
"""Longest call when the script says nothing else."""


def _parse_branch(name: str, item: Mapping[str, Any]) -> Branch:
    if "split" not in item:
        return ByValue(name=name, of=item["of"], cases=dict(item["cases"]), otherwise=item["otherwise"])
    arms = {arm: {"to": to} if isinstance(to, str) else to for arm, to in item["split"].items()}
    return Split(
        name=name,
        to={arm: value["to"] for arm, value in arms.items()},
        shares={arm: int(value.get("share", 1)) for arm, value in arms.items()},
    )


def _parse_condition(item: Mapping[str, Any]) -> Condition:
    return Condition(
        reached=_any_of(item.get("reached")),
        asked=_any_of(item.get("asked")),
        heard=frozenset(Meaning(meaning) for meaning in _any_of(item.get("heard"))),
        answered={slot: _parse_wanted(wanted) for slot, wanted in (item.get("answered") or {}).items()},
        outcome=_any_of(item.get("outcome")),
    )


def _parse_wanted(wanted: Any) -> frozenset[str] | Between:
    if isinstance(wanted, Mapping):
        return Between(least=wanted.get("least"), most=wanted.get("most"))
    return _any_of(wanted)


def _any_of(names: Any) -> frozenset[str]:
    """One name, several or none."""
    return (
        frozenset(map(str, names))
        if isinstance(names, list)
        else frozenset()
        if names is None
        else frozenset({str(names)})
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
        ending=None if end is None else _parse_ending(end),
        slot=None if slot is None else _parse_slot(slot),
        interrupt=_parse_interruption(item.get("interrupt")),
        send=item.get("send"),
    )


def _parse_ending(item: Mapping[str, Any]) -> Ending:
    return Ending(
        grade=str(item["grade"]),
        outcome=str(item["outcome"]),
        refusal=item.get("refusal"),
        hand_over=(item.get("hand_over") or {}).get("to"),
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
            answers[Meaning(key)] = _parse_answer(value)
    return answers


def _parse_answer(item: Mapping[str, Any]) -> Answer:
    return Answer(line=item["answer"], interest=item.get("interest"), send=item.get("send"))
