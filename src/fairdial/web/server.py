"""The web application: every route, one contract, headers that keep a browser safe."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from fairdial.app import App
from fairdial.app.imports import Imports
from fairdial.app.script_desk import ScriptDesk
from fairdial.web import bodies, health, problems, repeating
from fairdial.web.headers import SafeHeaders
from fairdial.web.live import Hub
from fairdial.web.problems import Problem
from fairdial.web.routes import (
    calls,
    campaign_life,
    campaigns,
    complaints,
    corrections,
    evidence,
    gate,
    imports,
    lines,
    lists,
    oidc,
    people,
    readings,
    refusals,
    reports,
    rules,
    runs,
    script_practice,
    scripts,
    session,
    suspensions,
    today,
    users,
)

PREFIX = "/api/v1"
PARTS = (
    session,
    oidc,
    users,
    today,
    campaigns,
    campaign_life,
    imports,
    lists,
    lines,
    calls,
    corrections,
    people,
    refusals,
    complaints,
    suspensions,
    rules,
    gate,
    evidence,
    readings,
    reports,
    runs,
    script_practice,
    scripts,
)
"""Everything the contract holds."""

CONSOLE = Path(__file__).parent / "static"

_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": words}
    for status, words in (
        (400, "What was sent cannot be used."),
        (401, "Nobody is signed in."),
        (403, "It is not allowed to who asks."),
        (404, "There is no such thing."),
        (409, "Its state does not allow it now."),
        (422, "What was sent has another shape."),
        (429, "Too many tries."),
        (503, "The ledger cannot be reached."),
    )
}


def create_server(
    opened: App, *, is_secure: bool = False, recordings: Path = Path("recordings"), clips: Path | None = None
) -> FastAPI:
    """The application over an open installation.

    Args:
        is_secure: Whether it is reached over TLS; then cookies travel over nothing else.
        recordings: Where recordings lie.
        clips: Where clips lie; without it none is heard or rendered.
    """
    web = FastAPI(
        title="fairdial 善呼",
        version="1",
        description="Outbound calls that carry their permission. 每一通外呼都带着许可。",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={status: _PROBLEMS[status] for status in (400, 401, 403, 404, 422, 503)},
    )
    problems.tell(web)
    web.state.opened = opened
    web.state.is_secure = is_secure
    web.state.recordings = recordings
    web.state.clips = clips
    web.state.imports = Imports()
    web.state.desk = ScriptDesk(opened, clips=clips)
    web.state.live = Hub(opened)
    problems.install(web)
    for part in PARTS:
        web.include_router(part.router, prefix=PREFIX)
    repeating.install(web, prefix=PREFIX)
    bodies.install(web, (route for part in PARTS for route in part.router.routes), prefix=PREFIX)

    health.install(web, health.health_of(opened, makes_calls_into=recordings if clips is not None else None))
    web.add_middleware(SafeHeaders, is_secure=is_secure)
    web.add_middleware(health.Counted, opened=opened)

    if CONSOLE.is_dir():
        _serve_console(web)
    return web


def _serve_console(web: FastAPI) -> None:
    """The built console; every address that is no file of it is a page of it.

    Files under `/assets` are named by the hash of their content and never change. Only they are compressed: an answer of the
    API holds secrets beside what a stranger may have chosen (BREACH).
    """
    web.mount("/assets", GZipMiddleware(StaticFiles(directory=CONSOLE / "assets")), name="assets")

    @web.get("/{page:path}", include_in_schema=False)
    async def page(page: str) -> FileResponse:
        if page.startswith("api/"):
            raise problems.not_found("address")
        file = file_in(CONSOLE, page) or CONSOLE / "index.html"
        return FileResponse(file, headers={"Cache-Control": "no-cache"})


def file_in(folder: Path, name: str) -> Path | None:
    """A file of a folder by its name; None of what lies elsewhere, and of names that no file can have."""
    try:
        file = (folder / name).resolve()
        return file if file.is_file() and file.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):  # too long; a NUL
        return None
