"""Every text of a script with its place in the file, and characters that nobody sees. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from fairdial.core.script.finding import Path
from fairdial.core.script.model import Script

_BLANK = frozenset("\u115f\u1160\u2800")
"""Fillers that show nothing though Unicode calls them letters or symbols."""


def line_texts(script: Script) -> Iterator[tuple[Path, str]]:
    """Every wording that is spoken."""
    for line, texts in script.lines.items():
        for place, text in enumerate(texts):
            yield (("lines", line) if len(texts) == 1 else ("lines", line, place)), text


def choice_texts(script: Script) -> Iterator[tuple[Path, str]]:
    """Every word of a choice; the first of each is read back."""
    for step in script.steps.values():
        for choice, words in step.slot.choices.items() if step.slot else ():
            for place, word in enumerate(words):
                here: Path = ("steps", step.name, "slot", "choices", choice)
                yield (here if len(words) == 1 else (*here, place)), word


def message_texts(script: Script) -> Iterator[tuple[Path, str]]:
    for message, text in script.messages.items():
        yield ("messages", message, "text"), text


def is_invisible(character: str) -> bool:
    """Whether a character shows nothing by itself: zero width, control, a mark that belongs to no letter."""
    return not character.isspace() and (unicodedata.category(character) in ("Cc", "Cf", "Mn") or character in _BLANK)
