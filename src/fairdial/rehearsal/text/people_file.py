"""Read the people of a text rehearsal: those of the package, and a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.finding import meant
from fairdial.errors import InputError
from fairdial.rehearsal.text.people import MANDARIN, SITUATIONS, Goal, People, Person, Tired, Ways
from fairdial.script_shape_errors import shape_finding
from fairdial.script_shape_parts import Misfit, Shape
from fairdial.shaped_yaml import Shaped, read_shaped

Chance = Annotated[float, Field(ge=0, le=1)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Sentences = Annotated[tuple[Sentence, ...], Field(min_length=1)]


_SAID = tuple(sorted({*SITUATIONS, *(meaning.value for meaning in Meaning)}))
"""A meaning, or a situation that has words of its own."""


class PersonEntry(Shape):
    zh: str
    en: str = ""
    share: float = Field(default=1, ge=0, le=1_000_000)
    goal: Goal
    speaks: str = MANDARIN
    patience: int = Field(default=8, ge=1, le=100)
    when_tired: Tired = Tired.HANG_UP
    asks: dict[Meaning, Chance] = Field(default_factory=dict)
    curious: Chance = 0.0
    gives_in: Chance = 0.0
    hums: Chance = 0.05
    interrupts: Chance = 0.05
    quiet: Chance = 0.01
    hangs_up: Chance = 0.01


class PeopleFile(Shape):
    """`only` leaves the people of the package out; their ways of speaking stay."""

    only: bool = False
    model_config = ConfigDict(title="fairdial people")

    ways: dict[str, dict[Literal[_SAID], Sentences]] = Field(default_factory=dict)  # type: ignore[valid-type]
    people: dict[str, PersonEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _somebody(self) -> PeopleFile:
        if self.only and not any(person.share for person in self.people.values()):
            raise Misfit(
                ("only 之下没有人", "nobody is left under `only`"), ("写上人和份数", "give people with a share")
            )
        return self


def load_people(own: Path | None = None) -> People:
    """The people of the package, joined by those of a file; one of the same name takes the other's place.

    Raises:
        InputError: The file cannot be read or something in it is wrong; every problem is in one message.
    """
    with resources.as_file(resources.files("fairdial.rehearsal.text").joinpath("people.yaml")) as path:
        shipped = read_shaped(path, PeopleFile).value
    given = None if own is None else read_shaped(own, PeopleFile)
    file = PeopleFile() if given is None else given.value
    people = {**({} if file.only else shipped.people), **file.people}
    ways: Ways = {
        speaks: {**shipped.ways.get(speaks, {}), **file.ways.get(speaks, {})} for speaks in (*shipped.ways, *file.ways)
    }
    if given is not None and (wrong := [*_lost_ways(given, ways)]):
        raise InputError("\n".join(wrong))
    return People(people=tuple(Person(name=name, **dict(entry)) for name, entry in people.items()), ways=ways)


def _lost_ways(file: Shaped[PeopleFile], ways: Ways) -> Iterator[str]:
    """Everybody in a file whose way of speaking is written nowhere."""
    for name, person in file.value.people.items():
        if person.speaks not in ways:
            wrong = (f"没有 {person.speaks} 这种说话方式", f"there are no ways of {person.speaks}")
            where = ("people", name, "speaks")
            yield file.told(shape_finding("unknown-value", where, wrong, meant(person.speaks, ways)))
