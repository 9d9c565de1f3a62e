"""Words a script does not say: lists as data, and where a script says them. Pure; `fairdial.word_lists` reads the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from fairdial.core.policy.case import STRICT, Purpose
from fairdial.core.policy.pack import Reason, Standing
from fairdial.core.script.finding import Finding, Path, Severity
from fairdial.core.script.model import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """Words of one kind, why they are not said, and by which text.

    `evidence` lists are allowed for lines that name their evidence under `claims`.
    """

    __pydantic_config__: ClassVar = STRICT
    id: str
    purposes: frozenset[Purpose]
    severity: Severity
    standing: Standing
    cite: str
    words: tuple[str, ...]
    reason: Reason
    fix: Reason
    patterns: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()
    evidence: bool = False

    def found_in(self, text: str) -> str | None:
        """The first word of the list in a text."""
        for other in self.apart_from:
            text = text.replace(other, "□" * len(other))
        found = re.search("|".join([*map(re.escape, self.words), *self.patterns]), text)
        return found.group(0) if found else None


def lint_words(script: Script, lists: Iterable[WordList]) -> tuple[Finding, ...]:
    """Every line that says a word of a list that applies to the script's purpose."""
    return tuple(
        Finding(
            rule=words.id,
            path=path,
            zh=f"“{said}”:{words.reason.zh}",
            en=f"says {said}: {words.reason.en}",
            fix_zh=words.fix.zh,
            fix_en=words.fix.en,
            severity=words.severity,
            cite=words.cite,
        )
        for words in lists
        if script.purpose in words.purposes
        for line, path, text in _texts(script)
        if not (words.evidence and line in script.claims)
        if (said := words.found_in(text)) is not None
    )


def _texts(script: Script) -> Iterator[tuple[str, Path, str]]:
    """What is said and written, as it is heard: without spaces; the company's own name says nothing."""
    for line, texts in script.lines.items():
        for place, text in enumerate(texts):
            path: Path = ("lines", line) if len(texts) == 1 else ("lines", line, place)
            yield line, path, _heard(script, text)
    for message, text in script.messages.items():
        yield message, ("messages", message, "text"), _heard(script, text)


def _heard(script: Script, text: str) -> str:
    return re.sub(r"\s", "", text).replace(re.sub(r"\s", "", script.company), "□")
