"""Hear a refusal without any model.

Pure and model-free: patterns over characters. A hard refusal (do not call,
complaint, anger, threat) ends the call and is recorded for good, so the
patterns look for the wish itself; `_SPARED` holds what only resembles it.
"""

from __future__ import annotations

import re
import unicodedata

from fairdial.core.dialogue.sound_alike import syllables

LONGEST = 10_000
"""Characters looked at, so that the time stays bounded."""

_STOP = "(?:别|不要|不许|不准|(?<!能)不能|请勿|勿|莫|甭|停止|不必|不用|禁止|唔好|冇|(?<![多至])少)"
_NEVER = "(?:别|不要|不许|不准|请勿|莫|甭|停止|禁止|唔好|冇|(?<![多至不])少)"
_AGAIN = "(?:[再在还]|老是?|总是?|老|又|一直|天天|每天|整天|成天|继续)"
_CALL = "(?:[打达答搭](?!.{0,2}折|[赏开包非造牌球针孩架断岔游扫字车错])|拨|来电|联系(?!方式|人)|联络|骚扰|打扰|烦(?!恼)|找我|推销|呼叫)"
_LATER = "(?!晚|等|过会|过一|明|下午|下班|中午|改天|回头|后天|周|现在)."
_MANY = "(?:多少|[几两三四五六七八九十百]+|好几|十几|几十|好多|很多|无数)"
_OFTEN = f"{_MANY}(?:次|遍|回)"
_TIMES = f"{_MANY}(?:次|遍|回|个|通)"

_HARD = re.compile(
    "|".join(
        (
            # the wish not to be called
            f"{_STOP}(?:{_LATER}){{0,3}}?{_AGAIN}(?:{_LATER}){{0,6}}?{_CALL}",
            f"{_NEVER}{_AGAIN}?(?:给我|跟我|向我|往我|对我|来|往|拿机器|用机器人?|乱){{0,2}}{_CALL}",
            f"{_NEVER}往.{{1,4}}[打拨]|{_NEVER}(?:再|给我)*电话",
            f"(?:以后|今后|往后|从今|永远|这辈子).{{0,10}}{_STOP}{_AGAIN}?.{{0,8}}?{_CALL}",
            "(?:不想|不愿意?|拒绝|不要让我|不希望)(?:再|接|听|收){1,2}.{0,8}?(?:电话|来电|推销|短信|你们|骚扰|到)",
            f"(?:电话|号码)(?:{_NEVER}).{{0,4}}[打拨]",
            "不同意.{0,8}(?:打|营销|推销|来电|电话)|不(?:再)?接受你们|(?:撤回|撤销).{0,4}(?:授权|同意)",
            "剔除|踢出|你们?(?:才)?能?不再打|最后一次接你|放过我|饶了我",
            "(?:以后|今后|都|也|再|什么).{0,6}(?:别|不要)再?(?:通知我|发短信)|(?:大中午|大?半夜|深更|大晚上|大清早|一大早).{0,5}打(?:什么)?电话",
            "(?:拒绝|停止)(?:一切|所有|任何)?(?:接听|推销|营销|来电|骚扰|打扰|电话)|不接受?.{0,4}推销",
            "推销的?(?:一律|都)?不接|不接受.{0,4}(?:营销|推销)|谢绝(?:推销|来电|打扰)|免打扰|拒接",
            # complaint and threat
            "投诉|举报|起诉|报警|报案|法院见|律师函|工信部|消协|消保|12315|12321|(?<![转报广警])告你们?(?!诉)",
            "(?:我要|去|会|就)告(?![诉知别])|控告",
            "违法的?(?:我|你|$)|(?:再|还|又)打.{0,8}(?:试试|不客气|骂|弄死)",
            "黑名单|拉黑|屏蔽你|标记.{0,3}骚扰|不客气了|曝光|挂.{0,3}网上|(?:跟|和)你们?没完|[谁敢]再打",
            "再敢打|受够|还(?:敢|好意思|有脸)打|又打过?来(?:了|$)|[次遍回]了?还打|(?:怎么)?(?:天天|老|又)都?是你们",
            "(?:老|每天|天天|一直).{0,2}接到.{0,6}(?:电话|你们)|被告|传票|消费者协会|叫警察|扰民",
            "打扰我(?:休息|睡)|退出.{0,3}名单",
            "(?:删|删除|删掉|取消|移除|注销|去掉|清除).{0,4}我?的?(?:号码|电话|手机号|信息|资料|名单|联系)",
            "(?:号码|电话|手机号|信息|资料|名单|系统|把我).{0,8}(?:删了|删掉|删除|移除|移出|去掉|拿掉|注销|清除|清掉)|把我(?:给)?删",
            "骚扰|(?:没有?|未经?).{0,4}(?:授权|许可)|(?:没有?|未)经.{0,4}(?:同意|允许)|谁(?:允许|准|批准)你",
            # said before, called before
            f"(?<!不用)(?<!不要)(?<![不别再])(?:说|讲|告诉|强调)(?:了|过)?{_OFTEN}|(?:要|让|叫)[你我](?:们)?.{{0,2}}[说讲]{_OFTEN}",
            "第几[次遍回]了",
            "^[说讲]了不(?:需要|要|买|办)",
            "(?:都|早|我|已经|跟你们?|给你们?|上次|刚才|昨天|前面|告诉)(?:[说讲]|就[说讲]).{0,3}(?:了|过)(?:我)?(?:不|别|莫)(?:要|用|买|办|想|需要|打)",
            f"打了?(?:我|过|电话)?{_TIMES}|(?:天天|每天|整天|成天|老是?|总是?|一天到晚|一直|不停地?)(?:在|给我|跟我|往)?打(?![不牌球折通游工错])",
            "(?:怎么|为什么|干嘛|干吗|咋)(?:又|还|老|总|天天|一直)(?:是?你们|在?给我打|在?打)|还打还打",
            "(?:还|又)打(?:来|过来|电话)?(?:有|烦|干|啊你)",
            "换(?:个|了)?号码?(?:又|还|再|接着)打|打什么(?:打|电话)|谁给你们?的胆",
            # anger
            "神经(?:病(?!院)|啊|吧)|没素质|有没有素质|(?<![我他她])有(?:毛)?病(?:吧|啊|是)|脑子有",
            "脑残|白痴|变态|(?<!利)滚(?![动利烫床筒])|去死|给老子|闭嘴|不要脸|听不懂人话",
            "真恶心|恶心(?:人|死|你们)|无耻|流氓|混账|死全家|死推销|讨厌死|王八|混蛋|畜生|狗日|他妈(?:的|烦|有|真|别)|[你真]他妈",
            "(?<![爸爹是])妈的(?!手机|电话|号|病|卡|名)|妈[逼比]|[去操草日打]你(?:妈|大爷|的|娘|妹)",
            "你妹的|傻[逼比叉]|煞笔|你大爷的?",
            "(?<!是不是)(?<!不会是)(?<!不是)骗子(?![吗吧么])",
            "[烦吵]死|烦不烦|烦人|烦透|有完没完|没完没了|没完了|够了没|吵我|打扰到我",
        )
    )
)
"""Alternatives are wishes, threats and anger; between stop word and call word no later time may stand ("…晚点再打")."""

