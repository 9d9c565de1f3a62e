"""What a carrier's announcement says: from its words to a disposition.

Pure. Wordings differ by carrier and recognition garbles them, so phrases are looked
for by their syllables (`core/hearing/phrases.py`), the longer ones with one of
them wrong. A telling phrase counts within a carrier's frame: people say 关机 too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.phrases import phrases_by_sound, sounds_of

_FRAME = (
    "您拨打|所拨打|您呼叫|所呼叫|您拨叫|您拨的|您要的|您要找|您联系的|拨打的号码|拨打的电话|拨打的用户|呼叫的用户|这个号码|该号码|该用户|"
    "后再拨|候再拨|稍后重拨|重新拨打|重新核实|请重拨|请核对|请查证|请确认|请检查|请充值|请缴费|您查对|"
    "电话已停机|电话已关机|号码已停机|号码是空号|机主|对方|用户|您的来电|您的呼叫|您的通话|您的账户|您的话费|您本机|尊敬的|很抱歉|不要挂机|请挂机|别挂断|请稍等|请稍候"
)
"""What carriers say around it; any one of them makes a telling phrase an announcement's."""

_TELLING: tuple[tuple[Disposition, str], ...] = (
    (
        Disposition.CALLER_ARREARS,
        "您的电话已欠费|您的电话欠费|您的号码已欠费|您本机|话费余额不足|余额不足|您的账户余额|您的话费",
    ),
    (
        Disposition.BARRED,
        "呼入限制|限制呼入|限制了呼入|来电拦截|已被拦截|来电防火墙|被限制|拒绝接听此类|不接受此类|呼出限制|限制呼出|黑名单|拒接来电",
    ),
    (
        Disposition.VOICEMAIL,
        "语音信箱|语音留言|留言服务|留言信箱|秘书台|滴声后|提示音后|嘟声后|哔声后|嘀声|请留言",
    ),
    (Disposition.FORWARDED, "呼叫转移|来电转移|正在转接|正在为您转接|转往机主|已转移到"),
    (Disposition.INVALID_NUMBER, "空号|不存在|号码有误|没有启用|尚未启用|未启用|未分配|未开通|号码错误"),
    (Disposition.SUSPENDED, "停机|欠费|暂停服|已暂停|停止服务|停止使用|已被暂停|办理报停"),
    (Disposition.POWERED_OFF, "关机|没有开机|未开机"),
    (Disposition.BUSY, "通话中|正在通话|占线|正忙|在与他人通话|方正在打电话|线路忙|忙线"),
    (Disposition.UNREACHABLE, "无法接通|不在服务区|覆盖范围|接不通|未能接通|信号不好|联系不上|暂时不能接通|网络忙"),
    (Disposition.NO_ANSWER, "无人接听|无应答|没有应答|无人应答|没有人接听"),
    (Disposition.CALL_REMINDER, "来电提醒|短信通知|短信方式通知|短信形式|短信告知|短信告诉|漏话提醒|来电信息"),
)
"""The more specific come first."""

_IN_THE_END: tuple[tuple[Disposition, str], ...] = ((Disposition.UNREACHABLE, "无法接听|暂时无法|不方便接听|不能接听"),)
"""What may go on to say more (…转接到语音信箱): it counts when the announcement is over."""

_AFTER_THE_NUMBER = tuple(
    (disposition, re.compile(rf"(?:da|jiao) de (?:\S+ ){{2,4}}{sounds}\b"))
    for disposition, sounds in ((Disposition.SUSPENDED, r"tin ji\w*"), (Disposition.POWERED_OFF, r"guan ji\w*"))
)
"""您拨打的电话已…: here a worn last syllable is enough (关机 is written 关键, 关节)."""

_ENGLISH: tuple[tuple[Disposition, str], ...] = (
    (Disposition.INVALID_NUMBER, "not exist|n.t exist|not in service|not in use|invalid|not valid|vacant|unallocated"),
    (Disposition.SUSPENDED, "out of service|suspended|disconnected"),
    (Disposition.POWERED_OFF, "power(?:ed)?[ -]?of|switch(?:ed)?[ -]?of|turned of"),
    (Disposition.CALLER_ARREARS, "insufficient|your account|your balance|balance is"),
    (Disposition.BARRED, "barred|restricted|blocked|rejected"),
    (Disposition.VOICEMAIL, "voice ?mail|mailbox|after the (?:tone|beep)|leave a message"),
    (Disposition.FORWARDED, "forward|transferr?ed"),
    (Disposition.BUSY, "is busy|busy now|engaged|another call|on the (?:phone|line)"),
    (
        Disposition.UNREACHABLE,
        "be (?:connected|reached)|unavailable|out of reach|not reachable",
    ),
    (Disposition.NO_ANSWER, "not answer|no answer|no reply"),
)
_ENGLISH_FRAME = re.compile("subscriber|number|dial|call|phone|person|line|sorry|customer|service|please|account")


_FRAME_SOUNDS = phrases_by_sound(_FRAME)
_TELLING_SOUNDS = tuple((disposition, phrases_by_sound(phrases)) for disposition, phrases in _TELLING)
_END_SOUNDS = tuple((disposition, phrases_by_sound(phrases)) for disposition, phrases in _IN_THE_END)
_ENGLISH_SOUNDS = tuple((disposition, re.compile(words)) for disposition, words in _ENGLISH)


@lru_cache(maxsize=256)
def announced(text: str, *, is_over: bool = True) -> Disposition | None:
    """Find what an announcement says about the number; None when it says nothing known.

    Args:
        text: What has been recognised of it so far, Chinese and English.
        is_over: Whether it has come to an end; until then only what can be nothing else is said.
    """
    sounds = sounds_of(text)
    if _FRAME_SOUNDS.search(sounds):
        for disposition, pattern in _TELLING_SOUNDS + _AFTER_THE_NUMBER + (_END_SOUNDS if is_over else ()):
            if pattern.search(sounds):
                return disposition
    english = text.lower()
    if _ENGLISH_FRAME.search(english):
        for disposition, pattern in _ENGLISH_SOUNDS:
            if pattern.search(english):
                return disposition
    return None


_BY_STATUS = {
    404: Disposition.INVALID_NUMBER,
    410: Disposition.INVALID_NUMBER,
    484: Disposition.INVALID_NUMBER,
    408: Disposition.NO_ANSWER,
    480: Disposition.NO_ANSWER,
    487: Disposition.NO_ANSWER,
    486: Disposition.BUSY,
    600: Disposition.BUSY,
    603: Disposition.REJECTED,
    607: Disposition.REJECTED,
    608: Disposition.REJECTED,
}
"""SIP final statuses (RFC 3261 section 21; 607 RFC 8197; 608 RFC 8688).

403 is the trunk forbidding us, not the person, and stays `failed`.
"""


def refused_with(status: int | None) -> Disposition:
    """The disposition of a call that was never answered, by its SIP status."""
    return _BY_STATUS.get(status or 0, Disposition.FAILED)
