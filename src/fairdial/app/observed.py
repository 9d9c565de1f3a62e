"""A process that lives for a while shows what it counts, where the settings say so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fairdial.app import App
from fairdial.app.readiness import checks_of
from fairdial.observe.health import Health
from fairdial.observe.joined import Joined
from fairdial.observe.together import Together, shown
from fairdial.observe.traces import open_tracer


@asynccontextmanager
async def observed(app: App, kind: str, *, recordings: Path | None) -> AsyncIterator[None]:
    """Show metrics and health, and send traces, inside the block; without the settings it does nothing.

    Args:
        kind: What the process is: `server`, `order-taker`, `run` or `worker`.
        recordings: Where recordings go; None for a process that starts no calls.

    Raises:
        SettingsError: Traces are wanted and the SDK is not installed.
    """
    wanted, watch = app.settings.observe, app.watch
    watch.meters.processes.labels(kind).set(1)
    async with AsyncExitStack() as held:
        if wanted.traces is not None:
            tracing = open_tracer(wanted.traces, process=f"{kind}-{os.getpid()}", version=version("fairdial"))
            watch.trace = tracing.__enter__()
            held.push_async_callback(asyncio.to_thread, tracing.__exit__, None, None, None)
        if wanted.metrics is not None:
            joined = Joined(watch.meters.registry)
            health = Health(checks_of(app, recordings=recordings, joined=joined))
            together = Together(wanted.metrics, app.settings.home, watch.meters, joined, health)
            await held.enter_async_context(shown(together))
        yield
