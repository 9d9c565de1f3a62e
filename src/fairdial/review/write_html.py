"""The review document as one page that holds its clips."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from fairdial.review.blocks import Block


def html_of(blocks: Iterable[Block], *, clips: Path | None) -> str:
    """The page; clips that lie in the folder can be heard in it."""
    environment = Environment(
        loader=PackageLoader("fairdial.review"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["sound"] = lambda name: _sound(clips, name)
    return environment.get_template("script.html.j2").render(blocks=list(blocks))


def _sound(clips: Path | None, name: str | None) -> str | None:
    path = clips / f"{name}.ogg" if clips and name else None
    if path is None or not path.is_file():
        return None
    return f"data:audio/ogg;base64,{base64.b64encode(path.read_bytes()).decode()}"
