"""Scripts between their text and the ledger: checked, submitted and compared, whoever asks: a command or the API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fairdial.core.policy.pack import Pack
from fairdial.core.script.clip import Wording, clip_id
from fairdial.core.script.finding import Finding, Severity
from fairdial.core.script.length import TYPICAL
from fairdial.core.script.model import Script
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import fixed_wordings
from fairdial.errors import InputError
from fairdial.ledger.database import Database
from fairdial.ledger.script_drafts import Draft, Written, written_version
from fairdial.ledger.scripts import Version, approve_script, script_versions, submit_script
from fairdial.ledger.setup import stored_script
from fairdial.review.graph import Graph, graph
from fairdial.script_check import Standards, check_script
from fairdial.script_file import Examined, Part, examine_text
from fairdial.settings import Settings
from fairdial.voice.meanings import LabelSet, Meanings, load_classifier
from fairdial.word_lists import load_word_lists
from fairdial.yaml_lines import LinedYaml

STARTER = Path(__file__).parent / "starter.yaml"
"""A short script without a finding, to begin one's own from."""

_WEB_NAMES = frozenset({"check", "clips", "examples", "hear", "rehearse", "starter", "talk"})
"""What no script kept by the API is called: addresses beside those of scripts."""


def may_be_named(name: str) -> bool:
    """Whether a script that the API keeps may have this name."""
    return name not in _WEB_NAMES and re.fullmatch(r"\w[\w.-]{0,59}", name) is not None


def standards_of(settings: Settings, packs: Mapping[str, Pack]) -> Standards:
    """What every script of an installation is held against."""
    return Standards(
        packs=packs,
        words=load_word_lists(settings.wordlists),
        understand=Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of,
    )


def sound(examined: Examined, standards: Standards) -> tuple[Mapping[str, Any], Script]:
    """The content and the script that a file or text holds, which has no error.

    Raises:
        InputError: Names file, line, column and remedy of every error.
    """
    found = held_against(examined, standards)
    return examined.content, found.require_sound()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A wording that is the same for everybody, and whether somebody has spoken it."""

    wording: Wording
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class Read:
    """A text as it is shown to who writes it: what is wrong, where it leads, what it says; the last two only of a script."""

    examined: Examined
    findings: tuple[Finding, ...]

    @property
    def script(self) -> Script | None:
        return self.examined.script

    def require_sound(self) -> Script:
        """The script, which has no error.

        Raises:
            InputError: Names file, line, column and remedy of every error.
        """
        errors = [f for f in self.findings if f.severity is Severity.ERROR]
        if self.script is None or errors:
            raise InputError("\n".join(self.examined.told(f) for f in errors))
        return self.script

    @cached_property
    def graph(self) -> Graph | None:
        def line_of(path: tuple[str | int, ...]) -> int | None:
            return self.examined.own.place(path, at_key=True).line

        return None if self.script is None else graph(self.script, line_of=line_of)

    def clips(self, folder: Path | None) -> list[Clip]:
        """Its fixed wordings, in the order of the text, and which of them the folder holds."""
        found = fixed_wordings(self.script) if self.script else []
        return [Clip(wording=w, is_here=folder is not None and (folder / f"{clip_id(w)}.ogg").is_file()) for w in found]


def read(text: str, standards: Standards, *, name: str = "script.yaml") -> Read:
    """Everything about a text while it is written, without the ledger.

    Raises:
        InputError: It is too large.
    """
    return held_against(examine_text(text, name=name), standards)


def held_against(examined: Examined, standards: Standards) -> Read:
    """What was read, with every finding."""
    findings = examined.findings if examined.script is None else check_script(examined.script, standards)
    return Read(examined=examined, findings=findings)


def read_version(script_hash: str, written: Written, standards: Standards) -> Read:
    """The same about a version that is kept; it was sound when it was submitted, and standards may have changed since."""
    name = script_hash[:12]
    script = parse_script(written.content, name=name)
    own = Part(path=Path(name), content=written.content, document=LinedYaml(written.text))
    examined = Examined(own=own, included={}, content=written.content, script=script, findings=())
    return Read(examined=examined, findings=check_script(script, standards))


def typical_values(script: Script) -> dict[str, str]:
    """What variables are when nobody is called yet and there is no list."""
    return {v.name: TYPICAL.get(v.source, v.name) for v in script.variables.values()}


async def submit_draft(
    database: Database, standards: Standards, draft: Draft, *, tenant: str, by: str, reason: str | None
) -> Version:
    """Make a version of a text and ask for its review; one with an error is not taken.

    Raises:
        InputError: Names every error; or the text is of a script with another name.
        ReviewError: It has been submitted already.
    """

    def work() -> tuple[Mapping[str, Any], Script]:
        return sound(examine_text(draft.text, name=f"{draft.name}.yaml"), standards)

    content, script = await asyncio.to_thread(work)
    if script.name != draft.name:
        raise InputError(
            f"the text says `script: {script.name}` and is kept as {draft.name}; write the same name 话术名称与文件名不一致"
        )
    await submit_script(
        database, tenant=tenant, content=content, script=script, by=by, reason=reason, source=draft.text
    )
    return next(v for v in await script_versions(database, tenant=tenant, name=script.name) if v.hash == script.hash)


async def approve_sound(
    database: Database, standards: Standards, version: Version, *, tenant: str, by: str, reason: str | None
) -> None:
    """Approve a version that has no error by the standards of today.

    Raises:
        InputError: Names every error.
        ReviewError: Nobody submitted it, or the same person did.
    """
    written = await written_version(database, tenant=tenant, script_hash=version.hash)
    if written is not None:
        found = await asyncio.to_thread(read_version, version.hash, written, standards)
        found.require_sound()
    await approve_script(database, tenant=tenant, script_hash=version.hash, by=by, reason=reason)


async def compared_with(database: Database, *, tenant: str, script: Script, against: str | None) -> Script | None:
    """The stored version a script is compared with: the one named, or the last that was approved; None when none is.

    Raises:
        InputError: There is no single version of that hash.
    """
    versions = await script_versions(database, tenant=tenant, name=script.name)
    if against is not None:
        found = [v for v in versions if v.hash.startswith(against)]
        if len(found) != 1:
            raise InputError(f"{against}: no single version of {script.name}; `fairdial script history` lists them")
    else:
        found = [v for v in versions if v.approved_until and v.hash != script.hash][:1]
    if not found:
        return None
    return parse_script(await stored_script(database, found[0].hash), name=found[0].hash[:12])
