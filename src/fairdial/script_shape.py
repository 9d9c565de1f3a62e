"""The shape of a script file: what the JSON Schema publishes and what every error of shape is found with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, field_validator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Level, Purpose, Says
from fairdial.core.script.fields import SOURCES
from fairdial.core.script.model import SlotType
from fairdial.core.script.parse import LISTEN_FIRST_S, LONGEST_CALL_S
from fairdial.script_shape_after import GradeRuleShape, MessageShape, TagShape
from fairdial.script_shape_parts import (
    Bound,
    Grade,
    Misfit,
    Name,
    OwnName,
    Reading,
    Shape,
    Text,
    one_or_several,
    plain_or_other,
)

Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
Milliseconds = Annotated[int, Field(ge=100, le=10_000)]


class VariableShape(Shape):
    """A value of the contact that is spoken. 随客户变化的内容。"""

    from_: Literal[SOURCES] = Field(alias="from", description="Field of the contact. 客户字段。")  # type: ignore[valid-type]
    level: Level = Field(description="Who and what may read it. 信息级别。")


class AnswerShape(Shape):
    """Answer, then ask the step's question again. 回答,然后再问一遍。"""

    answer: Name | None = Field(description="Line that answers; null repeats what was said. 回答的句名;null 重复。")
    interest: Grade | None = Field(default=None, description="Interest shown by asking. 意向等级。")
    send: Name | None = Field(default=None, description="Message that is owed then. 之后要发的短信。")


Reaction = Annotated[
    Annotated[Name, Tag("plain")] | Annotated[AnswerShape, Tag("other")],
    Discriminator(plain_or_other),
]
"""The step an answer leads to, or `{answer: LINE}`."""

Answers = dict[Meaning, Reaction]


class HandOverShape(Shape):
    """Who takes over after the call. 交接。"""

    to: Text = Field(description="Person or team. 交给谁。")


class EndShape(Shape):
    """How the call ends here. 结束。"""

    grade: Grade = Field(description="Interest of the person, A–F. 意向等级。")
    outcome: Name = Field(description="What became of the call; call_later schedules a call-back. 结果。")
    refusal: Literal["hard", "soft", "wrong_number"] | None = Field(
        default=None, description="Recorded before the goodbye is spoken. 先登记拒绝,再说再见。"
    )
    hand_over: HandOverShape | None = Field(default=None, description="Who takes over. 交给谁。")


Wordings = Annotated[
    Annotated[Text, Tag("one")] | Annotated[list[Text], Field(min_length=1, max_length=12), Tag("several")],
    Discriminator(one_or_several),
]
"""One text, or several that mean the same; each contact always hears the same one."""


class SlotShape(Shape):
    """Something the step asks for. 要问到的信息。"""

    name: Name = Field(description="Name of the answer, and its variable in lines. 名称。")
    type: SlotType = Field(description="What kind of answer. 类型。")
    then: Name = Field(description="Step that follows once it is known. 问到以后去哪一步。")
    least: Bound | None = Field(default=None, description="Least number or amount (yuan). 最小值。")
    most: Bound | None = Field(default=None, description="Greatest number or amount (yuan). 最大值。")
    choices: dict[Name, Wordings] | None = Field(
        default=None,
        description="For choice (and for yes and no of yes_no): the words people say; the first is read back. 选项。",
    )
    confirm: Name | None = Field(default=None, description="Line that asks whether it was understood right. 确认句。")


class PatienceShape(Shape):
    after_ms: Milliseconds = Field(description="Voice that goes on this long stops the words. 说多久算打断。")


Interrupt = Annotated[
    Annotated[Literal["words", "never"], Tag("plain")] | Annotated[PatienceShape, Tag("other")],
    Discriminator(plain_or_other),
]


