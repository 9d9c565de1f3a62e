"""The refusal detector, without any model."""

from __future__ import annotations

import pytest

from fairdial.core.dialogue.refusal import hard_refusal


@pytest.mark.parametrize(
    "sentence",
    [
        "别打了",
        "不要再给我打电话了。",
        "以后别再打过来",
        "我要投诉你们",
        "把我的号码删掉",
        "跟你说了多少遍了不需要",
        "你们烦不烦啊",
        "说了不需要,别再打了",
        "拉黑了啊",
        "我再说一次,不要打我电话",
        "请你们停止骚扰",
        "别 再 打 电 话 了",
    ],
)
def test_a_refusal_for_good_is_heard(sentence: str) -> None:
    assert hard_refusal(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "不用了谢谢",
        "我现在在开会,明天再打",
        "好的,你给我打电话吧",
        "别挂,我问一下",
        "那就不打扰你了",
        "可以打折吗",
        "是我,你说",
        "不要这个,有别的吗",
        "晚点再打给我",
        "让他打我电话吧",
        "你怎么有我的电话",
    ],
)
def test_what_only_resembles_a_refusal_is_spared(sentence: str) -> None:
    assert hard_refusal(sentence) is None
