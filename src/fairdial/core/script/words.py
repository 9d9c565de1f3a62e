"""Words a script does not say: lists as data, and where a script says them. Pure; `fairdial.word_lists` reads the files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from fairdial.core.policy.case import STRICT, Purpose
from fairdial.core.policy.pack import Reason, Standing
from fairdial.core.script.finding import Finding, Path, Severity
from fairdial.core.script.model import Script
from fairdial.core.script.reading import read_aloud
from fairdial.core.script.texts import choice_texts, is_invisible, line_texts, message_texts
from fairdial.core.script.traditional import SIMPLIFIED


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
        """The first word of the list in a text, as `heard` gives it."""
        for other in self.apart_from:
            text = text.replace(other, "□" * len(other))
        found = re.search("|".join([*map(re.escape, self.words), *self.patterns]), text, re.IGNORECASE)
        return found.group(0) if found else None


def lint_words(script: Script, lists: Iterable[WordList]) -> tuple[Finding, ...]:
    """Every text that says a word of a list that applies to the script's purpose."""
    texts = [*_texts(script)]
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
        for path, *readings in texts
        if not (words.evidence and path[0] != "steps" and path[1] in script.claims)
        if (said := next(filter(None, map(words.found_in, readings)), None)) is not None
    )


def heard(text: str) -> str:
    """A text as its words are looked for: simplified, without spaces, hidden characters, or marks inside a word."""
    shown = (c for c in unicodedata.normalize("NFKC", text) if not (c.isspace() or is_invisible(c)))
    return _MARKS_INSIDE.sub("", "".join(shown).translate(SIMPLIFIED))


_MARKS_INSIDE = re.compile(r"(?<=[\u4e00-\u9fff])[^\w,。!?;:、{}]+(?=[\u4e00-\u9fff])")
"""What stands between two characters and is no pause: 国.家.级."""


def _texts(script: Script) -> Iterator[tuple[Path, str, str]]:
    """What is said and written, and how it is read aloud; the company's own name says nothing."""
    company = heard(script.company)
    for path, text in (*line_texts(script), *choice_texts(script)):
        read = read_aloud(text, script.pronounce)
        called = heard(read_aloud(script.company, script.pronounce))
        yield path, heard(text).replace(company, "□"), heard(read).replace(called, "□")
    for path, text in message_texts(script):
        yield path, (written := heard(text).replace(company, "□")), written
