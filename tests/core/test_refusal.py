"""The refusal detector, without any model."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from fairdial.core.dialogue.refusal import _BEGINS, _HARD, hard_refusal, refusal_for_good

_parser: Any = import_module("re._parser")
"""How Python reads a pattern; the module is its own affair and has no types."""


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
        "我这号码请从你们数据库里剔除",
        "我不同意你们给我打营销电话",
        "再打一次我跟你没完",
        "我要求你们停止一切营销来电",
        "第五次了还打",
        "说了不需要别坏达来",
        "你打妹啊打你妹",
        "大半夜打电话像话吗",
        "往后谁也别联系我",
        "我当初给的授权现在收回",
        "把我名字从你们表格里划掉",
        "给我放进免打扰名单",
        "覅再打来了",
        "昨天才说过不要打,今天又打过来",
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
        "你们有投诉电话吗",
        "你别打了我加你微信",
        "滚筒洗衣机多少钱",
        "黑名单客户能贷吗",
        "打几次针",
        "先别打我开完会打给你",
        "我一直打你们电话没人接",
        "中午别打,下午两点后打",
        "投诉专员在吗",
        "报警器多少钱",
        "烦请寄到单位",
        "滚轮坏了",
        "我没有报警",
        "你们的联系方式是什么",
        "放在桌上了",
        "别练习了,听我说",
    ],
)
def test_what_only_resembles_a_refusal_is_spared(sentence: str) -> None:
    assert hard_refusal(sentence) is None


@pytest.mark.parametrize("wish", ["以后别再打给我", "把我的号码删掉", "我不同意你们打电话", "永远不要联系我"])
def test_the_wish_itself_is_certain(wish: str) -> None:
    refusal = refusal_for_good(wish)
    assert refusal is not None and refusal.certain


@pytest.mark.parametrize("words", ["投诉", "那个骗子", "别打座机打我手机", "不用再打给他了,打给我就行", "别大了"])
def test_what_may_mean_something_else_is_not_certain(words: str) -> None:
    refusal = refusal_for_good(words)
    assert refusal is not None and not refusal.certain


def test_a_suspected_refusal_is_looked_for_wherever_one_can_begin() -> None:
    """The characters that spare the time of trying all patterns are the ones the patterns begin with."""
    patterns = _HARD.pattern.removeprefix(f"(?=[{_BEGINS}])")
    assert patterns != _HARD.pattern
    assert _beginnings(list(_parser.parse(patterns))) == set(_BEGINS)


def _beginnings(parsed: list[Any]) -> set[str]:
    """The characters a parsed pattern can begin with; "" among them when it can be empty."""
    found: set[str] = set()
    for op, of in parsed:
        match str(op):
            case "AT" | "ASSERT" | "ASSERT_NOT":
                continue
            case "LITERAL":
                return found | {chr(of)}
            case "IN":
                return found | {chr(code) for _, code in of}
            case "SUBPATTERN":
                some = _beginnings(list(of[3]))
            case "BRANCH":
                some = {begin for branch in of[1] for begin in _beginnings(list(branch))}
            case _:
                some = _beginnings(list(of[2])) | ({""} if of[0] == 0 else set())
        found |= some - {""}
        if "" not in some:
            return found
    return found | {""}
