"""Broken scripts: each gets the right message, at the right line, with the remedy."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.script.finding import Finding, Severity
from fairdial.errors import InputError
from fairdial.packs import load_packs
from fairdial.script_check import Standards, check_script
from fairdial.script_file import Examined, examine, read_script_file
from fairdial.shaped_yaml import MOST_BYTES
from fairdial.voice.meanings import LabelSet, Meanings, load_classifier
from fairdial.word_lists import load_word_lists

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*/script.yaml"))
STANDARDS = Standards(
    packs=load_packs(None),
    words=load_word_lists(None),
    understand=Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of,
)

BASE = """\
script: minimal
title: 最短的话术
purpose: service
company: 晴川保险
voice: zf_xiaoxiao
tells: {caller: opening, principal: opening, artificial_voice: opening, purpose: reminder, way_to_refuse: reminder}
variables:
  person: {from: salutation, level: general}
lines:
  opening: 您好,这里是晴川保险,声音由人工智能合成。请问是{person}吗?
  who: 请问是{person}吗?
  reminder: 您的保单快到期了。如果不想再接到这样的电话,随时说不要再打就可以。需要顾问回电话吗?
  offer: 需要顾问回电话吗?
  persuade: 到期以后保障就停止了,要不要免费核对一次?
  about: 我是晴川保险的人工智能助手,您的号码是投保的时候登记的。
  bye: 好的,再见。
  noted: 好的,不会再打给您了,再见。
  hello: 请问能听到我说话吗?
  pardon: 不好意思,我没有听清楚。
start: confirm
steps:
  confirm:
    say: opening
    again: who
    question: fact
    next:
      accept: remind
      deny: wrong
  remind:
    say: reminder
    again: offer
    question: offer
    next:
      accept: promised
      deny: once
  once:
    say: persuade
    again: offer
    question: offer
    next:
      accept: promised
      deny: refused
      refuse_soft: refused
  promised: {say: bye, end: {grade: A, outcome: callback}}
  wrong: {say: noted, end: {grade: F, outcome: wrong_number, refusal: wrong_number}}
  refused: {say: noted, end: {grade: F, outcome: refused, refusal: hard}}
  left: {say: bye, end: {grade: D, outcome: silent}}
  machine: {end: {grade: D, outcome: machine}}
anywhere:
  refuse_hard: refused
  refuse_soft: once
  wrong_number: wrong
  third_party: machine
  vulnerable: machine
  assistant: machine
  ask_human: promised
  ask_robot: {answer: about}
  ask_source: {answer: about}
  ask_identity: {answer: about}
silence: {after_s: 4, say: hello, times: 2, then: left}
unclear: {say: pardon, times: 2, then: left}
stopping: bye
"""

KNOWLEDGE = """\
knowledge:
  a: {asked: [在哪里], answer: about}
  b: {asked: [在哪里], answer: bye}
"""

BRANCH = "branches:\n  parts: {of: person, cases: {王女士: left}, otherwise: left2}\nsilence: {"
"""A branch between two goodbyes, to be put before the ladder of silence; it is named by nobody."""

PARTS = BRANCH.replace("left2", "once")
INNER = "inner}\n  inner: {of: person, cases: {李先生: left}, otherwise: once"
GRADING = "stopping: bye\ngrading: [{grade: B, when: "
TAGS = "stopping: bye\ntags: [{tag: x, when: "
MESSAGE = """\
messages:
  note: {text: "{person},核对的时间是{hour}。"}
grading:
  - {grade: B, when: {asked: ask_robot, answered: {hour: morning}}, why: 问过}
tags:
  - {tag: keen, when: {reached: once, outcome: callback}}
understand:
  accept: [可以啊没问题, 那行吧就这样]
  busy: [我在工地上呢, 手头有活]
"""
SLOT = "    slot: {name: hour, type: choice, choices: {morning: [上午], evening: [晚上]}, then: promised}\n    next:\n      deny: once"
SENDING = (
    ("  promised: {say", "  promised: {send: note, say"),
    ("    next:\n      accept: promised\n      deny: once", SLOT),
    ("      accept: promised\n      deny: refused", "      accept: remind\n      deny: refused"),
    ("ask_human: promised", "ask_human: left"),
)

CHOOSING = """\
    slot:
      name: hour
      type: TYPE
      choices:
        "yes": [上午]
        "no": [不需要]
      then: once
