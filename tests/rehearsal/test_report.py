"""What a rehearsal shows, from calls that are written by hand or tampered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import pytest
import yaml

from fairdial.core.dialogue.actions import Action, RecordRefusal, Say
from fairdial.core.dialogue.events import Event, FinishedSaying, HungUp, KeyPressed, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.dialogue.state import Facts
from fairdial.core.script.parse import parse_script
from fairdial.rehearsal.rehearsed_call import Intended, RehearsedCall
from fairdial.rehearsal.report.coverage import Branch
from fairdial.rehearsal.report.refusals import Wrong
from fairdial.rehearsal.report.report import report
from fairdial.rehearsal.report.spread import spread
from tests.rehearsal.rehearsed import EXAMPLES, NAMES, rehearse, script

SCRIPT = script("course-trial")


def heard(text: str, meaning: Meaning) -> SentenceHeard:
    return SentenceHeard(text=text, understood=Understood(meaning=meaning, confidence=1.0, evidence=""))


def call(*events: Event, meant: dict[int, Intended] | None = None) -> RehearsedCall:
    moments = tuple(retrace(SCRIPT, Facts(key="k"), events))
    return RehearsedCall(person="somebody", facts=Facts(key="k"), moments=moments, intended=meant or {})


REFUSED = call(heard("喂", Meaning.GREETING), heard("别再打了", Meaning.REFUSE_HARD), FinishedSaying(), HungUp())


def tampered(at: int, change: Callable[[Sequence[Action]], Sequence[Action]]) -> RehearsedCall:
    moments = list(REFUSED.moments)
    moments[at] = replace(moments[at], actions=tuple(change(moments[at].actions)))
    return replace(REFUSED, moments=tuple(moments))


def test_an_honoured_refusal_is_no_violation() -> None:
    assert report(SCRIPT, [REFUSED]).refusals.violations == ()


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (tampered(1, lambda done: [a for a in done if not isinstance(a, RecordRefusal)]), Wrong.NOT_RECORDED),
        (tampered(1, lambda done: [*done][::-1]), Wrong.RECORDED_TOO_LATE),
        (tampered(1, lambda done: [*done, Say(lines=("persuade",))]), Wrong.WENT_ON),
        (tampered(2, lambda done: [Say(lines=("persuade",)), *done]), Wrong.WENT_ON),
    ],
    ids=["never recorded", "recorded after the goodbye", "persuaded at once", "persuaded later"],
)
def test_a_tampered_call_is_a_violation(call: RehearsedCall, wrong: Wrong) -> None:
    assert [violation.wrong for violation in report(SCRIPT, [call]).refusals.violations] == [wrong]


def test_a_refusal_by_key_counts_like_one_by_words() -> None:
    by_key = replace(SCRIPT, keys={"9": Meaning.REFUSE_HARD})
    moments = list(retrace(by_key, Facts(key="k"), [heard("喂", Meaning.GREETING), KeyPressed(key="9"), HungUp()]))
    honoured = replace(REFUSED, moments=tuple(moments), intended={1: Intended(said="9", meaning=Meaning.REFUSE_HARD)})
    found = report(by_key, [honoured]).refusals
    assert (found.calls, found.recorded_calls, found.understood, found.violations) == (1, 1, 1, ())
    moments[1] = replace(moments[1], actions=())
    assert (
        report(by_key, [replace(honoured, moments=tuple(moments))]).refusals.violations[0].wrong is Wrong.NOT_RECORDED
    )


def test_a_refusal_that_was_not_understood_is_missed_and_blames_nobody_else() -> None:
    meant = {1: Intended(said="莫打咯", meaning=Meaning.REFUSE_HARD)}
    told = report(SCRIPT, [call(heard("喂", Meaning.GREETING), heard("摸打咯", Meaning.OTHER), HungUp(), meant=meant)])
    found = told.refusals
    assert (found.calls, found.recorded_calls, found.sentences, found.understood) == (1, 0, 1, 0)
    assert found.missed[0].said == "莫打咯" and found.missed[0].heard == "摸打咯" and found.violations == ()


def test_a_refusal_nobody_meant_is_told() -> None:
    meant = {1: Intended(said="可以", meaning=Meaning.ACCEPT)}
    told = report(SCRIPT, [call(heard("喂", Meaning.GREETING), heard("刻意", Meaning.REFUSE_HARD), meant=meant)])
    assert told.refusals.unmeant_count == 1 and told.refusals.unmeant[0].said == "可以"


def test_misunderstood_is_what_would_have_been_answered_otherwise() -> None:
    """At a question of fact a hum is a yes, and a yes taken for one does no harm."""
    meant = {1: Intended(said="是我", meaning=Meaning.ACCEPT), 2: Intended(said="上", meaning=Meaning.ACCEPT)}
    events = (heard("喂", Meaning.GREETING), heard("嗯", Meaning.BACKCHANNEL), heard("伤", Meaning.OTHER))
    told = report(SCRIPT, [call(*events, meant=meant)]).understanding
    assert (told.sentences, told.other_meaning, told.misunderstood) == (2, 2, 1)
    [confusion] = told.confusions
    assert (confusion.intended, confusion.understood, confusion.count) == ("accept", "other", 1)
    assert confusion.examples[0].step == "school"


def test_coverage_counts_steps_and_the_ways_out_of_them() -> None:
    events = (heard("喂", Meaning.GREETING), heard("是", Meaning.ACCEPT), heard("多少钱", Meaning.ASK_PRICE))
    told = report(SCRIPT, [call(*events, heard("打错了", Meaning.WRONG_NUMBER))]).coverage
    assert [name for name, count in told.steps.items() if count] == ["confirm", "school", "wrong_person"]
    assert told.taken == 3 and Branch(at="anywhere", on="busy", to="ask_when") in told.never_branches


def test_coverage_tells_which_arm_of_a_branch_a_person_was_led_through() -> None:
    told = report(SCRIPT, [call(heard("喂", Meaning.GREETING), *(heard("是", Meaning.ACCEPT),) * 2)]).coverage
    taken = next(name for name in ("invite", "invite_short") if told.steps[name])
    arms = {branch.to for branch in told.never_branches if branch.at == "invitation"}
    assert arms == {"invite", "invite_short"} - {taken} and told.taken == 3


def test_a_case_that_nobody_on_the_list_has_is_told_with_the_reason() -> None:
    """A branch that was never taken looked superfluous where the list had no such column."""
    whole = yaml.safe_load((EXAMPLES / "course-trial" / "script.yaml").read_text(encoding="utf-8"))
    whole["variables"]["type"] = {"from": "segment", "level": "general"}
    cases = {"老客户": "invite", "新客户": "invite_short"}
    whole["branches"]["by_type"] = {"of": "type", "cases": cases, "otherwise": "invitation"}
    branching = parse_script(whole, name="x")
    greeted = call(heard("喂", Meaning.GREETING))
    old = replace(greeted, facts=Facts(values={"type": "老客户"}, key="1"))
    unmet = [report(branching, calls).coverage.unmet for calls in ([greeted], [greeted, old])]
    assert [[(case.case, case.is_given) for case in cases] for cases in unmet] == [
        [("老客户", False), ("新客户", False)],
        [("新客户", True)],
    ]


def test_dead_ends_are_told_by_the_step_where_nothing_was_understood() -> None:
    lost = call(heard("喂", Meaning.GREETING), *(heard("啥", Meaning.OTHER),) * 3)
    silent = call(heard("喂", Meaning.GREETING), *(SilenceElapsed(),) * 3)
    told = report(SCRIPT, [lost, lost, silent]).dead_ends
    assert [(end.step, end.ladder, end.count) for end in told] == [("confirm", "unclear", 2), ("confirm", "silence", 1)]
    assert told[0].last_heard == ("啥",)


def test_speech_after_a_refusal_is_the_goodbye_and_no_more() -> None:
    meant = {1: Intended(said="别再打了", meaning=Meaning.REFUSE_HARD)}
    told = report(SCRIPT, [replace(REFUSED, intended=meant)])
    [goodbye] = SCRIPT.lines["refusal_noted"]
    assert told.refusals.seconds_after_hard.most == pytest.approx(len(goodbye) * 0.19, abs=1.0)


@pytest.mark.parametrize("name", NAMES)
def test_the_report_of_a_rehearsal_is_the_same_for_the_same_seed(name: str) -> None:
    first, again = (report(script(name), rehearse(name, callees=120, cer=0.2)) for _ in range(2))
    assert asdict(first) == asdict(again)
    assert first.refusals.violations == () and first.unfinished == 0 and sum(first.outcomes.values()) == 120


def test_a_spread_is_told_by_values_that_occurred() -> None:
    told = spread([3, 1, 2, 10])
    assert (told.count, told.median, told.ninth_decile, told.most) == (4, 2, 10, 10)
    assert spread([]).count == 0 and spread([0.0]).count == 1
