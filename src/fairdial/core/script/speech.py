"""From a line with variables to the clips that are played one after another.

Pure. A line is cut into sentences, and a phrase that holds a variable is cut
out as its own clip, so that as many clips are rendered as there are values
while every phrase keeps its melody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fairdial.core.script.clip import Wording
from fairdial.core.script.model import Script, Slot, SlotType, Variable
from fairdial.core.script.numerals import spoken_number
from fairdial.core.script.reading import read_aloud
from fairdial.errors import CoreMisuse

VARIABLE = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"[^。?!?!]+[。?!?!]?")
_PHRASE = re.compile(r"[^,。?!;:,?!;:]+[,。?!;:,?!;:]?")


def sentences(text: str) -> list[str]:
    """Cut after 。 ? and !, of either width, keeping the mark."""
    return _SENTENCE.findall(text)


def phrases(text: str) -> list[str]:
    """Cut after every pause mark, keeping the mark."""
    return _PHRASE.findall(text)


def pieces(text: str) -> list[str]:
    """Cut a line into the texts of its clips; a piece holds at most the variables of one phrase."""
    out: list[str] = []
    for sentence in sentences(text):
        if not VARIABLE.search(sentence):
            out.append(sentence)
            continue
        plain = ""
        for phrase in phrases(sentence):
            if VARIABLE.search(phrase):
                out += [plain, phrase] if plain else [phrase]
                plain = ""
            else:
                plain += phrase
        out += [plain] if plain else []
    return out


def needed(script: Script) -> Mapping[str, Variable]:
    """The variables without whose values the script cannot be spoken or its messages written; a branch does without."""
    texts = (*script.messages.values(), *(text for texts in script.lines.values() for text in texts))
    names = {name for text in texts for name in VARIABLE.findall(text)}
    return {name: variable for name, variable in script.variables.items() if name in names}


def wordings(script: Script, line: str, values: Mapping[str, str], *, key: str) -> tuple[Wording, ...]:
    """The clips of one line for one contact; `key` names the contact and chooses among a line's wordings.

    Raises:
        CoreMisuse: A variable of the line has no value.
    """
    return tuple(_spoken(script, piece, values) for piece in pieces(script.wording(line, key=key)))


def message_text(script: Script, name: str, values: Mapping[str, str], answers: Mapping[str, str]) -> str:
    """The text of a message for one contact; `answers` are values of slots, written as they are read back.

    Raises:
        CoreMisuse: Something it reads is not known.
    """
    slots = script.slots()
    told = {slot: spoken_values(slots[slot]).get(value, value) for slot, value in answers.items()}
    return filled(script.messages[name], {**values, **told})


class ScriptWordings:
    """The clips a script needs, its lines cut once, for as many contacts as there are."""

    def __init__(self, script: Script) -> None:
        self._script = script
        pieces = [(piece, tuple(script.variables.keys() & VARIABLE.findall(piece))) for piece in _cut(script)]
        self._of_all = {piece: self._of(piece, {}) for piece, names in pieces if not names}
        self._pieces = pieces

    def of(self, contacts: Iterable[Mapping[str, str]]) -> list[Wording]:
        """Every clip for these contacts, each once, in the order of the script; what two contacts share is made once."""
        found: dict[Wording, None] = {}
        made: set[tuple[str | None, ...]] = set()
        for values in contacts:
            for piece, names in self._pieces:
                key = (piece, *map(values.get, names))
                if key not in made:
                    made.add(key)
                    found.update(self._of_all.get(piece) or self._of(piece, values))
        return list(found)

    def _of(self, piece: str, values: Mapping[str, str]) -> dict[Wording, None]:
        return dict.fromkeys(_spoken(self._script, piece, v) for v in _with_slots(self._script, piece, values))


def all_wordings(script: Script, contacts: Iterable[Mapping[str, str]]) -> list[Wording]:
    """Every clip the script needs for these contacts, each once, in the order of the script."""
    return ScriptWordings(script).of(contacts)


def fixed_wordings(script: Script) -> list[Wording]:
    """Every clip that is the same for all contacts."""
    fixed = (piece for piece in _cut(script) if script.variables.keys().isdisjoint(VARIABLE.findall(piece)))
    return list(
        dict.fromkeys(_spoken(script, piece, values) for piece in fixed for values in _with_slots(script, piece, {}))
    )


def _cut(script: Script) -> list[str]:
    """The pieces of every line, without those that nothing fills, or several answers: findings tell of them."""
    slots = script.slots().keys()
    known = script.variables.keys() | slots

    def is_filled(piece: str) -> bool:
        names = set(VARIABLE.findall(piece))
        return names <= known and len(names & slots) <= 1

    cut = (piece for texts in script.lines.values() for text in texts for piece in pieces(text))
    return [piece for piece in cut if is_filled(piece)]


def _spoken(script: Script, piece: str, values: Mapping[str, str]) -> Wording:
    text = filled(piece, values)
    read = read_aloud(text, script.pronounce)
    return Wording(text=text, voice=script.voice, speed=script.speed, reads=None if read == text else read)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the values of its variables.

    Raises:
        CoreMisuse: A variable has no value.
    """

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if not values.get(name):
            raise CoreMisuse(f"variable {name} has no value")
        return values[name]

    return VARIABLE.sub(fill, text)


def _with_slots(script: Script, piece: str, values: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The values with every answer that may have to be read back in this piece."""
    for name in VARIABLE.findall(piece):
        if (slot := script.slots().get(name)) is not None:
            return [{**values, name: spoken} for spoken in spoken_values(slot).values()]
    return [values]


MOST_READ_BACK = 200
"""An answer is read back from a clip; more clips than this are not rendered for one answer."""


def spoken_values(slot: Slot) -> Mapping[str, str]:
    """How each value of a slot is read back, by value; empty when there are too many to be rendered ahead."""
    match slot.type:
        case SlotType.YES_NO:
            return {name: slot.choices.get(name, (word,))[0] for name, word in (("yes", "是"), ("no", "不是"))}
        case SlotType.CHOICE:
            return {name: words[0] for name, words in slot.choices.items()}
        case SlotType.NUMBER if slot.least is not None and slot.most is not None:
            values = range(max(0, slot.least), slot.most + 1)
            return {str(n): spoken_number(n) for n in values} if len(values) <= MOST_READ_BACK else {}
        case _:
            return {}