_SPARED = re.compile(
    "(?:别|不要|不用|莫)(?:挂|着?急|客气|担心)|不打扰(?:你|您)|打扰(?:你|您)了|不好意思打扰|不是不(?:需要|要)"
    "|(?:怎么|为什么|为啥)(?:会)?(?:显示|标记).{0,4}骚扰(?:电话)?|没有?(?:投诉|举报|报警|拉黑)"
    "|打几次[针球]|打(?:弟弟|妹妹|哥哥|姐姐|小朋友)|先别打(?=.*打给你)"
    "|投诉过(?!你)|投诉(?:流程|渠道|热线|怎么)|投诉电话(?:吗|是|有|多少|呢)|(?:有|有没有)投诉电话|怎么投诉(?!你)"
    "|售后投诉|骚扰拦截|防骚扰|黑名单(?:的人|客户|用户|能)|别打了我(?:打给|加|给|回)|别骗我"
    "|被骗.{0,6}报(?:警|案)|(?:征信|银行|信用|失信)的?黑名单|(?<!给)我(?:一直|天天|每天|整天)在?打"
    "|[别不]要?答非所问|麻烦死|没说?不要"
    "|(?:现在|这会儿?|今天|先|上午|白天)(?:别|不要|莫)打.{0,4}(?=晚|明|下|过|等|周|后天)"
)
"""Phrases taken out before looking: polite words and questions that only resemble a refusal."""

_HARD_BY_SOUND = re.compile(
    "(?:^| )(?:(?:bie|bu yao|bu xu|bu zun|mo) (?:zai )?(?:gei wo )?da(?: lai| gei wo| dian hua| le)"
    "|(?:bie|bu yao) zai (?:gei wo )?(?:da|lian xi|lai dian|sao lao)"
    "|tou su (?:li|wo yao)|wo yao tou su|sao lao (?:dian hua|wo)|hei min dan)(?: |$)"
)
"""The commonest of them in folded syllables (`sound_alike`): recognition writes the right sounds with wrong characters."""

_MARKS = re.compile(r"[\s\W_]+", re.UNICODE)


def normalise(text: str) -> str:
    """Reduce a sentence to what counts: half-width letters and characters without marks or spaces."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def hard_refusal(text: str) -> str | None:
    """Find the words that refuse for good.

    Returns:
        The words found, or None when the sentence refuses nothing for good.
    """
    words = _SPARED.sub("", normalise(text)[:LONGEST])
    found = _HARD.search(words) or _HARD_BY_SOUND.search(" ".join(syllables(words)))
    return found.group(0).strip() if found else None
