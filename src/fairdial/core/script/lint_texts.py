"""Whether every text is what it looks like: nothing hidden in it, something in it, braces around names only. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from fairdial.core.script.finding import Finding, Path
from fairdial.core.script.model import Script
from fairdial.core.script.speech import VARIABLE
from fairdial.core.script.texts import choice_texts, is_invisible, line_texts, message_texts


def lint_texts(script: Script) -> Iterator[Finding]:
    for path, text in _all(script):
        hidden = [c for c in unicodedata.normalize("NFKC", text) if is_invisible(c)]
        plain = VARIABLE.sub("", text)
        if hidden:
            code = f"U+{ord(hidden[0]):04X}"
            yield Finding(
                rule="invisible-character",
                path=path,
                zh=f"里面有看不见的字符 {code}",
                en=f"holds an invisible character, {code}",
                fix_zh="重新打一遍这几个字",
                fix_en="type these words anew",
            )
        if plain == text and not any(c.isalnum() for c in text):
            yield Finding(
                rule="nothing-said",
                path=path,
                zh="没有可以说的内容",
                en="has nothing in it that can be said",
                fix_zh="写上要说的话,或者删掉它",
                fix_en="write what is to be said, or remove it",
            )
        if any(brace in unicodedata.normalize("NFKC", plain) for brace in "{}"):
            yield Finding(
                rule="stray-brace",
                path=path,
                zh="有多余的花括号,会照样读出来",
                en="has a brace that belongs to no variable and would be read out",
                fix_zh="变量写成 {名称},中间不留空格",
                fix_en="write a variable as {name}, without spaces",
            )


def _all(script: Script) -> Iterator[tuple[Path, str]]:
    yield ("company",), script.company
    yield from ((("pronounce", word), word + read) for word, read in script.pronounce.items())
    yield from line_texts(script)
    yield from choice_texts(script)
    yield from message_texts(script)
