"""What scripts may not say or teach is found however it is written, and plain words stay a script's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.lint_opening import denies_artificial
from fairdial.core.script.lint_way_out import tells_way_out
from fairdial.core.script.protected import plainly
from fairdial.core.script.words import heard
from tests.core.scripts import renewal

HIDING = st.lists(
    st.sampled_from(["\u200b", "\u2060", "\ufeff", "\u00ad", "\ufe0f", " ", "\u3000", ".", "·", "-", "“"]), max_size=3
)


@given(st.lists(HIDING, min_size=2, max_size=2), st.sampled_from(["国家级", "國家級", "國家级"]))
def test_law_a_word_is_found_whatever_is_strewn_into_it(hidden: list[list[str]], word: str) -> None:
    written = word[0] + "".join(hidden[0]) + word[1] + "".join(hidden[1]) + word[2]
    assert "国家级" in heard(f"我们的{written}课程")


def test_a_pause_is_no_way_to_make_a_word_of_two() -> None:
    assert heard("效果最,好的是这样") == "效果最,好的是这样"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("我真的不需要,谢谢", Meaning.REFUSE_SOFT),
        ("没兴趣", Meaning.REFUSE_SOFT),
        ("算了吧", Meaning.REFUSE_SOFT),
        ("不想听了", Meaning.REFUSE_SOFT),
        ("以后别再打了", Meaning.REFUSE_HARD),
        ("我要找人工", Meaning.ASK_HUMAN),
        ("你打错了", Meaning.WRONG_NUMBER),
        ("我是她女儿", Meaning.THIRD_PARTY),
        ("我在住院", Meaning.VULNERABLE),
        ("我今年八岁", Meaning.VULNERABLE),
        ("没修好", None),
        ("还是不行", None),
        ("不满意", None),
        ("不要紧", None),
        ("孩子八岁", None),
        ("我今年四十八岁", None),
        ("要不要带文具", None),
        ("住院能报销吗", None),
        ("你是真人吗", None),
    ],
)
def test_only_what_is_plain_is_taken_out_of_a_scripts_hands(text: str, meaning: Meaning | None) -> None:
    assert plainly(text) is meaning


@pytest.mark.parametrize(
    ("text", "denies"),
    [
        ("我不是机器人", True),
        ("我不是機器人", True),
        ("声音并非合成", True),
        ("没有用人工智能", True),
        ("我是真人客服", True),
        ("您好,我是一位真人", True),
        ("是的,我是人工智能语音助手,不是真人", False),
        ("您问我是不是机器人,是的", False),
        ("非常感谢,声音由人工智能合成", False),
        ("稍后有真人顾问联系您", False),
    ],
)
def test_a_voice_that_passes_for_a_persons_is_told_from_one_that_says_it_is_none(text: str, denies: bool) -> None:
    assert (denies_artificial(text) is not None) == denies


@pytest.mark.parametrize(
    ("text", "is_way"),
    [
        ("不想再接到这样的电话,随时说不要再打就可以", True),
        ("如果不希望再接到来电,请告诉我", True),
        ("说别再打了就可以", True),
        ("请您不要再打断我", False),
        ("我们不再联系您", False),
        ("不想打扰您", False),
        ("打折的时候再打给您", False),
        ("请按9", False),
    ],
)
def test_a_way_to_refuse_says_how_not_to_be_called(text: str, is_way: bool) -> None:
    assert tells_way_out(renewal(), text) == is_way
