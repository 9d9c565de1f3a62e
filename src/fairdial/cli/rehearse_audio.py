"""`fairdial rehearse --audio`: the people beside a script answer by telephone. 有声演练。"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.console import Console

from fairdial.app import App, open_app
from fairdial.app.run import RunOptions, run_campaign
from fairdial.cli.lists import import_file, show_rejected
from fairdial.cli.practice import Practice, point_line, practice_network, prepare, set_clock
from fairdial.cli.progress import CallProgress
from fairdial.cli.report import write_report
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.script.model import Script
from fairdial.errors import InputError
from fairdial.ledger.calls.conversations import conversations_of
from fairdial.ledger.embedded import remove_embedded
from fairdial.models import MODELS_TO_RUN, fetch
from fairdial.rehearsal.heard import intended
from fairdial.rehearsal.persona import Persona
from fairdial.rehearsal.persona_file import load_assignment, load_personas
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.report.spread import Spread, spread
from fairdial.settings import read_settings
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier

NEEDED = ("customers.csv", "personas.yaml", "personas-assign.json", "persona-clips", "clips")
"""What stands beside a script that is rehearsed by sound."""

_CAMPAIGN = "rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of a rehearsal by sound; `answered` in the order of the calls, other fields over all of them."""

    answered: tuple[RehearsedCall, ...]
    verdicts: Mapping[str, int]
    dispositions: Mapping[str, int]
    first_word_ms: Spread
    gap_ms: Spread
    """From the end of the person's words to the first sound of ours."""


def check_folder(folder: Path) -> None:
    """See that everything is there.

    Raises:
        InputError: A file is missing; how it is made is said.
    """
    lacking = [name for name in NEEDED if not (folder / name).exists()]
    if lacking:
        raise InputError(
            f"{folder}: {', '.join(lacking)} missing for a rehearsal by sound 有声演练缺少文件; copy people and list from"
            f" examples/, and make clips with `make clips CLIPS={folder}`; --text needs none of it 文字演练不需要"
        )


async def rehearse_by_sound(
    folder: Path, content: Mapping[str, Any], script: Script, *, capacity: int, out: Path | None, console: Console
) -> Heard:
    """Call everybody on the folder's list once, through gate and telephone, in a database that is gone afterwards.

    Args:
        out: Where report.html and recordings are kept; None keeps nothing.

    Raises:
        InputError: A file is wrong, or `out` is not empty.
    """
    if out is not None and out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: is not empty 不是空文件夹; name another folder with --out")
    people = load_assignment(folder / "personas-assign.json", load_personas(folder / "personas.yaml"))
    with tempfile.TemporaryDirectory(prefix="fairdial-rehearsal-") as temporary:
        home = Path(temporary)
        settings = replace(read_settings(os.environ), home=home, database_url=None, tenant=script.company)
        fetch(MODELS_TO_RUN, settings.models)
        try:
            async with open_app(settings) as opened:
                practice = Practice(folder=folder, campaign=_CAMPAIGN, capacity=capacity)
                kept = out or home / "out"
                await _call(opened, practice, content, script, kept, console)
                personas = {number: persona.name for number, persona in people.items()}
                told = await write_report(opened, _CAMPAIGN, kept, recordings=kept / "recordings", persona_of=personas)
                return await _heard(opened, script, people, told)
        finally:
            remove_embedded(home)


async def _call(
    opened: App, practice: Practice, content: Mapping[str, Any], script: Script, kept: Path, console: Console
) -> None:
    offset = await set_clock(opened)
    customers = practice.folder / "customers.csv"
    read = await import_file(opened, customers, _CAMPAIGN, now=await opened.database.now())
    if read.rejected:
        show_rejected(console, customers, read)
    await prepare(opened, practice, content, script)
    kept.mkdir(parents=True, exist_ok=True)
    async with practice_network(practice.folder, kept / "network.jsonl", offset) as port:
        await point_line(opened, practice, script.purpose, port=port)
        with CallProgress(console) as progress:
            options = RunOptions(
                clips=practice.folder / "clips", recordings=kept / "recordings", watcher=progress.watcher
            )
            await run_campaign(opened, _CAMPAIGN, options)


async def _heard(opened: App, script: Script, people: Mapping[str, Persona], told: Mapping[str, Any]) -> Heard:
    meanings = Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding(), examples=script.understand)

    @lru_cache
    def meaning_of(text: str) -> Meaning:
        return meanings.of(text).meaning

    contact_of = {attempt["permit_id"]: attempt["contact"] for attempt in told["attempts"]}
    answered = []
    for stored in await conversations_of(opened.database, tenant=opened.settings.tenant, campaign=_CAMPAIGN):
        persona = people[contact_of[str(stored.permit_id)]]
        moments = tuple(retrace(script, stored.log.facts, (entry.event for entry in stored.log.entries)))
        answered.append(
            RehearsedCall(
                person=persona.name,
                facts=stored.log.facts,
                moments=moments,
                intended=intended(persona, moments, meaning_of),
            )
        )
    attempts = told["attempts"]
    return Heard(
        answered=tuple(answered),
        verdicts=dict(Counter(verdict["verdict"] for verdict in told["verdicts"])),
        dispositions=dict(Counter(attempt["disposition"] or attempt["state"] for attempt in attempts)),
        first_word_ms=spread([a["first_word_ms"] for a in attempts if a["first_word_ms"] is not None]),
        gap_ms=spread([t["gap_ms"] for a in attempts for t in a["turns"] if t["gap_ms"] is not None]),
    )


def of_sound(heard: Heard) -> dict[str, Any]:
    """What only a rehearsal by sound has, for `--json`."""
    return {name: value for name, value in asdict(replace(heard, answered=())).items() if name != "answered"}
