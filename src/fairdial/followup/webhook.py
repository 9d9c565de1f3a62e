"""A message to one of the operator's systems, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

PATIENCE_S = 10.0
"""For which a receiver is waited for; it should take the message and work on it afterwards."""


def new_client() -> httpx.AsyncClient:
    """A client that follows no redirection: a message goes to the address it is signed for, or nowhere."""
    return httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False, headers={"user-agent": "fairdial-webhooks/1"})


async def post(client: httpx.AsyncClient, url: str, *, headers: Mapping[str, str], body: bytes) -> str | None:
    """Send a message; None when it was taken, by any answer of the two hundreds, and else why not, in a few words without an address."""
    try:
        async with client.stream("POST", url, headers=dict(headers), content=body) as answer:
            return None if answer.is_success else f"HTTP {answer.status_code}"
    except httpx.TimeoutException:
        return f"no answer within {PATIENCE_S:.0f} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"not reached: {type(error).__name__}"
