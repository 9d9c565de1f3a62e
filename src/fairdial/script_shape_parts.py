"""What the shapes of a script file are made of: names, texts, grades, one or several."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

Name = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=60)]
"""A name: letters, digits, Chinese characters, `_`, `-`, `.`."""

OwnName = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$", max_length=60)]
"""A name this file gives; one with a dot belongs to a file that is included."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""Words that are spoken, 400 characters at most; variables in braces: 请问是{person}吗?"""

Reading = Annotated[str, StringConstraints(min_length=1, max_length=80)]
"""How a word of at most 20 characters is read: letters and figures have up to four syllables."""

Grade = Literal["A", "B", "C", "D", "E", "F"]


Bound = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
"""A bound of a number or amount: within a thousand million."""


class Misfit(ValueError):
    """Values of a shape that do not go together; what is wrong and the remedy, in both languages."""

    def __init__(self, wrong: tuple[str, str], fix: tuple[str, str]) -> None:
        super().__init__(f"{wrong[1]}; {fix[1]}")
        self.wrong, self.fix = wrong, fix


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def plain_or_other(value: Any) -> str:
    return "other" if isinstance(value, dict) else "plain"


def one_or_several(value: Any) -> str:
    return "several" if isinstance(value, list) else "one"


Names = Annotated[
    Annotated[Name, Tag("one")] | Annotated[list[Name], Field(min_length=1, max_length=50), Tag("several")],
    Discriminator(one_or_several),
]
"""One name, or a list of which one is enough."""
