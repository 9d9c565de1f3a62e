"""The shape of what a script says of finished calls: grades, tags, and messages that are owed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from fairdial.core.dialogue.meaning import Meaning
from fairdial.script_shape_parts import Bound, Grade, Name, Names, Shape, Text, one_or_several


class MessageShape(Shape):
    """A message that is owed to the person after the call; another system sends it. 通话以后要发的短信。"""

    text: Text = Field(description="Text; variables and answers in braces. 正文,可用变量和问到的信息。")


class BetweenShape(Shape):
    least: Bound | None = Field(default=None, description="At least. 至少。")
    most: Bound | None = Field(default=None, description="At most. 至多。")


def _wanted_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "between"
    return "several" if isinstance(value, list) else "number" if isinstance(value, int) else "one"


Wanted = Annotated[
    Annotated[Text, Tag("one")]
    | Annotated[Bound, Tag("number")]
    | Annotated[list[Text], Field(min_length=1, max_length=50), Tag("several")]
    | Annotated[BetweenShape, Tag("between")],
    Discriminator(_wanted_kind),
]
"""A value, a list of which one is enough, or bounds; `{}` is any answer."""


class ConditionShape(Shape):
    """Holds when everything written holds. 全部成立才算。"""

    reached: Names | None = Field(default=None, description="The call came to this step. 到过的步骤。")
    asked: Names | None = Field(
        default=None, description="A question was asked: ask_price … or one of `knowledge`. 问过的问题。"
    )
    heard: (
        Annotated[
            Annotated[Meaning, Tag("one")] | Annotated[list[Meaning], Field(min_length=1), Tag("several")],
            Discriminator(one_or_several),
        ]
        | None
    ) = Field(default=None, description="Something was meant. 听到过的意思。")
    answered: dict[Name, Wanted] | None = Field(
        default=None, description="Slot: value, values, or {least: 1, most: 6}. 问到的信息。"
    )
    outcome: Names | None = Field(default=None, description="How it ended. 结果。")


class GradeRuleShape(Shape):
    """A grade that a finished call gets. 等级规则。"""

    grade: Grade = Field(description="A–F. 等级。")
    when: ConditionShape = Field(description="Of what calls. 条件。")
    why: Text = Field(description="Why, for whoever reads the grade. 理由。")


class TagShape(Shape):
    """A tag that a finished call gets. 标签规则。"""

    tag: Name = Field(description="Tag. 标签。")
    when: ConditionShape = Field(description="Of what calls. 条件。")
