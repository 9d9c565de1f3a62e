"""Whether a script's own sentences can be understood as what they are written for, and teach nothing dangerous. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fairdial.core.dialogue.knowledge import asked
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.script.finding import Finding, Path, Severity
from fairdial.core.script.model import Script
from fairdial.core.script.protected import REFUSALS, plainly

SURE_ENOUGH = 0.8
"""Confidence from which the built-in understanding is believed against a script's author."""

_BELIEVED = REFUSALS | {Meaning.WRONG_NUMBER}
"""What it is believed in. Not in who is vulnerable: it takes every sentence about a child for a child's."""


def lint_examples(script: Script) -> Iterator[Finding]:
    seen: dict[str, Meaning] = {}
    for meaning, texts in script.understand.items():
        for place, text in enumerate(texts):
            path: Path = ("understand", meaning.value, place)
            words = normalise(text)
            if words in seen:
                yield _example(
                    "repeated-example",
                    path,
                    f"“{text}”已经写在 {seen[words]} 里",
                    f"{text} is written for {seen[words]} already",
                    "只留一处",
                    "keep one of the two",
                )
            seen.setdefault(words, meaning)
            yield from _lint_example(script, meaning, text, path)
    for own, text, path in _sentences(script):
        if (plain := plainly(text)) is not None:
            yield from _lint_taken(own, plain, text, path)


def lint_understood(script: Script, understand: Callable[[str], Understood]) -> Iterator[Finding]:
    """Sentences that the built-in understanding is sure of, and that the script would take for something else."""
    for meaning, text, path in _sentences(script):
        found = understand(text)
        is_no = meaning is Meaning.DENY and found.meaning is Meaning.REFUSE_SOFT  # 还是不行 answers a question, too
        if found.meaning in _BELIEVED and found.confidence >= SURE_ENOUGH and not is_no and plainly(text) is None:
            severity = Severity.ERROR if found.meaning is Meaning.REFUSE_HARD else Severity.WARNING
            yield from _lint_taken(meaning, found.meaning, text, path, severity)


def _sentences(script: Script) -> Iterator[tuple[Meaning | None, str, Path]]:
    """The sentences of `understand` with their meanings, and those of `knowledge`, which have none."""
    for meaning, texts in script.understand.items():
        for place, text in enumerate(texts):
            yield meaning, text, ("understand", meaning.value, place)
    for name, known in script.knowledge.items():
        for place, text in enumerate(known.examples):
            yield None, text, ("knowledge", name, "asked", place)


def _lint_taken(
    meaning: Meaning | None, plain: Meaning, text: str, path: Path, severity: Severity = Severity.ERROR
) -> Iterator[Finding]:
    """A sentence that protects whoever says it stands for nothing else; of two refusals either will do."""
    both_refuse = {meaning, plain} <= REFUSALS and meaning is not Meaning.REFUSE_SOFT
    if plain is meaning or both_refuse:
        return
    is_refusal = plain in REFUSALS
    yield Finding(
        rule="refusal-as-example" if is_refusal else "protected-example",
        path=path,
        zh=f"“{text}”听成 {plain},不能写在{f' {meaning} ' if meaning else '问法'}里",
        en=f"{text} is taken for {plain}, and never for {meaning or 'a question'}",
        fix_zh="删掉这一句",
        fix_en="remove it",
        severity=severity,
    )


def _lint_example(script: Script, meaning: Meaning, text: str, path: Path) -> Iterator[Finding]:
    ruled = understand_by_rule(text)
    if ruled is not None and ruled.meaning is not meaning and plainly(text) is None:
        yield _example(
            "settled-example",
            path,
            f"“{text}”总是听成 {ruled.meaning},写在这里不起作用",
            f"{text} is always understood as {ruled.meaning}; here it would do nothing",
            "删掉这一句",
            "remove it",
        )
    elif asked(script.knowledge, text) is not None:
        yield _example(
            "settled-example",
            path,
            f"“{text}”会当作 knowledge 里的问题来回答",
            f"{text} is answered as a question of `knowledge`",
            "只留一处",
            "keep one of the two",
        )


def _example(rule: str, path: Path, zh: str, en: str, fix_zh: str, fix_en: str) -> Finding:
    return Finding(rule=rule, path=path, zh=zh, en=en, fix_zh=fix_zh, fix_en=fix_en)
