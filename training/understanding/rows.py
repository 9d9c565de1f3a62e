"""What there is to learn from: sentences with their label and how far each source is believed."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from fairdial.core.dialogue.refusal import refusal_for_good
from fairdial.rehearsal.noise import Noise

HERE = Path(__file__).parent
OWN, DRAWN, EVENT, TELEMARKETING = 1.0, 0.6, 0.5, 0.3
"""Weight of a row: written for these labels; drawn from a pattern; scripted knowledge base; chat under the labels of a seller."""

MISHEARD = 0.15
"""Weight of a row misheard on purpose, times its own: more costs clean sentences, less costs misheard ones."""

DRAWS = 8
"""Sentences drawn of one pattern; more would only repeat its words."""

_OWN_SENTENCES = ("answers", "neighbours", "colleague", "examples", "ways", "spoken")
_FROM_TELEMARKETING = {
    "refuse_hard": "骚扰电话 投诉警告 污言秽语",
    "refuse_soft": "否定(不想要) 否定(不需要) 否定(没兴趣) 否定(不用了) 否定(取消) 价格太高",
    "busy": "用户正忙 否定(没时间) 否定(不方便) 改天再谈",
    "accept": "肯定(好的) 肯定(可以) 肯定(没问题) 肯定(需要) 肯定(是的) 肯定(正确) 请讲",
    "deny": "否定(没有) 否定(不是) 否定(错误)",
    "ask_price": "查收费方式 查优惠政策",
    "ask_identity": "查自我介绍 查公司介绍 问意图",
    "ask_robot": "是否机器人",
    "ask_source": "号码来源",
    "ask_repeat": "要求复述 听不清楚 重复一次",
    "ask_detail": "查详细信息 查物品信息 查操作流程",
    "ask_human": "转人工客服",
    "wrong_number": "打错电话",
    "assistant": "语音信箱",
    "other": "考虑一下 祝福用语 赞美用语 祝贺用语 否定(不知道) 否定(不清楚) 无所谓 实体(地址) 语气词",
}
_FROM_EVENT = {
    "refuse_hard": "abuse complain do_not_call",
    "refuse_soft": "refuse no_need",
    "busy": "busy callback_later",
    "accept": "affirm has_need",
    "ask_price": "ask_price",
    "ask_identity": "ask_company who_are_you",
    "ask_robot": "is_robot",
    "ask_source": "number_source",
    "ask_detail": "ask_content ask_time",
    "ask_human": "transfer_human",
    "assistant": "call_assistant",
}
_SAID_BY_MACHINES = re.compile("您|机主|主人|转告|转达|记录|拨打|呼叫|留言|秘书|助理|助手")
"""Without one of these, what a phone assistant says is what people say too: "楼盘在哪里"."""

_CHOICE = re.compile("{(.*?)}")

_BEFORE = ("喂", "嗯", "哎呀", "那个", "哦", "啊", "你好", "不好意思", "呃", "我说")
_AFTER = ("啊", "呢", "吧", "嘛", "谢谢", "谢谢啊", "哈", "呀", "了", "好吧", "先这样")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    text: str
    weight: float = OWN


def telemarketing(data: Path) -> list[Row]:
    """The 89 labels of `telemarketing-intents-train.tsv`."""
    with (data / "telemarketing-intents-train.tsv").open(encoding="utf-8") as stream:
        return [Row(label=label, text=text) for label, text in (line.rstrip("\n").split("\t") for line in stream)]


def universal(data: Path) -> list[Row]:
    """The 17 meanings, from this project's sentences and from what maps to them in the two data sets."""
    rows = own()
    believed = {row.text for row in rows}
    rows += [row for row in drawn() if row.text not in believed]
    believed = {row.text for row in rows}
    rows += [row for row in _mapped(data) if row.text not in believed]
    return rows


def corrected(path: Path, known: Iterable[str]) -> list[Row]:
    """Sentences that people corrected (`fairdial corrections export`), of the labels that are trained; they count as own ones."""
    labels = frozenset(known)
    lines = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return [Row(label=label, text=text) for label, text in lines if label in labels]


def own() -> list[Row]:
    """Sentences written for this project."""
    files = [yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in _OWN_SENTENCES]
    return [Row(label=label, text=text) for known in files for label in known for text in known[label]]


def drawn() -> list[Row]:
    """Sentences of `patterns.yaml`, some of each line; the same every time."""
    known = yaml.safe_load((HERE / "patterns.yaml").read_text(encoding="utf-8"))
    return [
        Row(label=label, text=text, weight=DRAWN)
        for label, lines in known["lines"].items()
        for line in lines
        for text in _draws(line, known["words"])
    ]


def _draws(line: str, words: Mapping[str, Sequence[str]]) -> Iterable[str]:
    chance = random.Random(line)
    return dict.fromkeys(_CHOICE.sub(lambda slot: chance.choice(words[slot[1]]), line) for _ in range(DRAWS))


def _mapped(data: Path) -> list[Row]:
    meaning = _inverted(_FROM_TELEMARKETING)
    rows = [
        Row(label=label, text=row.text, weight=TELEMARKETING)
        for row in telemarketing(data)
        if (label := meaning.get(row.label)) and _believed(label, row.text)
    ]
    known = {row.text for row in rows}
    groups = _inverted(_FROM_EVENT)
    meanings: dict[str, set[str]] = defaultdict(set)
    with (data / "event-marketing-intents-dev.tsv").open(encoding="utf-8") as stream:
        for line in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            meanings[line["text"]].add(groups.get(line["group"], ""))
    return rows + [
        Row(label=label, text=text, weight=EVENT)
        for text, labels in meanings.items()
        if len(labels) == 1 and (label := next(iter(labels))) and text not in known and _believed(label, text)
    ]


def _believed(label: str, text: str) -> bool:
    """Whether the label fits: abuse and complaint must refuse something, a machine be no person, and the rest no wish."""
    refusal = refusal_for_good(text)
    if label == "refuse_hard":
        return refusal is not None
    if refusal is not None and refusal.certain:
        return False
    return label != "assistant" or _SAID_BY_MACHINES.search(text) is not None


def _inverted(lists: dict[str, str]) -> dict[str, str]:
    return {source: meaning for meaning, sources in lists.items() for source in sources.split()}


def dressed(rows: Sequence[Row]) -> list[Row]:
    """Own rows once more, with words that people put around an answer without meaning anything by them."""
    return [_dressed(row) for row in rows if row.weight == OWN and row.label != "assistant"]


def _dressed(row: Row) -> Row:
    chance = random.Random(row.text)
    return replace(row, text=chance.choice(("", *_BEFORE)) + row.text + chance.choice(("", *_AFTER)))


def misheard(rows: Sequence[Row], noise: Noise) -> list[Row]:
    """Each row once more, as recognition on a bad line might write it, at less weight; the same row gives the same errors."""
    return [
        replace(row, text=_misheard(row.text, noise, random.Random(f"0{row.text}")), weight=row.weight * MISHEARD)
        for row in rows
    ]


def _misheard(text: str, noise: Noise, chance: random.Random) -> str:
    return noise.on(text, chance.uniform(0.15, 0.4), chance)
