"""The example script, parsed, for tests of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from fairdial.core.dialogue.actions import Action
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.events import GreetingOver
from fairdial.core.dialogue.state import Talking, Waiting
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script

EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance-renewal"


def content() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((EXAMPLE / "script.yaml").read_text(encoding="utf-8"))
    return loaded


def renewal() -> Script:
    return parse_script(content(), name="script.yaml")


def opened(script: Script) -> tuple[Talking, tuple[Action, ...]]:
    """A conversation whose first words are being said."""
    state, actions = advance(script, Waiting(), GreetingOver())
    assert isinstance(state, Talking)
    return state, actions
