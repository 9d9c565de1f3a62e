"""Whether a process lives and can do its work: checks by name, told as `ok` or `failed` and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fairdial.errors import FairdialError

_log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
"""Returns when all is well.

Raises:
    FairdialError: It is not; the log tells why, whoever asks only that.
"""

KEEP_S = 2.0
"""An answer is told again for so long: who asks often costs nothing."""

_CHECK_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What whoever asks is told: each check by name."""

    checks: Mapping[str, bool]

    @property
    def is_ok(self) -> bool:
        return all(self.checks.values())

    @property
    def body(self) -> dict[str, object]:
        """As JSON values."""
        words = {name: "ok" if is_ok else "failed" for name, is_ok in self.checks.items()}
        return {"status": "ok" if self.is_ok else "failed", "checks": words}


def failed(check: str) -> Told:
    """One check that failed."""
    return Told(checks={check: False})


class Health:
    """Answers of one process; checks are done side by side, and the answer is kept for `KEEP_S`."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)
        self._kept: tuple[float, Told] | None = None
        self._turn = asyncio.Lock()
        self._failing: set[str] = set()

    async def alive(self) -> Told:
        """That this is answered at all is the answer."""
        return Told(checks={"loop": True})

    async def ready(self) -> Told:
        """Whether everything is there that work needs."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._kept is None or now - self._kept[0] >= KEEP_S:
                said = await asyncio.gather(*(self._done(name, check) for name, check in self._checks.items()))
                self._kept = (
                    asyncio.get_running_loop().time(),
                    Told(checks=dict(zip(self._checks, said, strict=True))),
                )
            return self._kept[1]

    async def _done(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(_CHECK_S):
                await check()
        except (FairdialError, TimeoutError) as error:
            if name not in self._failing:  # not each time that somebody asks
                self._failing.add(name)
                _log.warning(
                    "not ready 未就绪: %s: %s", name, error.code if isinstance(error, FairdialError) else "timeout"
                )
            return False
        if name in self._failing:
            self._failing.remove(name)
            _log.warning("ready again 恢复: %s", name)
        return True