class StepShape(Shape):
    """One step: something said and what may be answered. 步骤。"""

    say: Name | None = Field(default=None, description="Line said on entering. 进入时说的句名。")
    again: Name | None = Field(default=None, description="Line that asks once more. 再问一遍的句名。")
    question: Literal["fact", "offer", "time"] | None = Field(
        default=None, description="What is asked: 不是 denies a fact and declines an offer. 问的是什么。"
    )
    interest: Grade | None = Field(default=None, description="Interest shown by coming here. 意向等级。")
    next: Answers | None = Field(default=None, description="Answers and where they lead. 听到什么,去哪一步。")
    slot: SlotShape | None = Field(default=None, description="What the step asks for. 要问到的信息。")
    interrupt: Interrupt | None = Field(
        default=None, description="words: only understood words stop us; never: only a refusal does. 打断方式。"
    )
    send: Name | None = Field(default=None, description="Message that is owed on coming here. 来到这里就要发的短信。")
    end: EndShape | None = Field(default=None, description="The call ends here. 通话到此结束。")


class LadderShape(Shape):
    """What is said again and again, and what then. 重复几次,然后去哪一步。"""

    say: Name = Field(description="Line. 句名。")
    times: int = Field(ge=0, le=5, description="How often. 次数。")
    then: Name = Field(description="Ending that follows. 然后去的结束步骤。")


class SilenceShape(LadderShape):
    after_s: float = Field(ge=1, le=20, description="Seconds of silence. 沉默秒数。")


class KnownShape(Shape):
    """A question of the script's own, and its answer. 知识问答。"""

    asked: list[Text] = Field(min_length=1, max_length=50, description="What people say who ask it, 5 to 20. 问法。")
    answer: Name = Field(description="Line that answers; then the step's question is asked again. 回答的句名。")
    interest: Grade | None = Field(default=None, description="Interest shown by asking. 意向等级。")
    send: Name | None = Field(default=None, description="Message that is owed then. 之后要发的短信。")


class ByValueShape(Shape):
    """Which step follows is decided by what is known of the contact. 按客户分支。"""

    of: Name = Field(description="Variable; it need not be spoken. 变量,不必说出来。")
    cases: dict[Text, Name] = Field(min_length=1, description="Value: step or branch. 值:步骤或分支。")
    otherwise: Name = Field(description="For any other value, or none. 其他值,或者没有值。")


class ArmShape(Shape):
    to: Name = Field(description="Step or branch. 步骤或分支。")
    share: int = Field(default=1, ge=1, le=100, description="Share beside those of the other arms. 份额。")


class SplitShape(Shape):
    """Contacts are shared out by a keyed hash, for comparison; a contact always takes the same arm. 对照分组。"""

    split: dict[
        OwnName,
        Annotated[Annotated[Name, Tag("plain")] | Annotated[ArmShape, Tag("other")], Discriminator(plain_or_other)],
    ] = Field(min_length=1, description="Arm: step or branch, or {to: STEP, share: 3}. 组名:去哪一步。")


def _branch_kind(value: Any) -> str:
    return "split" if isinstance(value, dict) and "split" in value else "value"


BranchShape = Annotated[
    Annotated[ByValueShape, Tag("value")] | Annotated[SplitShape, Tag("split")], Discriminator(_branch_kind)
]


class FragmentShape(Shape):
    """A file that scripts include: steps and lines they share. 多个话术共用的片段。"""

    model_config = ConfigDict(title="fairdial script fragment", extra="forbid", strict=True, frozen=True)

    lines: dict[OwnName, Wordings] = Field(min_length=1, description="What it says. 话术句。")
    steps: dict[OwnName, StepShape] | None = Field(default=None, description="Steps. 步骤。")
    anywhere: Answers | None = Field(
        default=None, description="Answers where the script has none. 任何一步都听得懂的。"
    )


