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
from tests.broken_scripts import BASE, BROKEN, CHARACTERS, MESSAGE, SENDING

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*/script.yaml"))
STANDARDS = Standards(
    packs=load_packs(None),
    words=load_word_lists(None),
    understand=Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of,
)


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
