"""Sub-flows shared between scripts: what a script takes from another file, under a prefix. Pure.

Only what is reached is taken, so that a script holds, and its hash covers, what
can be said and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Content = Mapping[str, Any]


def merged(content: Content, fragments: Mapping[str, Content]) -> dict[str, Any]:
    """A script with the steps and lines it takes from fragments, by prefix; both of the right shape.

    `common.left` in the script is the step or line `left` of the fragment `common`. Inside a fragment its own names come
    first; any other name is one of the script's. A fragment's `anywhere` gives way to the script's.
    """
    lines, steps = dict(content["lines"]), dict(content["steps"])
    anywhere = dict(content["anywhere"])
    for prefix, fragment in fragments.items():
        for meaning, answer in (fragment.get("anywhere") or {}).items():
            anywhere.setdefault(meaning, _answer(answer, prefix, fragment))
    whole = {k: v for k, v in content.items() if k != "include"} | {
        "lines": lines,
        "steps": steps,
        "anywhere": anywhere,
    }
    waiting = list(_names(whole))
    while waiting:
        name = waiting.pop()
        prefix, dot, own = name.partition(".")
        if not dot or prefix not in fragments:
            continue
        fragment = fragments[prefix]
        if own in fragment["lines"]:
            lines.setdefault(name, fragment["lines"][own])
        if own in (fragment.get("steps") or {}) and name not in steps:
            steps[name] = _step(fragment["steps"][own], prefix, fragment)
            waiting += _step_names(steps[name])
    return whole


def _names(content: Content) -> Iterator[str]:
    """Every step and line a script names."""
    yield content["start"]
    yield content["stopping"]
    for ladder in (content["silence"], content["unclear"]):
        yield from (ladder["say"], ladder["then"])
    yield from content["tells"].values()
    yield from _answer_names(content["anywhere"])
    yield from _answer_names(content.get("knowledge") or {})
    for branch in (content.get("branches") or {}).values():
        yield from (*branch.get("cases", {}).values(), *([branch["otherwise"]] if "otherwise" in branch else ()))
        yield from (arm if isinstance(arm, str) else arm["to"] for arm in branch.get("split", {}).values())
    for step in content["steps"].values():
        yield from _step_names(step)


def _step_names(step: Content) -> Iterator[str]:
    slot = step.get("slot") or {}
    named = (step.get("say"), step.get("again"), slot.get("confirm"), slot.get("then"))
    yield from (name for name in named if name)
    yield from _answer_names(step.get("next") or {})


def _answer_names(answers: Content) -> Iterator[str]:
    for answer in answers.values():
        name = answer if isinstance(answer, str) else answer["answer"]
        if name:
            yield name


def _step(step: Content, prefix: str, fragment: Content) -> dict[str, Any]:
    changed = dict(step)
    for key in ("say", "again"):
        if step.get(key):
            changed[key] = _prefixed(step[key], prefix, fragment)
    if step.get("next"):
        changed["next"] = {meaning: _answer(answer, prefix, fragment) for meaning, answer in step["next"].items()}
    if step.get("slot"):
        names = {
            key: _prefixed(step["slot"][key], prefix, fragment) for key in ("then", "confirm") if step["slot"].get(key)
        }
        changed["slot"] = step["slot"] | names
    return changed


def _answer(answer: Any, prefix: str, fragment: Content) -> Any:
    if isinstance(answer, str):
        return _prefixed(answer, prefix, fragment)
    return answer | {"answer": answer["answer"] and _prefixed(answer["answer"], prefix, fragment)}


def _prefixed(name: str, prefix: str, fragment: Content) -> str:
    is_own = name in fragment["lines"] or name in (fragment.get("steps") or {})
    return f"{prefix}.{name}" if is_own else name
