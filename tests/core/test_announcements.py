"""What announcements say, and what only sounds like one."""

from __future__ import annotations

import pytest

from fairdial.core.hearing.announcements import announced

SAYS = (
    ("对不起,您拨打的号码是空号,请核对后再拨。", "invalid_number"),
    ("您好,您所拨打的号码不存在", "invalid_number"),
    ("对不起,您拨打的电话已停机", "suspended"),
    ("对不起,您拨打的电话因欠费已停机", "suspended"),
    ("您好,您的电话已欠费,请充值后再拨", "caller_arrears"),
    ("对不起,您拨打的电话已关机", "powered_off"),
    ("对不起您拨打的用户正在通话中", "busy"),
    ("您拨打的用户不在服务区", "unreachable"),
    ("您拨打的电话暂时无人接听,请稍后再拨", "no_answer"),
    ("对不起,您拨打的用户已设置呼入限制", "barred"),
    ("您拨打的电话已设置呼叫转移,正在为您转接,请稍候", "forwarded"),
    ("您拨打的用户现在无法接听,您的通话将被转接到语音信箱", "voicemail"),
    ("您拨打的用户已开通来电提醒,我们将以短信方式通知机主", "call_reminder"),
    # as recognition writes them
    ("对不起您拨打的电话已官机", "powered_off"),
    ("你好您拨打的耗吗是控号请合对后再播", "invalid_number"),
    ("对不起您拨打的电话已庭机", "suspended"),
    ("你好。你好。我电话以停机。", "suspended"),
    ("对不起您拨打的电话以停击", "suspended"),
    ("最不起您拨打的电话与关节", "powered_off"),
    ("您好您的电话,已千费,请", "caller_arrears"),
    ("Sorry, the subscriber you dialed is power off.", "powered_off"),
    ("sorry the number you dial does not exist please check it and dial later", "invalid_number"),
    ("sorry the subscriber you dialed can not be connected for the moment", "unreachable"),
    # whose telephone it is that was suspended
    ("名的手机已欠费停机,请尽快充值", "caller_arrears"),
    ("对不起,您的主叫号码已停机,请缴清话费", "caller_arrears"),
    ("对不起,您拨打的号码因欠费停机", "suspended"),
    # what sounds like it
    ("您好,请不要挂机", None),
    ("尊敬的客户,您拨打的号码处于停", None),
    # what people say
    ("恩,好的,我一定记住你", None),
    ("我没授权你们给我打电话,请停止", None),
    ("好我是周韵现在不方便接听您的电话", None),
    ("你的电话显示有问题", None),
    ("我话费余额不足", None),
    ("还没回短信,稍等", None),
    ("我手机快关机了,你快说", None),
    ("他那个号码停机了", None),
    ("我正在通话中,等会儿打过来", None),
    ("别再打电话了", None),
    ("对不起,今天心情不好", None),
    ("I am busy now", None),
    ("", None),
)


@pytest.mark.parametrize(("text", "disposition"), SAYS)
def test_an_announcement_says_what_it_says_and_a_person_says_none(text: str, disposition: str | None) -> None:
    assert announced(text) == disposition


def test_what_may_go_on_to_say_more_waits_for_its_end() -> None:
    """…暂时无法接听 was `unreachable` although 语音信箱 came next."""
    assert announced("您拨打的用户暂时无法接听", is_over=False) is None
    assert announced("您拨打的用户暂时无法接听") == "unreachable"
    assert announced("您拨打的用户暂时无法接听,请在滴声后留言", is_over=False) == "voicemail"
    assert announced("对不起,您拨打的电话已关机", is_over=False) == "powered_off"


def test_a_word_that_is_still_being_said_decides_once_it_can_be_no_other() -> None:
    """已停 was heard where 已经注销 was being said."""
    assert announced("您拨打的用户正在通", is_over=False) == "busy"
    assert announced("您拨打的用户正在通") is None
    assert announced("您好,您拨打的号码,已停", is_over=False) is None
    assert announced("您拨打的用户暂时无法接", is_over=False) is None
