"""An event loop whose clock jumps to the next timer: a call of three minutes takes milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _JumpingSelector(selectors.DefaultSelector):
    """Does not wait: when nothing is ready, time moves on by the time-out."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self.now += timeout
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine to its end in virtual time; nothing in it may wait for the real world."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(story)
