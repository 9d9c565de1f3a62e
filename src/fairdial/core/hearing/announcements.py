"""What a carrier's announcement says: from its words to a disposition.

Pure. Wordings differ by carrier and recognition garbles them, so phrases are looked
for by their syllables, worn ones too (`core/hearing/phrase_odds.py`). A telling
phrase counts within a carrier's frame: people say 关机 too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fairdial.core.call_record import Disposition
from fairdial.core.hearing.phrase_odds import PhraseBook
from fairdial.core.hearing.phrases import sounds_of

_FRAME = (
    "您拨打|所拨打|您呼叫|所呼叫|您拨叫|您拨的|您要的|您要找|您联系的|要联系的|拨打的号码|拨打的电话|拨打的用户|呼叫的用户|"
    "这个号码|该号码|该用户|用户|机主|对方|主叫|请在|如需|您正在接|"
    "您的电话被|您的来电|您的呼叫|您的通话|本次呼叫|您的账户|您的话费|您的余额|您本机|尊敬的|很抱歉|"
    "后再拨|候再拨|后再试|后重拨|重新拨打|重新核实|请重拨|请核对|请查证|请查询|请确认|请检查|您查对|请充值|请缴费|尽快充值|及时充值|"
    "电话已停机|电话已关机|号码已停机|号码是空号|不要挂断|请挂断|别挂断|请稍等|请稍候"
)
"""What carriers say around it; any one of them makes a telling phrase an announcement's."""

_OURS, _OWING = (
    ["您的电话", "您的号码", "您的手机", "您的账户", "您的话费", "您的主叫", "您本机"],
    ["欠费", "停机", "不足"],
)

_TELLING: tuple[tuple[Disposition | None, str], ...] = (
    (
        Disposition.CALLER_ARREARS,
        "余额不足|话费不足|您的账户余额|" + "|".join(f"{ours}…{owing}" for ours in _OURS for owing in _OWING),
    ),
    (
        Disposition.BARRED,
        "呼入限制|限制呼入|限制了呼入|呼出限制|限制呼出|被限制|来电拦截|骚扰拦截|被拦截|来电防火墙|防骚扰|拒绝接听此类|不接受此类|拒接来电|拒接陌生|"
        "黑名单|没有权限|无权拨打",
    ),
    (
        Disposition.VOICEMAIL,
        "语音信箱|语音留言|留言服务|留言信箱|秘书台|滴声后|提示音后|音之后|嘟声后|哔声后|嘀声|嘟的一声|滴的一声|请留言|声后留言|留下口信|开始留言|开始录音",
    ),
    (Disposition.FORWARDED, "呼叫转移|来电转移|来电转接|呼叫前转|正在转接|正转接|正在转移|为您转接|转往机主|已转移到"),
    (
        Disposition.INVALID_NUMBER,
        "空号|是空号|不存在|号码有误|号码错误|没有这个|没有启用|尚未启用|未启用|未分配|未开通|未投入使用|已注销|已经注销|已过期",
    ),
    (
        Disposition.SUSPENDED,
        "停机|欠费|暂停服|暂停使用|暂停通话|已暂停|已被暂停|停止服务|停止使用|停用|办理报停",
    ),
    (Disposition.POWERED_OFF, "关机|已关机|没有开机|未开机|没开机"),
    (Disposition.BUSY, "通话中|正在通话|占线|正忙|与他人通话|和别人通话|方正在打电话|路忙|忙线"),
    (
        Disposition.UNREACHABLE,
        "无法接通|不能接通|未能接通|接不通|无法接续|不在服务区|超出服务区|覆盖范围|信号不好|信号弱|联系不上|网络忙|网络繁忙|线路故障",
    ),
    (Disposition.NO_ANSWER, "无人接听|没有人接听|没人接听|未接听|无应答|没有应答|无人应答"),
    (
        Disposition.CALL_REMINDER,
        "来电提醒|来电提示|短信通知|短信方式|短信形式|短信告知|短信告诉|短信提醒|发短信|短信发送|漏话提醒|来电信息",
    ),
    (None, "无法接听|不方便接听|不能接听|暂时无法接"),
)
"""Of those heard equally well the first counts. None may go on (…转接到语音信箱): `unreachable` when nothing more was said."""

_HANG_UP = ("gua ji", "gua duan")
"""请不要挂机 is nearly 关机: it is read as 挂断."""

_TRUE = 0.6
"""Least share of a phrase's most odds: of two syllables one may be worn, of four half of one another; one may still be to come."""

_WELL = 0.85
"""Share from which phrases are heard equally well: of four syllables one may be worn."""

_BOUND, _WORN_BOUND = 16.0, 20.0
"""Log-odds of frame and telling phrase together, when every syllable of the latter is as it should be, and otherwise."""

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
        "be (?:connected|reached)|unavailable|not available|out of reach|not reachable",
    ),
    (Disposition.NO_ANSWER, "not answer|no answer|no reply"),
)
_ENGLISH_FRAME = re.compile("subscriber|number|dial|call|phone|person|line|sorry|customer|service|please|account")


_PHRASES = PhraseBook([_FRAME, *(phrases for _, phrases in _TELLING)])
_ENGLISH_SOUNDS = tuple((disposition, re.compile(words)) for disposition, words in _ENGLISH)


@lru_cache(maxsize=256)
def announced(text: str, *, is_over: bool = True) -> Disposition | None:
    """Find what an announcement says about the number; None when it says nothing known.

    Args:
        text: What has been recognised of it so far, Chinese and English.
        is_over: Whether it has come to an end; until then only what can be nothing else is said.
    """
    heard = tuple(sounds_of(text).replace(*_HANG_UP).split())
    frame, *found = _PHRASES.likeliest(heard, at_least=_TRUE, is_cut=not is_over)
    enough = [
        (min(said.share, _WELL), meant)
        for (meant, _), said in zip(_TELLING, found, strict=True)
        if min(frame.odds, said.odds) > 0 and frame.odds + said.odds >= (_BOUND if said.share == 1.0 else _WORN_BOUND)
    ]
    if enough:
        best, meant = max(enough, key=lambda one: one[0])
        is_open = meant is None or (best < _WELL and sum(share == best for share, _ in enough) > 1)
        if is_over or not is_open:
            return meant or Disposition.UNREACHABLE
    english = text.lower()
    if _ENGLISH_FRAME.search(english):
        for disposition, pattern in _ENGLISH_SOUNDS:
            if pattern.search(english):
                return disposition
    return None
