"""Who may submit, approve and reject a script, and what a reviewer sees of a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.parse import parse_script
from fairdial.core.script.review import Review, ReviewState, objection
from fairdial.core.script.spoken import HEARD, spoken_diff, transcript
from tests.core.scripts import content, renewal

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SUBMITTED, APPROVED, REJECTED = ReviewState
AUTHOR, REVIEWER = "张编写", "李审核"


def happened(*steps: tuple[ReviewState, str]) -> list[Review]:
    return [
        Review(state=state, by=by, at=AT + timedelta(hours=hour), reason=None) for hour, (state, by) in enumerate(steps)
    ]


@pytest.mark.parametrize(
    ("before", "wanted", "by", "is_allowed"),
    [
        ([], SUBMITTED, AUTHOR, True),
        ([], APPROVED, REVIEWER, False),
        ([(SUBMITTED, AUTHOR)], APPROVED, REVIEWER, True),
        ([(SUBMITTED, AUTHOR)], APPROVED, AUTHOR, False),
        ([(SUBMITTED, "Li Hua")], APPROVED, "li hua ", False),
        ([(SUBMITTED, AUTHOR)], REJECTED, REVIEWER, True),
        ([(SUBMITTED, AUTHOR)], SUBMITTED, AUTHOR, False),
        ([(SUBMITTED, AUTHOR), (APPROVED, REVIEWER)], APPROVED, REVIEWER, False),
        ([(SUBMITTED, AUTHOR), (APPROVED, REVIEWER)], REJECTED, REVIEWER, True),
        ([(SUBMITTED, AUTHOR), (REJECTED, REVIEWER)], APPROVED, REVIEWER, False),
        ([(SUBMITTED, AUTHOR), (REJECTED, REVIEWER)], SUBMITTED, AUTHOR, True),
        ([(SUBMITTED, AUTHOR), (APPROVED, REVIEWER), (SUBMITTED, REVIEWER)], APPROVED, REVIEWER, False),
        ([], SUBMITTED, "  ", False),
    ],
)
def test_two_people_stand_behind_every_approval(
    before: list[tuple[ReviewState, str]], wanted: ReviewState, by: str, is_allowed: bool
) -> None:
    found = objection(happened(*before), wanted, by=by, reason="x")
    assert (found is None) == is_allowed
    assert found is None or (found.zh and found.en)


def test_a_rejection_says_why() -> None:
    assert objection(happened((SUBMITTED, AUTHOR)), REJECTED, by=REVIEWER, reason=" ") is not None


def test_the_reviewer_sees_words_in_the_order_of_the_conversation_and_no_yaml() -> None:
    lines = transcript(renewal())
    assert "[confirm]" in lines[1] and lines[2].startswith("  说:您好,这里是晴川保险")
    assert lines.index("[remind]") < lines.index("[persuade]")
    text = "\n".join(lines)
    assert all(word in text for texts in renewal().lines.values() for word in texts)
    assert "say:" not in text and "still_covered" not in text


def test_a_diff_shows_what_will_be_said_and_where_it_leads() -> None:
    changed = content()
    changed["lines"]["offer"] = "要不要顾问给您回电话?"
    changed["anywhere"]["busy"] = "later"
    changes = spoken_diff(renewal(), parse_script(changed, name="x"))
    assert "-  再问:需要请保险顾问给您回个电话吗?" in changes and "+  再问:要不要顾问给您回电话?" in changes
    assert "+  正忙 → [later]" in changes


def test_the_reviewer_sees_how_a_word_is_read_aloud() -> None:
    """A word that was read as something else was approved unseen."""
    spoken = content() | {"pronounce": {"晴川": "情穿"}}
    added = spoken_diff(renewal(), parse_script(spoken, name="x"))
    assert "+  晴川:情穿" in added and any("这里是情穿保险" in line for line in added)


def test_the_goodbye_of_a_stopped_campaign_ends_the_call() -> None:
    """It was shown as asking again."""
    (told,) = [line for line in transcript(renewal()) if "任务中止" in line]
    assert told.endswith(f"{renewal().lines[renewal().stopping][0]} → 结束通话")


def test_the_order_of_keys_is_no_change() -> None:
    """A version that came back from the ledger in another order was told as 119 changed lines."""
    changed = {key: dict(sorted(v.items())) if isinstance(v, dict) else v for key, v in content().items()}
    assert [*changed["anywhere"]] != [*content()["anywhere"]]
    assert spoken_diff(parse_script(changed, name="x"), renewal()) == []


def test_a_line_that_is_only_named_otherwise_is_no_change() -> None:
    changed = content()
    changed["lines"]["remark"] = changed["lines"].pop("offer")
    for step in changed["steps"].values():
        if step.get("again") == "offer":
            step["again"] = "remark"
    assert spoken_diff(renewal(), parse_script(changed, name="x")) == []


def test_every_meaning_has_its_words_for_a_reviewer() -> None:
    assert set(HEARD) == set(Meaning)