"""
RISKY = CHOOSING.replace("TYPE", "choice").replace("不需要", "零风险")
FACT = "    question: fact\n    next:\n      accept: promised\n      deny: remind"
CHARACTERS = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
)

BROKEN = [
    # what is written, what is written instead, rule, where it is found, remedy
    ("company: 晴川保险\n", "", "missing", "script: minimal", "write `company"),
    ("voice: zf", "voise: zf", "unknown-key", "voise:", "did you mean voice?"),
    ("purpose: service", "purpose: servce", "unknown-value", "purpose: servce", "did you mean service?"),
    ("level: general", "level: generl", "unknown-value", "level: generl", "did you mean general?"),
    ("from: salutation", "from: salutaton", "unknown-value", "salutaton", "did you mean salutation?"),
    ("    question: fact", "    qestion: fact", "unknown-key", "qestion", "did you mean question?"),
    ("question: fact", "question: facts", "unknown-value", "facts", "did you mean fact?"),
    ("      accept: remind", "      acept: remind", "unknown-value", "acept", "did you mean accept?"),
    ("accept: remind", "accept: remnd", "unknown-step", "accept: remnd", "did you mean remind?"),
    ("start: confirm", "start: begin", "unknown-step", "start: begin", "known are"),
    ("say: persuade", "say: persude", "unknown-line", "say: persude", "did you mean persuade?"),
    ("stopping: bye", "stopping: goodbye", "unknown-line", "stopping:", "bye"),
    ("{answer: about}", "{anser: about}", "missing", "ask_robot", "write `answer"),
    ("    again: who\n", "", "incomplete-step", "  confirm:", "write `again: LINE`"),
    ("title: 最短的话术", "title: 2026", "shape", "title: 2026", "in quotes"),
    ("times: 2, then: left}\nunclear", "times: two, then: left}\nunclear", "shape", "times: two", "whole number"),
    ("times: 2, then: left}\nunclear", "times: 50, then: left}\nunclear", "shape", "times: 50", "write 5 or less"),
    ("voice: zf_xiaoxiao", "voice: zf_xiaoxiao\nspeed: 9", "shape", "speed: 9", "write 2.0 or less"),
    ("pardon: 不好意思,我没有听清楚。", 'pardon: ""', "shape", 'pardon: ""', "write something"),
    ("pardon: 不好意思,我没有听清楚。", "pardon: [听不清, 3]", "shape", "听不清, 3", "in quotes"),
    ("grade: A", "grade: G", "unknown-value", "grade: G", "known are A, B, C, D, E, F"),
    ("refusal: hard", "refusal: sofft", "unknown-value", "sofft", "did you mean soft?"),
    ("  promised: {", "  [promised]: {", "yaml", "[promised]", "quotes"),
    ("stopping: bye", "stopping: *a", "yaml", "stopping", ""),
    ("    say: reminder", "\tsay: reminder", "yaml", "\tsay", "not with tabs"),
    ("  bye: 好的,再见。", "  bye: 好的,再见。\n  bye: 再见。", "yaml", "bye: 再见", "keep one"),
    ("  who: 请问", "  1: 请问", "yaml", "1: 请问", 'in quotes: "1"'),
    ("steps:\n", "steps: [\n", "yaml", "say: opening", "quotes"),
    ("这里是晴川保险", "这里是保险公司", "missing-caller", "opening:", "say 晴川保险"),
    ("声音由人工智能合成", "声音很好听", "missing-artificial-voice", "opening:", "say 人工智能"),
    ("purpose: reminder, ", "", "missing-purpose", "tells:", "tells: {purpose: LINE}"),
    ("way_to_refuse: reminder", "way_to_refuse: noted", "not-in-opening", "tells:", "first step"),
    ("不想再接到这样的电话,随时说不要再打就可以", "没空请说", "missing-way-to-refuse", "  reminder:", "say 随时说不要再打就可以"),
    ("  refuse_hard: refused\n", "", "unhandled", "anywhere:", "write `refuse_hard"),
    ("  ask_robot: {answer: about}\n", "", "unhandled", "anywhere:", "write `ask_robot"),
    ("  ask_source: {answer: about}\n", "", "unhandled", "anywhere:", "write `ask_source"),
    ("  ask_human: promised\n", "", "unhandled", "anywhere:", "write `ask_human"),
    ("  assistant: machine\n", "  busy: machine\n", "unhandled", "anywhere:", "write `assistant"),
    ("assistant: machine", "assistant: {answer: about}", "must-end", "assistant:", "step with `end`"),
    ("refuse_hard: refused", "refuse_hard: once", "argues-with-refusal", "refuse_hard", "end: {refusal: hard}"),
    ("refuse_hard: refused", "refuse_hard: left", "argues-with-refusal", "refuse_hard", "end: {refusal: hard}"),
    ("      refuse_soft: refused\n", "", "persuades-twice", "refuse_soft: once", "ending that records it"),
    ("refuse_soft: once", "refuse_soft: {answer: persuade}", "persuades-twice", "refuse_soft: {", "ending"),
    ("      accept: promised\n      deny: once\n", "      refuse_soft: once\n", "dead-end", "  remind:", "accept: STEP"),
    ("accept: promised\n      deny: once", "accept: confirm", "loop-without-exit", "  remind:", "step with `end`"),
    ("  left: {say", "  extra: {say: bye, end: {grade: D, outcome: x}}\n  left: {say", "unreachable-step", "extra", "remove"),
    ("then: left}\nunclear", "then: remind}\nunclear", "ladder-goes-on", "silence:", "step with `end`"),
    ("要不要免费核对一次", "要不要给{name}核对", "undeclared-variable", "persuade:", "known are person"),
    ("请问是{person}吗?\n  reminder", "请问{person}是{person}吗?\n  reminder", "several-variables", "  who:", "comma"),
    ("{from: salutation, level: general}", "{from: premium, level: general}", "variable-level", "premium", "write private"),
    ("level: general}", "level: sensitive}", "level-above-purpose", "sensitive", "leave this variable out"),
    ("要不要免费核对一次", "我们的保障最佳", "CN-SUPERLATIVE", "persuade:", "can be checked"),
    ("要不要免费核对一次", "我们零风险", "CN-GUARANTEED-RETURN", "persuade:", "name the risk"),
    ("要不要免费核对一次", "税务局要求的", "CN-STATE-ORGAN", "persuade:", "say your own name"),
    ("要不要免费核对一次", "今天必须办", "CN-PRESSURE", "persuade:", "leave the decision"),
    ("要不要免费核对一次", "九成客户都核对过", "CN-CLAIM", "persuade:", "claims: {LINE: EVIDENCE}"),
    ("要不要免费核对一次", "要不要" + "免费核对" * 20, "long-line", "persuade:", "shorten it"),
    ("silence: {", KNOWLEDGE + "silence: {", "ambiguous-question", "b: {asked", "of the two"),
    ("silence: {", KNOWLEDGE.replace("about", "abuot") + "silence: {", "unknown-line", "abuot", "did you mean about?"),
    ("  bye: 好的", "  extra: 好的。\n  bye: 好的", "unused-line", "extra:", "let a step say it"),
    ("variables:\n", "variables:\n  product: {from: product, level: general}\n", "unused-variable", "product:", "remove it"),
    ("silence: {", PARTS, "unreachable-branch", "  parts:", "where the ways part"),
    ("silence: {", BRANCH.replace("left2", "lefft"), "unknown-step", "lefft", "did you mean left?"),
    ("silence: {", BRANCH.replace("left2", "left"), "single-arm", "  parts:", "name the step itself"),
    ("silence: {", BRANCH.replace("left2", "parts"), "branch-circle", "  parts:", "let it lead to steps"),
    ("silence: {", PARTS.replace("parts", "left"), "branch-name", "  left: {of", "another name"),
    ("silence: {", PARTS.replace("of: person", "of: persn"), "undeclared-variable", "persn", "did you mean person?"),
    ("silence: {", "branches:\n  a: {split: {x: left}}\nsilence: {", "single-arm", "  a:", "another arm"),
    ("silence: {", "branches:\n  a: {split: {x: left, y: {to: once, share: 0}}}\nsilence: {", "shape", "share: 0", "write 1 or more"),
    ("silence: {", PARTS.replace("cases:", "casess:"), "unknown-key", "casess", "did you mean cases?"),
    ("silence: {", BRANCH.replace("left2", INNER), "unreachable-arm", "parts:", "one branch of the two"),
    ("  promised: {say", "  promised: {send: nte, say", "unknown-message", "nte", "remove it"),
    ("refusal: hard}", "refusal: hard, hand_over: {to: 顾问}}", "sends-after-refusal", "  refused:", "remove it"),
    ("stopping: bye", "stopping: bye\nlongest_s: 5", "shape", "longest_s: 5", "write 20.0 or more"),
    ("stopping: bye", "stopping: bye\nunderstand: {busy: [在忙]}", "shape", "busy: [", "write 2 or more"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [可以啊没问题, 别再打了]}", "refusal-as-example", "别再打了", "remove it"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [可以啊没问题, 嗯]}", "settled-example", "嗯", "remove it"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [好说好说, 好说,好说。]}", "repeated-example", "好说", "keep one"),
    ("stopping: bye", "stopping: bye\nunderstand: {acept: [好说, 行吧行吧]}", "unknown-value", "acept", "did you mean accept?"),
    ("stopping: bye", "stopping: bye\nmessages: {note: {text: 您好}}", "unused-message", "note:", "write `send`"),
    ("stopping: bye", "stopping: bye\nmessages: {note: {text: 零风险}}", "CN-GUARANTEED-RETURN", "note:", "name the risk"),
    ("stopping: bye", "stopping: bye\nmessages: {note: {text: '{persn}您好'}}", "undeclared-variable", "persn", "did you mean person?"),
    ("stopping: bye", GRADING + "{}, why: 总是}]", "useless-rule", "grading:", "write what is asked"),
    ("stopping: bye", GRADING + "{asked: ask_pric}, why: 问价}]", "unknown-question", "ask_pric", "did you mean ask_price?"),
    ("stopping: bye", GRADING + "{reached: onse}, why: 来过}]", "unknown-step", "onse", "did you mean once?"),
    ("stopping: bye", TAGS + "{outcome: [callback, silen]}}]", "unknown-outcome", "silen", "did you mean silent?"),
    ("stopping: bye", TAGS + "{answered: {hour: {}}}}]", "unknown-slot", "hour", "remove it"),
    ("stopping: bye", TAGS + "{heart: accept}}]", "unknown-key", "heart", "did you mean heard?"),
    ("stopping: bye", "stopping: bye\npronounce: {'': 虫}", "shape", "pronounce:", "write something"),
    ("stopping: bye", "stopping: bye\ntopics: [pension]", "unknown-topic", "topics:", "did you mean pensions?"),
    ("script: minimal", 'script: "minimal', "yaml", "script:", "in its own line"),
    ("  bye: 好的,再见。", "  bye: '好的,再见。", "yaml", "  bye:", "in its own line"),
    ("    question: fact", f"    slot: {{name: n, type: number, then: remind, most: {'9' * 30}}}", "shape", "most:", "or less"),
    ("stopping: bye", "stopping: bye\ninclude: {c: /dev/zero}", "include", "c: /dev/zero", "beside the script"),
    ("stopping: bye", "stopping: bye\ninclude: {c: ../c.yaml}", "include", "c: ../c.yaml", "beside the script"),
    ("stopping: bye", "stopping: bye\ninclude: {c: no.yaml}", "include", "c: no.yaml", "check path"),
    ("stopping: bye", "stopping: bye\ninclude: {c: .}", "include", "c: .", "a file of YAML"),
    ("stopping: bye", TAGS + "{heard: accepted}}]", "unknown-value", "accepted", "did you mean accept?"),
    ("  third_party: machine\n", "", "unhandled", "anywhere:", "write `third_party"),
    ("  vulnerable: machine\n", "", "unhandled", "anywhere:", "write `vulnerable"),
    ("vulnerable: machine", "vulnerable: once", "must-end", "vulnerable:", "step with `end`"),
    ("wrong_number: wrong\n", "wrong_number: remind\n", "offers-anyway", "wrong_number:", "question: fact"),
    ("third_party: machine", "third_party: {answer: about}", "offers-anyway", "third_party:", "question: fact"),
    ("ask_human: promised", "ask_human: {answer: about}", "offers-anyway", "ask_human:", "question: time"),
    ("anywhere:\n", "anywhere:\n  busy: once\n", "offers-anyway", "busy:", "step with `end`"),
    ("      deny: wrong\n", "      deny: wrong\n      busy: once\n", "offers-unwarned", "busy: once", "how to refuse"),
    ("accept: remind", "accept: once", "offers-unwarned", "accept: once", "how to refuse"),
    ("machine: {end", "machine: {say: persuade, end", "pitch-in-goodbye", "machine: {say", "say goodbye only"),
    ("noted: 好的,", "noted: 那您再想想好吗?", "pitch-in-goodbye", "say: noted", "say goodbye only"),
    ("noted: 好的,", "noted: 您看,到期以后保障就停止了,要不要免费核对一次。", "pitch-in-goodbye", "say: noted", "say goodbye only"),
    ("stopping: bye", "stopping: offer", "pitch-in-goodbye", "stopping:", "say goodbye only"),
    ("noted: 好的,", "noted: " + "好的,我们都记下来了," * 8, "pitch-in-goodbye", "say: noted", "say goodbye only"),
    ("声音由人工智能合成。", "声音由人工智能合成,但我不是机器人。", "denies-artificial-voice", "opening:", "no person"),
    ("about: 我是", "about: 我是真人,不是", "denies-artificial-voice", "about:", "no person"),
    ("ask_robot: {answer: about}", "ask_robot: {answer: offer}", "evades-robot-question", "ask_robot:", "in the answer"),
    ("ask_robot: {answer: about}", "ask_robot: {answer: null}", "evades-robot-question", "ask_robot:", "in the answer"),
    ("如果不想再接到这样的电话,随时说不要再打就可以", "请您不要再打断我", "missing-way-to-refuse", "  reminder:", "随时说不要再打"),
    ("随时说不要再打就可以", "请按9", "key-does-not-refuse", "  reminder:", '{"9": refuse_hard}'),
    ("随时说不要再打就可以", "按九就好", "key-does-not-refuse", "  reminder:", '{"9": refuse_hard}'),
    ("deny: once\n", "deny: once\n    slot: {name: h, type: yes_no, then: once}\n", "refusal-as-choice", "slot: {", "refuse_soft"),
    ("deny: once\n", "deny: once\n" + CHOOSING.replace("TYPE", "yes_no"), "refusal-as-choice", '"no": [', "refuse_soft"),
    ("deny: once\n", "deny: once\n" + CHOOSING.replace("TYPE", "choice"), "refusal-as-choice", '"no": [', "refuse_soft"),
    ("deny: wrong\n", "deny: wrong\n" + CHOOSING.replace("TYPE", "yes_no"), "refusal-as-choice", '"no": [', "refuse_soft"),
    ("deny: refused\n", "deny: remind\n", "persuades-twice", "deny: remind", "ending that records it"),
    ("    question: offer\n    next:\n      accept: promised\n      deny: refused", FACT, "persuades-twice", "deny: remind", "ending"),
    ("deny: refused\n", "deny: refused\n      other: remind\n", "persuades-twice", "other: remind", "ending that records it"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [可以啊没问题, 我不需要了谢谢]}", "refusal-as-example", "不需要", "remove it"),
    ("stopping: bye", "stopping: bye\nunderstand: {other: [可以啊没问题, 请转人工客服]}", "protected-example", "转人工", "remove it"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [可以啊没问题, 我刚做完手术]}", "protected-example", "手术", "remove it"),
    ("stopping: bye", "stopping: bye\nunderstand: {accept: [可以啊没问题, 咪再打嚟喇]}", "refusal-as-example", "咪再打", "remove it"),
    ("silence: {", KNOWLEDGE.replace("a: {asked: [在哪里]", "a: {asked: [没兴趣]") + "silence: {", "refusal-as-example", "没兴趣", ""),
    ("stopping: bye", "stopping: bye\npronounce: {人工智能: 王老师来}", "pronounced-otherwise", "王老师", "same sound"),
    ("stopping: bye", "stopping: bye\npronounce: {免费: 不免费}", "pronounced-otherwise", "不免费", "same sound"),
    ("stopping: bye", "stopping: bye\npronounce: {A人工智能: 诶王老师}", "pronounced-otherwise", "诶王", "same sound"),
    ("要不要免费核对一次", "我们0风险", "CN-GUARANTEED-RETURN", "persuade:", "name the risk"),
    ("要不要免费核对一次", "国\u200b家级的保障", "CN-SUPERLATIVE", "persuade:", "can be checked"),
    ("要不要免费核对一次", "国\u200b家级的保障", "invisible-character", "persuade:", "type these words anew"),
    ("要不要免费核对一次", "國.家.級的保障", "CN-SUPERLATIVE", "persuade:", "can be checked"),
    ("要不要免费核对一次", "全国NO.1的保障", "CN-SUPERLATIVE", "persuade:", "can be checked"),
    ("要不要免费核对一次", "这里是建设银行信用卡中心", "CN-BANK-NAME", "persuade:", "say your own name"),
    ("要不要免费核对一次", "我是市公安局王警官", "CN-STATE-ORGAN", "persuade:", "say your own name"),
    ("要不要免费核对一次", "不办会上征信", "CN-FRAUD-WORDS", "persuade:", "remove it"),
    ("stopping: bye", "stopping: bye\nmessages: {note: {text: 点击http://x.cn/退款}}", "CN-FRAUD-WORDS", "note:", "remove it"),
    ("stopping: bye", "stopping: bye\nmessages: {note: {text: 请回复验证码}}", "CN-FRAUD-WORDS", "note:", "remove it"),
    ("deny: once\n", "deny: once\n" + RISKY, "CN-GUARANTEED-RETURN", '"no": [', "name the risk"),
    ("pardon: 不好意思,我没有听清楚。", "pardon: ……", "nothing-said", "pardon:", "write what is to be said"),
    ("pardon: 不好意思,我没有听清楚。", 'pardon: " 😀😀 "', "nothing-said", "pardon:", "write what is to be said"),
    ("要不要免费核对一次", "要不要给{ person }核对", "stray-brace", "persuade:", "without spaces"),
    ("要不要免费核对一次", "要不要给{person核对", "stray-brace", "persuade:", "without spaces"),
]  # fmt: skip


def write(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def found_in(path: Path) -> tuple[Examined, tuple[Finding, ...]]:
    examined = examine(path)
    return examined, examined.findings if examined.script is None else check_script(examined.script, STANDARDS)


def test_the_script_they_are_made_from_is_sound(tmp_path: Path) -> None:
    assert found_in(write(tmp_path, BASE))[1] == ()


@pytest.mark.parametrize(("old", "new", "rule", "at", "fix"), BROKEN, ids=[f"{b[2]}-{b[1]!r:.30}" for b in BROKEN])
def test_broken_script_is_told_where_it_is_broken_and_what_to_write(
    tmp_path: Path, old: str, new: str, rule: str, at: str, fix: str
) -> None:
    assert old in BASE
    text = BASE.replace(old, new, 1)
    examined, findings = found_in(write(tmp_path, text))
    meant = [f for f in findings if f.rule == rule]
    assert meant, [examined.told(f) for f in findings]
    lines = {f: examined.place(f)[1].line for f in meant}
    assert any(at in text.splitlines()[line - 1] for line in lines.values()), [examined.told(f) for f in meant]
    assert any(fix in f.fix_en and f.fix_zh for f in meant)
    assert all(f"script.yaml:{line}:" in examined.told(f) for f, line in lines.items())


def own_answers_to_refusals() -> str:
    """Every step has its own answer to a refusal for good, and `anywhere` has none."""
    text = BASE.replace("  refuse_hard: refused\n", "")
    for answer in ("deny: wrong\n", "deny: once\n", "deny: refused\n"):
        text = text.replace(answer, f"{answer}      refuse_hard: refused\n")
    return text


@pytest.mark.parametrize(
    ("everywhere", "rule"), [("", "unhandled"), ("  refuse_hard: remind\n", "argues-with-refusal")]
)
def test_a_refusal_in_the_goodbye_is_kept_though_every_step_has_its_own_answer(
    tmp_path: Path, everywhere: str, rule: str
) -> None:
    """A script without `anywhere.refuse_hard` passed, and the call broke when somebody refused in the goodbye."""
    text = own_answers_to_refusals().replace("anywhere:\n", f"anywhere:\n{everywhere}")
    _, findings = found_in(write(tmp_path, text))
    assert [f.rule for f in findings] == [rule]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stopping: bye", "stopping: bye\npronounce: {顾问: 故问, 4S店: 四爱思店, 保单: 宝单}"),
        ("stopping: bye", "stopping: bye\nunderstand: {accept: [孩子上三年级, 住院能报吗], deny: [没修好, 还是不行]}"),
        ("stopping: bye", "stopping: bye\nunderstand: {refuse_soft: [不需要了, 没兴趣], refuse_hard: [不要, 别打了]}"),
        ("about: 我是晴川保险的人工智能助手", "about: 我是人工智能助手,不是真人"),
        ("您的保单快到期了。", "您最好在月底以前看一下,第1年的保单快到期了。"),
    ],
)
def test_what_only_resembles_a_trick_is_taken(tmp_path: Path, old: str, new: str) -> None:
    examined, findings = found_in(write(tmp_path, BASE.replace(old, new, 1)))
    assert [examined.told(f) for f in findings] == []


def test_polite_noes_to_question_after_question_are_a_pitch(tmp_path: Path) -> None:
    """A chain of yes_no slots called facts took 不需要 for an answer again and again."""
    slot = '    slot: {name: NAME, type: yes_no, choices: {"no": [不需要]}, then: THEN}\n'
    text = BASE.replace(
        "    next:\n      accept: promised\n      deny: once\n", slot.replace("NAME", "a").replace("THEN", "once")
    )
    text = text.replace("    next:\n      accept: promised\n      deny: refused\n      refuse_soft: refused\n", slot)
    text = text.replace("NAME", "b").replace("THEN", "promised").replace("question: offer", "question: fact")
    examined, findings = found_in(write(tmp_path, text))
    places = [examined.place(f)[1].line for f in findings if f.rule == "refusal-as-choice"]
    assert ["then: once" in text.splitlines()[line - 1] for line in places] == [True]


def sending(*changes: tuple[str, str]) -> str:
    """The script with a slot, a message that reads it, rules and sentences of its own."""
    text = BASE + MESSAGE
    for old, new in (*SENDING, *changes):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_a_script_with_message_rules_and_sentences_of_its_own_is_sound(tmp_path: Path) -> None:
    examined, findings = found_in(write(tmp_path, sending()))
    assert [examined.told(f) for f in findings] == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "at"),
    [
        ("ask_human: left", "ask_human: promised", "unanswered-slot", "  note:"),
        ("{send: note, say", "{say", "unused-message", "  note:"),
        ("  once:\n", "  once:\n    send: note\n", "sends-after-refusal", "    send: note"),
        ("ask_robot: {answer: about}", "refuse_soft: {answer: about, send: note}", "sends-after-refusal", "send: note"),
        ("hour: morning", "hour: noon", "unknown-answer", "hour: noon"),
        ("hour: morning", "hour: {least: 3}", "unknown-answer", "least: 3"),
        ("tags:\n", "  - {grade: C, when: {asked: ask_robot, answered: {hour: morning}}, why: 又}\ntags:\n", "useless-rule", "grade: C"),
    ],
)  # fmt: skip
def test_what_follows_a_call_is_checked(tmp_path: Path, old: str, new: str, rule: str, at: str) -> None:
    text = sending((old, new))
    if "refuse_soft: {" in new:
        text = text.replace("  refuse_soft: once\n", "  ask_robot: {answer: about}\n", 1)
    examined, findings = found_in(write(tmp_path, text))
    told = {f.rule: f for f in findings}
    assert rule in told, [examined.told(f) for f in findings]
    _, (line, _) = examined.place(told[rule])
    assert at in text.splitlines()[line - 1], examined.told(told[rule])


def test_a_call_is_given_the_time_that_the_shortest_way_through_takes(tmp_path: Path) -> None:
    text = BASE.replace("您的保单快到期了。", "您的保单快到期了。" * 4).replace(
        "stopping: bye", "stopping: bye\nlongest_s: 20"
    )
    examined, findings = found_in(write(tmp_path, text))
    [told] = [examined.told(f) for f in findings if f.rule == "too-short"]
    assert "about 22 s" in told and text.splitlines()[int(told.split(":")[1]) - 1] == "longest_s: 20"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_clean_even_under_strict(path: Path) -> None:
    examined, findings = found_in(path)
    assert [examined.told(f) for f in findings] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30)), "references"),
        ("[" * 100_000, "nesting"),
        ("".join(f"{' ' * n}a:\n" for n in range(40)), "deeper than"),
        ("", "holds no script"),
        ("- 1\n- 2\n", "holds no script"),
        ("just words 只是文字", "holds no script"),
        ("script: !!python/object:os.system x\n", "tags (!!python/object:os.system)"),
        ("speed: .nan\n", "no number to count with"),
        ("\x00", "not YAML"),
        ('title: "a\\0b"\n', "control characters"),
        ("speed: !!int abc\n", "tags (!!int)"),
        ("title: !!binary '@@@'\n", "tags (!!binary)"),
        ("speed: !!timestamp x\n", "tags (!!timestamp)"),
        (f"longest_s: {'9' * 5000}\n", "no number to count with"),
        ("longest_s: 0x_\n", "no number to count with"),
    ],
)
def test_hostile_file_is_told_apart_in_bounded_time(tmp_path: Path, text: str, reason: str) -> None:
    began = time.perf_counter()
    examined, findings = found_in(write(tmp_path, text))
    assert examined.script is None and any(reason in examined.told(f) for f in findings)
    assert time.perf_counter() - began < 2


@given(st.integers(0, len(BASE) - 1), st.text(st.sampled_from(':{}[]\t\n*&"#-?, a字😀'), max_size=3), st.integers(0, 3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_no_typing_mistake_is_a_defect(tmp_path: Path, at: int, typed: str, lost: int) -> None:
    """A brace in a key ended the check with an error of the checker's own."""
    examined, findings = found_in(write(tmp_path, BASE[:at] + typed + BASE[at + lost :]))
    assert all(examined.told(f) for f in findings)