class ScriptShape(Shape):
    """A script: who calls, what is said, what may be answered. 话术。"""

    model_config = ConfigDict(title="fairdial script", extra="forbid", strict=True, frozen=True)

    script: Name = Field(description="Name of the script. 话术名称。")
    title: Text = Field(description="Title for people. 标题。")
    purpose: Purpose = Field(description="Why it calls. 目的。")
    company: Text = Field(description="For whom it calls; the opening says it. 代表谁来电。")
    voice: Name = Field(description="Voice of the clips. 音色。")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Speed, 1.0 is natural. 语速。")
    pronounce: dict[Annotated[str, StringConstraints(min_length=1, max_length=20)], Reading] | None = Field(
        default=None, description="How words are read: {重庆: 虫庆}, written with characters that sound right. 读音。"
    )
    topics: list[Name] | None = Field(default=None, description="What it is about, for rules that ask. 主题。")
    tells: dict[Says, Name] = Field(
        description="What the person is told, and by which line. 向对方说明什么,由哪一句说。"
    )
    variables: dict[Name, VariableShape] | None = Field(default=None, description="Values spoken. 变量。")
    lines: dict[OwnName, Wordings] = Field(min_length=1, description="Everything that is said. 全部话术句。")
    start: Name = Field(description="First step. 第一步。")
    steps: dict[OwnName, StepShape] = Field(min_length=1, description="Steps. 步骤。")
    anywhere: Answers = Field(description="Answers understood at every step. 任何一步都听得懂的。")
    knowledge: dict[OwnName, KnownShape] | None = Field(
        default=None, max_length=200, description="Questions of its own, answered at every step. 知识问答。"
    )
    branches: dict[OwnName, BranchShape] | None = Field(
        default=None, max_length=200, description="Names that lead to one of several steps; used like a step. 分支。"
    )
    keys: dict[Key, Meaning] | None = Field(
        default=None, description='What a pressed key says: {"9": refuse_hard}. 按键的含义。'
    )
    silence: SilenceShape = Field(description="Nobody speaks. 对方沉默。")
    unclear: LadderShape = Field(description="Nothing was understood. 没听懂。")
    stopping: Name = Field(description="Goodbye when the operator stops the campaign. 任务中止时的再见。")
    listen_first_s: float = Field(
        default=LISTEN_FIRST_S,
        ge=0,
        le=1.0,
        description="Seconds the person may speak first after the answer; 0: we do. 接通后先等对方开口的秒数。",
    )
    longest_s: float = Field(
        default=LONGEST_CALL_S, ge=20, le=1800, description="Longest call in seconds. 最长通话秒数。"
    )
    understand: dict[Meaning, Annotated[list[Text], Field(min_length=2, max_length=50)]] | None = Field(
        default=None, description="Sentences of its own by what they mean, 5 to 20 each. 自己的说法。"
    )
    messages: dict[OwnName, MessageShape] | None = Field(default=None, description="Messages owed. 短信。")
    grading: Annotated[list[GradeRuleShape], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Grades of finished calls; the first rule that holds counts. 等级规则,先成立的算。"
    )
    tags: Annotated[list[TagShape], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Tags of finished calls. 标签。"
    )
    include: dict[OwnName, Text] | None = Field(
        default=None,
        max_length=20,
        description="Shared files by prefix: {common: common.yaml}; then common.left is its step. 共用片段。",
    )
    claims: dict[Name, Text] | None = Field(
        default=None, description="Lines that claim something, and where the evidence lies. 有宣称的句子和证据。"
    )

    @field_validator("knowledge")
    @classmethod
    def _few_questions(cls, knowledge: dict[str, KnownShape] | None) -> dict[str, KnownShape] | None:
        """Every way to ask is compared with those that sound like it."""
        count = sum(len(known.asked) for known in (knowledge or {}).values())
        if count > MOST_ASKED:
            raise Misfit(
                (
                    f"knowledge 一共有 {count} 种问法,最多 {MOST_ASKED}",
                    f"`knowledge` has {count} ways to ask, at most {MOST_ASKED}",
                ),
                ("每个问题留下 5 到 20 种问法", "leave 5 to 20 ways to each question"),
            )
        return knowledge


MOST_ASKED = 2000
"""Ways to ask in all; the largest of the examples has fewer than a hundred."""


def script_schema() -> dict[str, Any]:
    """The JSON Schema of a script (docs/script.schema.json), for editors and other tools."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ScriptShape.model_json_schema()}
