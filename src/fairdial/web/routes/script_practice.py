"""Texts of scripts while they are written: checked, rehearsed, talked with; nothing is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from fairdial.app.scripts import STARTER
from fairdial.core.access.caller import Caller
from fairdial.core.access.roles import Permission
from fairdial.web.asking import Clips, Desk, needs
from fairdial.web.script_shapes import Checked, ScriptText, checked

router = APIRouter(tags=["scripts"])

Sees = Annotated[Caller, Depends(needs(Permission.SEE_SCRIPTS))]


class Text(BaseModel):
    text: ScriptText


@router.get("/scripts/starter")
async def show_starter(who: Sees) -> Text:
    """A short script without a finding, to begin one's own from."""
    return Text(text=STARTER.read_text(encoding="utf-8"))


@router.post("/scripts/check")
async def check_script(asked: Text, who: Sees, desk: Desk, clips: Clips) -> Checked:
    """What is wrong with a text, by line and column, where it leads and what it says."""
    return checked(await desk.read(asked.text), clips)