def test_huge_file_is_not_even_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at most 256 KB"):
        examine(write(tmp_path, "#" * 10_000_000))
    assert MOST_BYTES < 10_000_000


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes("script: 话术".encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        read_script_file(path)


def test_check_says_by_its_exit_code_whether_something_must_change(tmp_path: Path) -> None:
    def code(text: str, *options: str) -> int:
        return CliRunner().invoke(app, ["script", "check", str(write(tmp_path, text)), *options]).exit_code

    warned = BASE.replace("variables:\n", "variables:\n  product: {from: product, level: general}\n")
    assert (code(BASE), code(warned), code(warned, "--strict")) == (0, 0, 1)
    assert (code(BASE.replace("refuse_hard: refused", "refuse_hard: once")), code("x")) == (1, 2)


def test_check_in_json_names_rule_place_and_remedy_in_both_languages(tmp_path: Path) -> None:
    path = write(tmp_path, BASE.replace("question: fact", "question: facts"))
    told = json.loads(CliRunner().invoke(app, ["script", "check", str(path), "--json"]).stdout)
    (finding,) = told["findings"]
    assert (finding["rule"], finding["line"], finding["column"]) == ("unknown-value", 25, 15)
    assert finding["fix_en"] == "did you mean fact?" and finding["fix_zh"] == "是不是 fact?"
    assert told["errors"] == 1 and told["hash"] is None


def test_clip_that_is_missing_or_no_longer_said_is_found(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        BASE.replace("{person}", "您").replace("variables:\n  person: {from: salutation, level: general}\n", ""),
    )
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "0000000000000000.ogg").touch()
    told = json.loads(CliRunner().invoke(app, ["script", "check", str(path), "--json"]).stdout)
    assert [(f["rule"], f["severity"]) for f in told["findings"]] == [
        ("missing-clip", "error"),
        ("stale-clip", "warning"),
    ]


