"""The states of a campaign and the moves between them. Pure; one table, and every refusal says why and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CampaignState(StrEnum):
    """`draft` until nothing in it contradicts, `checked` until its script is approved, `approved` until it is started."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


class Move(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"


_S = CampaignState
MOVES: Mapping[Move, tuple[frozenset[CampaignState], CampaignState]] = {
    Move.START: (frozenset({_S.APPROVED, _S.RUNNING}), _S.RUNNING),
    Move.PAUSE: (frozenset({_S.RUNNING, _S.PAUSED}), _S.PAUSED),
    Move.RESUME: (frozenset({_S.PAUSED, _S.RUNNING}), _S.RUNNING),
    Move.FINISH: (frozenset(_S) - {_S.DRAFT}, _S.FINISHED),
}
"""From where each move may be made, and where it leads; made again it changes nothing."""

_WHY_NOT: Mapping[CampaignState, tuple[str, str]] = {
    _S.DRAFT: (
        "something in it contradicts; `fairdial campaign check` says what",
        "设置有矛盾,`fairdial campaign check` 会说明",
    ),
    _S.CHECKED: ("its script is not approved; have it reviewed first", "话术未审核通过,请先提交审核"),
    _S.APPROVED: ("it was not started yet; `fairdial campaign run` starts it", "尚未开始,先运行任务"),
    _S.RUNNING: ("it is running", "正在运行"),
    _S.PAUSED: ("it is paused; `fairdial campaign resume` lets it go on", "已暂停,恢复后才能继续"),
    _S.FINISHED: (
        "it is finished; create another one over the list for whoever is left",
        "已结束;其余客户请另建任务",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """A move that the state does not allow; why, and what to do."""

    en: str
    zh: str


def moved(state: CampaignState, move: Move) -> CampaignState | NotNow:
    """The state after a move, or why it cannot be made."""
    sources, target = MOVES[move]
    if state in sources:
        return target
    en, zh = _WHY_NOT[state]
    return NotNow(en=en, zh=zh)


def settled(state: CampaignState, *, contradicts: bool, is_approved: bool) -> CampaignState:
    """Where a campaign that was not started yet stands by what was found; one that was started stays as it is."""
    if state not in (CampaignState.DRAFT, CampaignState.CHECKED, CampaignState.APPROVED):
        return state
    if contradicts:
        return CampaignState.DRAFT
    return CampaignState.APPROVED if is_approved else CampaignState.CHECKED
