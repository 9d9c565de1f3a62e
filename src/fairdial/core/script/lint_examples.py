"""Whether a script's own sentences can be understood as what they are written for, and teach nothing dangerous. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.knowledge import asked
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.refusal import hard_refusal, normalise
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.script.finding import Finding, Path
from fairdial.core.script.model import Script


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


def _lint_example(script: Script, meaning: Meaning, text: str, path: Path) -> Iterator[Finding]:
    if meaning is not Meaning.REFUSE_HARD and (refusal := hard_refusal(text)) is not None:
        yield _example(
            "refusal-as-example",
            path,
            f"“{refusal}”是明确拒绝,不能当成 {meaning}",
            f"{refusal} refuses for good, and is never taken for {meaning}",
            "删掉这一句",
            "remove it",
        )
    elif (ruled := understand_by_rule(text)) is not None and ruled.meaning is not meaning:
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