def test_word_that_is_meant_otherwise_is_no_finding() -> None:
    words = {w.id: w for w in STANDARDS.words}
    assert words["CN-SUPERLATIVE"].found_in("我第一时间联系您,最好在上午") is None
    assert words["CN-SUPERLATIVE"].found_in("这是最好的产品") == "最好"


def test_every_word_list_says_where_it_comes_from_and_law_is_not_claimed_without_a_text() -> None:
    assert all(w.cite and w.reason.zh and w.reason.en and w.fix.zh and w.fix.en for w in STANDARDS.words)
    assert all(w.standing == "default" for w in STANDARDS.words if w.cite.startswith("docs/"))


def test_a_warning_does_not_keep_a_script_from_approval_and_an_error_does(tmp_path: Path) -> None:
    _, findings = found_in(write(tmp_path, BASE.replace("要不要免费核对一次", "今天必须办")))
    assert [f.severity for f in findings] == [Severity.WARNING]


COMMON = """\
lines:
  hello: 请问能听到我说话吗?
  gone: 好像听不到您的声音,我先挂了,再见。
  never_said: 这一句没有人说。
steps:
  left: {say: gone, end: {grade: D, outcome: silent}}
  elsewhere: {say: never_said, end: {grade: D, outcome: x}}
anywhere:
  busy: promised
"""
INCLUDING = (
    BASE.replace("start: confirm", "include: {common: common.yaml}\nstart: confirm")
    .replace("say: hello, times: 2, then: left", "say: common.hello, times: 2, then: common.left")
    .replace("  hello: 请问能听到我说话吗?\n", "")
    .replace("  left: {say: bye, end: {grade: D, outcome: silent}}\n", "")
    .replace("times: 2, then: left}\nstopping", "times: 2, then: common.left}\nstopping")
)


