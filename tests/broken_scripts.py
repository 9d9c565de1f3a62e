"""A sound script, and changes that break it: what is written instead, the rule that tells it, where, and the remedy."""

from __future__ import annotations

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
