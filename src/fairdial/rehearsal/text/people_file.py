"""Read the people of a text rehearsal: those of the package, and a file of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.errors import InputError
from fairdial.rehearsal.text.people import MANDARIN, SITUATIONS, Goal, People, Person, Tired, Ways
from fairdial.yaml_lines import LinedYaml, YamlTrouble

MOST_BYTES = 256 * 1024

Chance = Annotated[float, Field(ge=0, le=1)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_KEYS = SITUATIONS | set(Meaning)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonEntry(_Entry):
    zh: str
    en: str = ""
    share: float = Field(default=1, ge=0, le=1_000_000)
    goal: Goal
    speaks: str = MANDARIN
    patience: int = Field(default=8, ge=1, le=100)
    when_tired: Tired = Tired.HANG_UP
    asks: dict[Meaning, Chance] = {}
    curious: Chance = 0.0
    gives_in: Chance = 0.0
    hums: Chance = 0.05
    interrupts: Chance = 0.05
    quiet: Chance = 0.01
    hangs_up: Chance = 0.01


class PeopleFile(_Entry):
    """`only` leaves the people of the package out; their ways of speaking stay."""

    only: bool = False
    ways: dict[str, dict[str, Annotated[tuple[Sentence, ...], Field(min_length=1)]]] = {}
    people: dict[str, PersonEntry] = {}

    @field_validator("ways")
    @classmethod
    def _known_keys(cls, ways: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        unknown = sorted({key for way in ways.values() for key in way} - _KEYS)
        if unknown:
            raise ValueError(f"没有这种说法 no such meaning or situation: {', '.join(unknown)}")
        return ways

    @model_validator(mode="after")
    def _somebody(self) -> PeopleFile:
        if self.only and not any(person.share for person in self.people.values()):
            raise ValueError("only 之下没有人 only: nobody is left; give people with a share 写上人和份数")
        return self


def load_people(own: Path | None = None) -> People:
    """The people of the package, joined by those of a file; one of the same name takes the other's place.

    Raises:
        InputError: The file cannot be read or something in it is wrong; every problem is in one message.
    """
    shipped = _read("people.yaml", resources.files("fairdial.rehearsal.text").joinpath("people.yaml").read_bytes())
    file = PeopleFile() if own is None else _read(str(own), _bytes(own))
    people = {**({} if file.only else shipped.people), **file.people}
    ways: Ways = {
        speaks: {**shipped.ways.get(speaks, {}), **file.ways.get(speaks, {})} for speaks in (*shipped.ways, *file.ways)
    }
    wrong = [
        f"{own}: people.{name}.speaks: 没有 no ways of {p.speaks}" for name, p in people.items() if p.speaks not in ways
    ]
    if wrong:
        raise InputError("\n".join(wrong))
    return People(people=tuple(Person(name=name, **dict(entry)) for name, entry in people.items()), ways=ways)


def _read(name: str, content: bytes) -> PeopleFile:
    try:
        return PeopleFile.model_validate(LinedYaml(content.decode("utf-8-sig")).content)
    except YamlTrouble as error:
        raise InputError(
            f"{name}:{error.line}:{error.column}: {error.zh};{error.fix_zh}。 {error.en}; {error.fix_en}"
        ) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{name}: 不是 YAML cannot be read as YAML ({error})") from error
    except ValidationError as error:
        places = (
            (".".join(str(part) for part in p["loc"]) or "(整个文件 the whole file)", p["msg"]) for p in error.errors()
        )
        raise InputError("\n".join(f"{name}: {place}: {message}" for place, message in places)) from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: 无法读取 cannot be read ({error.strerror})") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}: 超过 over {MOST_BYTES // 1024} KB; 请拆分 split it")
    return content
