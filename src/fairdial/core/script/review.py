"""Who may submit, approve and reject a version of a script. Pure: gets what happened to it, returns an objection or none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fairdial.core.access.persons import is_same


class ReviewState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One thing that happened to a version; a rejection has a reason."""

    state: ReviewState
    by: str
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    zh: str
    en: str


def submitter_of(history: Sequence[Review]) -> str | None:
    """Who submitted a version last."""
    return next((r.by for r in reversed(history) if r.state is ReviewState.SUBMITTED), None)


def objection(
    history: Sequence[Review], wanted: ReviewState, *, by: str, reason: str | None, behind: Collection[str] = ()
) -> Objection | None:
    """Why somebody may not do this now, or None.

    Args:
        history: What happened to the version, oldest first.
        by: Who wants it.
        behind: Whoever stands behind the last submitter: who made the key that it is.
    """
    if not by.strip():
        return Objection(zh="没有写是谁(--by)", en="nobody is named (--by)")
    last = history[-1].state if history else None
    if wanted is ReviewState.SUBMITTED:
        if last is ReviewState.SUBMITTED:
            return Objection(
                zh=f"已经由 {history[-1].by} 提交", en=f"it has been submitted by {history[-1].by} already"
            )
        return None
    if last is None or (last is ReviewState.REJECTED):
        return Objection(
            zh="没有待审核的提交,先运行 fairdial script submit",
            en="nothing waits for a review; run `fairdial script submit` first",
        )
    if wanted is ReviewState.APPROVED and last is ReviewState.APPROVED:
        return Objection(
            zh="已经审核通过;到期前请重新提交", en="it is approved already; submit it anew before it expires"
        )
    submitter = submitter_of(history)
    assert submitter is not None, "it was submitted before anything else"
    if any(is_same(one, by) for one in (submitter, *behind)):
        return Objection(zh=f"{by} 提交了它,不能自己审核", en=f"{by} submitted it, and somebody else must review it")
    if wanted is ReviewState.REJECTED and not (reason or "").strip():
        return Objection(zh="驳回要写原因(--reason)", en="a rejection needs a reason (--reason)")
    return None