def including(folder: Path, common: str = COMMON, text: str = INCLUDING) -> tuple[Examined, tuple[Finding, ...]]:
    (folder / "common.yaml").write_text(common, encoding="utf-8")
    return found_in(write(folder, text))


def test_a_script_takes_what_it_says_from_a_shared_file_and_nothing_else(tmp_path: Path) -> None:
    examined, findings = including(tmp_path)
    assert findings == () and examined.script is not None
    assert examined.script.steps["common.left"].line == "common.gone"
    assert "common.never_said" not in examined.script.lines and "common.elsewhere" not in examined.script.steps
    other, _ = including(tmp_path, COMMON.replace("我先挂了", "我先挂断了"))
    assert other.script is not None and other.script.hash != examined.script.hash, "what is said is another"


@pytest.mark.parametrize(
    ("old", "new", "at", "fix"),
    [
        ("say: gone", "sey: gone", "common.yaml:6:10", "did you mean say?"),
        ("say: gone", "say: gonne", "common.yaml:6:15", "known are"),
        ("我先挂了", "我们零风险", "common.yaml:3:9", "name the risk"),
        ("busy: promised", "busy: promissed", "common.yaml:9:9", "did you mean promised?"),
        ("steps:", "include: {x: common.yaml}\nsteps:", "common.yaml:5:1", "known are anywhere, lines, steps"),
        ("  left:", "  left: [", "common.yaml:7:3", "quotes"),
    ],
)
def test_what_is_wrong_in_a_shared_file_is_told_there(tmp_path: Path, old: str, new: str, at: str, fix: str) -> None:
    examined, findings = including(tmp_path, COMMON.replace(old, new, 1))
    told = [examined.told(f) for f in findings]
    assert any(at in line and fix in line for line in told), told


