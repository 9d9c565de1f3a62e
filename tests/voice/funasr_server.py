"""A server that speaks FunASR's WebSocket protocol and hears one sentence in whatever is loud.

It behaves as one of the two servers of FunASR do: `cpp` says `is_final` of the last part, `python` of all but the last.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol


@dataclass
class FunasrServer:
    """What it hears and how it fails: `closes`, `garbage`, `silent`, `endless` or not at all."""

    hears: str
    flavour: str = "cpp"
    fails: str = ""
    url: str = ""
    settings: list[dict[str, Any]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def answer(self, client: ServerConnection) -> None:
        told = json.loads(await client.recv())
        self.settings.append(told)
        sound, streamed = b"", 0
        async for message in client:
            if isinstance(message, str):
                assert json.loads(message) == {"is_speaking": False}
                break
            sound += message
            if len(sound) // 19_200 > streamed:  # a step of the streaming pass: 600 ms
                streamed += 1
                await self._write(client, "2pass-online", self.hears[:streamed], is_last=False)
            if self.fails == "closes":
                await client.close(1011)
                return
        self.seconds.append(len(sound) / 2 / told["audio_fs"])
        if self.fails == "silent":
            await client.wait_closed()
        while self.fails == "endless":
            await self._write(client, "2pass-online", "嗯", is_last=False)
            await asyncio.sleep(0.001)
        if self.fails == "garbage":
            await client.send("<html>502 Bad Gateway</html>")
            return
        text = self.hears if np.abs(np.frombuffer(sound, dtype="<i2").astype(np.int32)).max(initial=0) > 500 else ""
        await self._write(client, "2pass-offline", text, is_last=True)
        await client.wait_closed()

    async def _write(self, client: ServerConnection, mode: str, text: str, *, is_last: bool) -> None:
        is_final = is_last if self.flavour == "cpp" else not is_last
        await client.send(json.dumps({"mode": mode, "text": text, "wav_name": "call", "is_final": is_final}))


@asynccontextmanager
async def serving(server: FunasrServer) -> AsyncIterator[FunasrServer]:
    """Listen on the loopback inside the block."""
    async with serve(
        server.answer, "127.0.0.1", 0, subprotocols=[Subprotocol("binary")], close_timeout=0.1
    ) as listening:
        server.url = f"ws://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}"
        yield server
