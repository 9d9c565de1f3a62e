"""Hear a refusal without any model.

Pure and model-free: patterns over characters, then over the same sentence with the
words of a refusal respelled where something else was written that sounds like them.
What says the wish itself is certain; what only sounds like a complaint, a threat or
anger is a refusal too, but a model that is sure of another meaning may say so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from fairdial.core.dialogue.sound_alike import Respelling

LONGEST = 10_000
"""Characters looked at, so that the time stays bounded."""

_STOP = "(?:别|不要|不许|不准|(?<!能)不能|请勿|勿|莫|甭|停止|不必|不用|禁止|唔好|冇|覅|休想|(?<![多至])少)"
_NEVER = "(?:别|不要|不许|不准|请勿|莫|甭|停止|禁止|唔好|冇|覅|勿要|不叫|(?<![多至不])少)"
_AGAIN = "(?:[再在还]|老是?|总是?|老|又|一直|天天|每天|整天|成天|继续)"
_NOT_A_CALL = (
    "(?!.{0,2}折|[赏开包非造牌球篮乒羽针架断岔游扫字车错疫吊点麻声炮的印款工卡饭雪火动]"
    "|[我你他她]?的?(?:弟|妹|哥|姐|孩|人|宝|儿子|闺女))"
)
_CALL = f"(?:[打达答搭]{_NOT_A_CALL}|拨|来电|联系(?!方式|人)|联络|骚扰|打扰|烦(?!恼)|找我|推销|呼叫|惦记)"
_LATER = "(?!晚|等|过会|过一|明|下午|下班|中午|改天|回头|后天|周|现在)."
_MANY = "(?:多少|一[百千万]|[几两三四五六七八九十百]+|好几|十几|几十|好多|很多|无数)"
_OFTEN = f"{_MANY}(?:次|遍|回)"
_TIMES = f"{_MANY}(?:次|遍|回|个|通)"
_MINE = "(?:号码|电话|手机号?|号|信息|资料|名字|名单|系统|数据|记录|联系方式|把我)"
_OURS = "(?:号码|电话|手机号|信息|资料|名字|联系方式|数据)"
_ERASED = "(?:[删抹划勾撕清轻拿去剔移踢弄消除挪]{1,2}(?:掉|了|除|出去|干净|没)|删|注销|除名|移除|清空)"
_OFFICES = "(?:工信部|消协|消保|消费者协会|网信办|通管局|通信管理局|银?保?监会|[1一]2?二?3?三?[12一二]3?二?[15一五]{1,2}(?!块|元|号|点))"


def _any(*patterns: str, begins: str = "") -> re.Pattern[str]:
    return re.compile((f"(?=[{begins}])" if begins else "") + f"(?:{'|'.join(patterns)})")


_WISH = _any(
    f"{_STOP}(?:{_LATER}){{0,3}}?{_AGAIN}(?:{_LATER}){{0,6}}?{_CALL}",
    f"{_NEVER}{_AGAIN}?(?:给我|跟我|向我|往我|对我|来|往|拿机器|用机器人?|乱){{0,2}}{_CALL}",
    f"{_NEVER}往.{{1,4}}[打拨]|{_NEVER}(?:再|给我)*电话|白再(?:给我|往)",
    f"(?:以后|今后|往后|从今|永远|这辈子|再也|日后).{{0,10}}{_STOP}{_AGAIN}?.{{0,8}}?{_CALL}",
    f"(?:以后|今后|往后|从今|永远|这辈子|再也|都|谁|也){_NEVER}(?:再)?(?:来|找|碰|联系|通知|惦记|跟我联系)",
    "(?:不想|不愿意?|拒绝|不要让我|不希望).{0,3}(?:再|接|听|收|被)+.{0,8}?(?:电话|来电|推销|短信|你们|骚扰|打扰|联系|到)",
    "(?:电话|号码)(?:别|不要|不许|莫|甭)再?.{0,4}[打拨]",
    "不(?:再)?同意.{0,8}(?:打|营销|推销|来电|电话|保存|使用|处理)|不(?:再)?接受你们|停止(?:处理|使用|保存)",
    "(?:拒绝|停止)(?:一切|所有|任何|你们的?)?(?:接听|推销|营销|来电|骚扰|打扰|电话)|不接受?.{0,4}推销",
    "推销的?(?:一律|都)?不接|不接受.{0,4}(?:营销|推销)|谢绝(?:推销|来电|打扰)|拒访",
    f"(?:{_ERASED}|取消).{{0,4}}我的?(?:所有|全部|个人)?(?:号码|电话|手机号|信息|资料|名单|联系)",
    f"(?:我|这个)的?(?:所有|全部|个人)?{_OURS}.{{0,6}}(?:给|都|全|请|你们|把)*{_ERASED}|(?:给|帮|请)我.{{0,8}}{_OURS}.{{0,6}}{_ERASED}",
)
"""The wish not to be called: between stop word and call word no later time may stand ("…晚点再打")."""

_BEGINS = (
    "1一七三上不丢两为举九也五什今从他以休会传你保信停傻免八公六冇再几凭划刚删别到前剔勾勿十午半去又发取受变叫可号同名向听吵告咋和哆唔四回多够大天好妈安少就屏工已干弄强往很律心怎总恶成我手打扰找把投报抹拉拒拖拿挂"
    "挪换授控撕撤操收放敢数整无日早昨是曝最有未标次死每气求江没法注流消深混清滚烦煞狗王瓜瓦甭电畜痴白百监真睡短神祸禁移第系给缺网老联脑良草莫被要覅讨让记讲说请谁资起跟踢轻还远违退通遍都银闭闹除饶骂骗骚黑龟"
)
"""Every character that something of `_HARD` begins with; at others its many patterns need not be tried."""

_HARD = _any(
    # the wish, said in other words
    f"剔除|踢出|你们?(?:才)?能?不再?打|最后一次接你|(?:放|饶)(?:过|了)我|求放过|(?:别|不要|莫|甭)再?[来找]|{_NEVER}.{{0,3}}(?:联系|关心我|祸害)",
    "(?:以后|今后|往后).{0,6}(?:就|能不能|不)+打|远[点离着]|江湖不见|从.{0,6}(?:划掉|抹了|撕)",
    "(?:以后|今后|都|也|再|什么).{0,6}(?:别|不要)再?(?:通知|发短信|给我发)|(?:短信|信息|通知)也?(?:别|不要)(?:再)?(?:给我)?发",
    "(?:大中午|大?半夜|深更|大晚上|大清早|一大早|睡觉|午休|休息(?:时间)?).{0,8}(?:也|还|又)?打(?:什么|过?来|电话|$)",
    "退订|免打扰|勿扰|不再呼叫|拒绝来电|拒接|(?:撤回|撤销|收回).{0,8}(?:授权|同意)|取消授权.{0,2}(?:听|$)|(?:同意|授权).{0,5}(?:取消了?$|撤|收回|作废)|同意.{0,3}我.{0,3}取消",
    f"{_MINE}.{{0,8}}{_ERASED}|{_ERASED}.{{0,4}}{_MINE}$|把我(?:给)?删|删我|通知.{{0,4}}(?:关掉|停)|电话.{{0,3}}停了",
    # complaint and threat
    "投诉|举报|起诉|报警|报案|报差人|法院见|律师函|找(?:了)?律师|被告|传票|叫警察|扰民|(?<![转报广警])告(?:你们?|恁)(?!诉)",
    f"(?:我要|去|会|就|可)告(?![诉知别])|控告|{_OFFICES}.{{0,8}}(?:见|告|拨|打|登记|诉|报)|(?:去|找|到|打|向|跟).{{0,3}}{_OFFICES}",
    "违法的?(?:我|你|$)|违反.{0,6}法|(?:[再敢又]|还要?)(?:打|来|拨).{0,12}(?:试试|不客气|骂|弄死|揍|削|急|翻脸|责任)",
    "黑名单|拉黑|拖黑|屏蔽你|标记.{0,3}骚扰|不客气了|曝光|挂.{0,3}网|发.{0,2}(?:抖音|网上)|(?:跟|和)你们?没完|谁再打|再敢打",
    "受够|还(?:敢|好意思|有脸)打|有脸打|又打过?来|(?:又|还)(?:又|是)*来(?:了)?(?:$|第|啊)|[次遍回]了?还打|还打$|睡觉还打",
    "(?:怎么|天天|老|又|咋)(?:又|还|都)?是?你们(?:$|这|又|还|公)|又是.{0,2}你们|又是推销",
    "(?:老|每天|天天|一直).{0,2}接到.{0,6}(?:电话|你们)|打扰我(?:休息|睡)|退出.{0,3}名单",
    "骚扰|(?:没有?|未经?).{0,4}(?:授权|许可)|(?:没有?|未)经.{0,4}(?:同意|允许)|谁(?:允许|准|批准)你|(?:凭什么|为什么)(?:还)?留着",
    # said before, called before
    f"(?<!不用)(?<!不要)(?<![不别再])(?:说|讲|告诉|强调|骂|拒绝)(?:了|过)?{_OFTEN}|(?:要|让|叫)[你我](?:们)?.{{0,2}}[说讲]{_OFTEN}",
    "第[几三四五]+[次遍回]了|是第[几三四五六七八九十]+个(?:电话)?了|^[说讲]了不(?:需要|要|买|办)|说(?:了)?不[叫要]打|(?:都|已经).{0,4}(?:骂|拒绝|登记)过.{0,8}(?:还|又|别)",
    "(?:都|早|我|已经|跟你们?|给你们?|上次|刚才|昨天|前面|告诉)(?:[说讲]|就[说讲]).{0,3}(?:了|过)(?:我)?(?:不|别|莫)(?:要|用|买|办|想|需要|打)",
    f"打了?(?:我|过|电话)?(?:快)?{_TIMES}(?!针|球|牌|折)|{_TIMES}电话|(?:天天|每天|整天|成天|老是?|总是?|一天到晚|一直|不停地?|日日)(?:都?在|来|给我|给.|跟我|往)?(?:打(?![不牌球折通游工错针卡包])|闹|大电话)",
    "(?:怎么|为什么|干嘛|干吗|咋)(?:又|还|老|总|天天|一直)(?:是?你们|在?给我打|在?打|来)|还打还打",
    "(?:还|又)打(?:来|过来|电话|进来)?(?:有|烦|干|啊你|啥)",
    "(?:换(?:个|了)?(?:号码?|公司名?|名字)|拉黑一?个?)(?:又|还|再|接着)(?:打|来)|打什么(?:打|电话)|谁给你们?的胆",
    # anger
    "神经(?:病(?!院)|啊|吧|衰弱)|没(?:有)?(?:素质|人性|教养)|有没有(?:素质|公德|良心|人性)|公德心|缺德|缺不缺|良心|丢不丢人|(?<![我他她])有(?:毛)?病(?:吧|啊|是)|脑子(?:有|进)",
    "脑残|白痴|变态|(?<!利)滚(?![动利烫床筒轮雪热水])|去死|给?老子(?:马上|给|要|就|告|说|投)|闭嘴|不要脸|听不懂(?:人话|中文)",
    "真?恶心|无耻|流氓|混账|死全家|死推销|讨厌|王八|混蛋|畜生|狗日|龟孙|是孙子|他妈(?:的|烦|有|真|别)|[你真]他妈|瓜娃子|痴线|瓦特",
    "(?<![爸爹是])妈的(?!手机|电话|号|病|卡|名)|妈[逼比]|[去操草日打]你(?:妈|大爷|的|娘|妹)|^操(?![作场心控])",
    "你妹的|傻[逼比叉]|煞笔|你大爷的?|(?<!是不是)(?<!不会是)(?<!不是)骗子(?![吗吧么])|骗人的玩意",
    "[烦吵气]死|烦不烦|烦伐|烦人|烦透|[够真好]烦(?!请)|烦得?很|有完没完|没完没了|没完了|够了没|吵我|吵醒|闹醒|打扰到我",
    "消停|清[净静]|安生|安安静静|祸害|(?:哆嗦|心慌).{0,4}你们",
    begins=_BEGINS,
)
"""Wishes in other words, threats and anger; any of them is a refusal unless a model is sure of something else."""

_SPARED = re.compile(
    "(?:别|不要|不用|莫)(?:挂|着?急|客气|担心)|不打扰(?:你|您)|打扰(?:你|您)了|不好意思打扰|不是不(?:需要|要)|烦请"
    "|(?:怎么|为什么|为啥)(?:会)?(?:显示|标记).{0,4}骚扰(?:电话)?|(?:没有?|不是要?|不会)(?:在|要|打电话|去|人)?(?:投诉|举报|报警|拉黑|骂)"
    "|打几次[针球]|先别打(?=.*打给你)|报警器|不是骚扰|[有个到]骚扰电话"
    "|投诉过(?!你)|不要联系方式|投诉(?:流程|渠道|热线|专员|部门|怎么|的(?!$))|投诉电话(?:吗|是|有|多少|呢)|(?:有|有没有)投诉电话|怎么投诉(?!你)"
    "|(?:售后|客户|处理)投诉|骚扰拦截|拦截骚扰|防骚扰|黑名单(?:的人|客户|用户|能|功能|上)|别打了我(?:打给|加|给|回)|别骗我"
    "|被骗.{0,6}报(?:警|案)|(?:征信|银行|信用|失信)的?黑名单|(?<!给)我(?:一直|天天|每天|整天)在?打"
    "|[别不]要?答非所问|麻烦死|没说?不要|不嫌.{0,2}烦|谁(?:举报|投诉)|举报(?:有奖|奖|中奖)"
    "|(?:现在|这会儿?|今天|先|上午|中午|早上|周末|白天|工作日)(?:别|不要|莫)打.{0,9}?(?=晚|明|下|过|等|周|后天|[一二三四五六七八九十两]点)"
)
"""Phrases taken out before looking: polite words and questions that only resemble a refusal."""

_QUALIFIED = re.compile(
    "(?:打|说|讲|联系)(?:给我|我(?:手机|这|另|就)|就)|跟我[说讲]|(?<![别要许准莫甭])(?:再|后|时间)(?:给我)?(?:打给|打过?来|打$|联系)"
    "|(?:打给|回)(?:你|电话)|没听清"
)
"""What should be done instead, said after a wish: it need not be meant for good."""

_LIMITED = re.compile(
    "现在|这会|这几天|今天|明天|后天|[上中下]午|晚上|早上|白天|周[一二三四五六日末]|礼拜|月底|上班|下班|点以?后|饭|晚点|回头|待会|一会|还是|[你他]俩"
)
"""A time or a choice, said anywhere beside a wish: the same."""

_RESPELLING = Respelling(
    "投诉 举报 骚扰 打扰 报警 起诉 拉黑 黑名单 号码 删掉 删除 注销 停止 授权 同意 拒绝 讨厌 消协 工信部 网信办"
    " 信息 名单 电话 别打 别再 别给 再打 不要打 不要再 给我打 有病 律师函 曝光 拨打 推销 联系 有完没完 这辈子 从今往后 神经病"
    " 警察 免打扰 退订 没完没了 天天打 打电话",
    spared="好吗 好嘛 练习 统一 抱紧 聚宝 检查 在打 大点 啦嘿 欣喜",
)
"""The words that make a refusal; where the same syllables stand under other characters, recognition has misheard them."""

_MARKS = re.compile(r"[\s\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The words that refuse for good; `certain` when they are the wish itself, as it was written."""

    words: str
    certain: bool


def normalise(text: str) -> str:
    """Reduce a sentence to what counts: half-width letters and characters without marks or spaces."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def refusal_for_good(text: str) -> Refusal | None:
    """Find what refuses for good, and whether a model may still think otherwise."""
    words = _SPARED.sub("", normalise(text)[:LONGEST])
    if wish := _WISH.search(words):
        return Refusal(words=wish[0], certain=not (_QUALIFIED.search(words, wish.end()) or _LIMITED.search(words)))
    found = _HARD.search(words)
    if found is None and (respelled := _RESPELLING.of(words)) != words:
        respelled = _SPARED.sub("", respelled)
        found = _WISH.search(respelled) or _HARD.search(respelled)
    return Refusal(words=found[0], certain=False) if found else None


def hard_refusal(text: str) -> str | None:
    """Find the words that refuse for good.

    Returns:
        The words found, or None when the sentence refuses nothing for good.
    """
    found = refusal_for_good(text)
    return found.words if found else None