def test_a_name_that_the_shared_file_does_not_have_is_told_in_the_script(tmp_path: Path) -> None:
    examined, findings = including(tmp_path, text=INCLUDING.replace("say: common.hello", "say: common.helo"))
    assert [f.rule for f in findings] == ["unknown-line"] and "script.yaml" in examined.told(findings[0])


def test_a_misspelled_name_of_the_shared_file_is_told_with_the_one_it_has(tmp_path: Path) -> None:
    """Its remedy listed the script's own names only."""
    examined, findings = including(tmp_path, text=INCLUDING.replace("then: common.left", "then: common.lefft", 1))
    (told,) = [examined.told(f) for f in findings if f.rule == "unknown-step"]
    assert "did you mean common.left?" in told


def test_nothing_but_files_of_the_scripts_folder_is_included(tmp_path: Path) -> None:
    """A pipe was waited for without end, a device was read until the memory was full."""
    (tmp_path / "inside").mkdir()
    os.mkfifo(tmp_path / "inside" / "common.yaml")
    (tmp_path / "inside" / "link.yaml").symlink_to("/etc/passwd")
    (tmp_path / "inside" / "large.yaml").write_bytes(b"#" * (MOST_BYTES + 1))
    told = []
    for name in ("common.yaml", "link.yaml", "large.yaml"):
        examined, findings = found_in(write(tmp_path / "inside", INCLUDING.replace("common.yaml", name)))
        told += [examined.told(f) for f in findings]
    fixes = ("give a file of YAML", "beside the script", "split it")
    assert all(fix in line and "script.yaml:19:" in line for fix, line in zip(fixes, told, strict=True)), told


