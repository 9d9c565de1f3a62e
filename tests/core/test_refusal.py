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
        "莫打了",
        "甭再打了",
        "不要往我这里打",
        "一天打八个你们烦不烦",
        "我号码给我移出去",
        "换个号又打",
        "谁允许你们打的",
        "老是打电话来",
        "律师函等着收吧",
        "能不能别再打了",
        "谢谢" * 2000 + "别再打电话给我",
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
        "不用急,晚点再打给我",
        "现在别打,晚上再打",
        "我不能说话,过会再打",
        "不用讲了,直接办吧",
        "不用说了不需要",
        "不要联系方式",
        "我是他妈妈",
        "他妈不在家",
        "我妈的手机在我这",
        "你们是不是骗子",
        "利滚利吗",
        "我有病在住院",
        "你们电话一直打不通",
        "别停,接着讲",
        "看到你们广告你们打折吗",
        "能不能再打给我一次",
        "别打断我,听我说完",
        "能不能再打个折",
        "征信黑名单能办吗",
        "我没有投诉过",
        "我一直打你们电话没人接",
    ],
)
def test_what_only_resembles_a_refusal_is_spared(sentence: str) -> None:
    assert hard_refusal(sentence) is None