@pytest.mark.parametrize("name", ["/dev/zero", "/tmp", "/nowhere/script.yaml"])
def test_what_is_no_file_is_told_before_it_is_read(name: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: "):
        examine(Path(name))


def branching(branches: str) -> str:
    return BASE.replace("silence: {", f"branches:\n{branches}silence: {{").replace("accept: remind", "accept: b0")


def test_branches_are_looked_through_in_bounded_time_and_too_many_are_refused(tmp_path: Path) -> None:
    """Twenty-six pairs of splits took hours, and a chain of a thousand overflowed the stack."""
    pairs = "".join(f"  {x}{n}: {{split: {{x: b{n + 1}, y: c{n + 1}}}}}\n" for n in range(98) for x in "bc")
    chain = "".join(f"  b{n}: {{split: {{x: b{n + 1}, y: left}}}}\n" for n in range(199))
    last = "  {}: {{split: {{x: remind, y: wrong}}}}\n"
    began = time.perf_counter()
    for branches in (pairs + last.format("b98") + last.format("c98"), chain + last.format("b199")):
        examined, _ = found_in(write(tmp_path, branching(branches)))
        assert examined.script is not None and len(examined.script.may_enter("b0")) <= 3
    assert time.perf_counter() - began < 5
    examined, findings = found_in(write(tmp_path, branching(chain + last.format("b199") + last.format("more"))))
    assert "more than 200 entries" in " ".join(examined.told(f) for f in findings)


def test_two_thousand_ways_to_ask_are_checked_in_seconds(tmp_path: Path) -> None:
    """Each was compared with every other: 64 s."""
    chance = random.Random(1)
    ways = [["".join(chance.choices(CHARACTERS, k=8)) for _ in range(50)] for _ in range(40)]
    rows = "".join(f"  k{n}: {{asked: [{', '.join(asked)}], answer: about}}\n" for n, asked in enumerate(ways))
    began = time.perf_counter()
    examined, _ = found_in(write(tmp_path, f"{BASE}knowledge:\n{rows}"))
    assert examined.script is not None
    assert time.perf_counter() - began < 10
    more = f"{BASE}knowledge:\n{rows}  more: {{asked: [还有吗], answer: about}}\n"
    examined, findings = found_in(write(tmp_path, more))
    assert "at most 2000" in examined.told(findings[0]) and findings[0].path == ("knowledge",)


def test_what_is_wrong_at_one_place_in_several_ways_is_told_once(tmp_path: Path) -> None:
    """A polite no that leads through a branch to three persuading steps was told three times."""
    twice = "  {}: {{say: persuade, again: offer, question: offer, next: {{accept: promised, deny: refused}}}}\n"
    split = "branches:\n  b: {split: {x: once, y: other, z: third}}\nsilence: {"
    text = BASE.replace("  promised: {say", f"{twice.format('other')}{twice.format('third')}  promised: {{say")
    text = text.replace("refuse_soft: once", "refuse_soft: b").replace("silence: {", split, 1)
    examined, findings = found_in(write(tmp_path, text))
    (told,) = [examined.told(f) for f in findings if f.rule == "persuades-twice"]
    assert "other has persuaded once already, third has persuaded once already" in told


def test_an_empty_word_that_is_pronounced_is_told_by_the_key_it_stands_under(tmp_path: Path) -> None:
    examined, findings = found_in(write(tmp_path, BASE + "pronounce: {'': 虫}\n"))
    assert "a key of pronounce is empty" in examined.told(findings[0])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_have_every_clip_and_no_other(path: Path) -> None:
    told = CliRunner().invoke(app, ["script", "check", str(path), "--strict"])
    assert told.exit_code == 0, told.output
