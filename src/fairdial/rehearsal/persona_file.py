"""Read the people of a rehearsal: the persona file and the numbers assigned to them.

The edge of this room: YAML and JSON in, frozen `Persona` values out, or one
`InputError` that names the file, every persona and every field that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from fairdial.core.script.clip import Wording
from fairdial.errors import InputError
from fairdial.rehearsal.persona import Action, Beep, Behaviour, HangUp, Persona, Press, Say, StopRtp, Turn, When

Voice = Literal[
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang"
]
"""Mandarin voices of Kokoro-82M v1.0."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Milliseconds = Annotated[int, Field(ge=0, le=600_000)]

_RING_UNANSWERED_MS = 45_000
"""How long an unanswered phone rings before the network gives up."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToneEntry(_Entry):
    hz: int = Field(ge=300, le=3400)
    ms: int = Field(ge=20, le=5000)


class TurnEntry(_Entry):
    when: When
    after_ms: Milliseconds = 0
    for_ms: Milliseconds = 0
    say: Text | None = None
    tone: ToneEntry | None = None
    press: Annotated[str, StringConstraints(pattern="^[0-9*#]$")] | None = None
    hang_up: Literal[True] | None = None
    stop_rtp: Literal[True] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> TurnEntry:
        given = [self.say, self.tone, self.press, self.hang_up, self.stop_rtp]
        if sum(one is not None for one in given) != 1:
            raise ValueError("give exactly one of say, tone, press, hang_up, stop_rtp")
        needs_for = self.when in (When.SYSTEM_SPEAKING, When.SILENCE)
        if needs_for != (self.for_ms > 0):
            raise ValueError("for_ms belongs to system_speaking and silence, and to nothing else")
        return self


class PersonaEntry(_Entry):
    behaviour: Behaviour
    note: str = ""
    voice: Voice | None = None
    speed: float | None = Field(default=None, ge=0.5, le=2.0)
    ring_ms: Milliseconds | None = None
    status: int | None = Field(default=None, ge=400, le=699)
    early: Text | None = None
    early_times: int = Field(default=2, ge=1, le=10)
    quiet_ms: int = Field(default=700, ge=100, le=10_000)
    turns: tuple[TurnEntry, ...] = ()

    @model_validator(mode="after")
    def _fits_its_behaviour(self) -> PersonaEntry:
        if (self.behaviour is Behaviour.EARLY_MEDIA) != (self.early is not None):
            raise ValueError("early belongs to behaviour early_media, and early_media needs it")
        if self.turns and self.behaviour is not Behaviour.ANSWER:
            raise ValueError("turns need behaviour answer")
        ends = (Behaviour.REJECT, Behaviour.EARLY_MEDIA, Behaviour.NO_ANSWER)
        if self.status is not None and self.behaviour not in ends:
            raise ValueError("status belongs to reject, early_media and no_answer")
        if self.behaviour is Behaviour.REJECT and self.status is None:
            raise ValueError("reject needs a status")
        return self


class PersonaFile(_Entry):
    voice: Voice
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    personas: dict[str, PersonaEntry] = Field(min_length=1)


def load_personas(path: Path) -> dict[str, Persona]:
    """Read a persona file, name → persona, in the order of the file.

    Raises:
        InputError: The file cannot be read or a field is wrong; all problems are in one message.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML ({error})") from error
    try:
        file = PersonaFile.model_validate(content)
    except ValidationError as error:
        raise InputError("\n".join(f"{path}: {_place(p['loc'])}: {p['msg']}" for p in error.errors())) from error
    return {name: _persona(name, entry, file) for name, entry in file.personas.items()}


def load_assignment(path: Path, personas: Mapping[str, Persona]) -> dict[str, Persona]:
    """Read which number reaches which persona.

    Raises:
        InputError: The file is not `{number: persona name}` or names a persona that does not exist.
    """
    try:
        names = TypeAdapter(dict[str, str]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: give a JSON object of numbers and persona names ({type(error).__name__})") from error
    unknown = sorted(set(names.values()) - set(personas))
    if unknown:
        raise InputError(f"{path}: no such persona: {', '.join(unknown)}")
    return {number: personas[name] for number, name in names.items()}


def _place(loc: tuple[int | str, ...]) -> str:
    """Name the place of a problem: `persona interested, field turns.0.say`."""
    if loc[:1] == ("personas",) and len(loc) > 1:
        field = ".".join(str(part) for part in loc[2:])
        return f"persona {loc[1]}" + (f", field {field}" if field else "")
    return f"field {'.'.join(str(part) for part in loc) or '(the whole file)'}"


def _persona(name: str, entry: PersonaEntry, file: PersonaFile) -> Persona:
    speech: dict[str, Any] = {"voice": entry.voice or file.voice, "speed": entry.speed or file.speed}
    rings = _RING_UNANSWERED_MS if entry.behaviour is Behaviour.NO_ANSWER else 0
    return Persona(
        name=name,
        behaviour=entry.behaviour,
        ring_ms=rings if entry.ring_ms is None else entry.ring_ms,
        status=entry.status or 480,
        early=None if entry.early is None else Wording(text=entry.early, **speech),
        early_times=entry.early_times,
        turns=tuple(
            Turn(when=turn.when, after_ms=turn.after_ms, for_ms=turn.for_ms, act=_action(turn, speech))
            for turn in entry.turns
        ),
        quiet_ms=entry.quiet_ms,
    )


def _action(turn: TurnEntry, speech: Mapping[str, Any]) -> Action:
    if turn.say is not None:
        return Say(wording=Wording(text=turn.say, **speech))
    if turn.tone is not None:
        return Beep(hz=turn.tone.hz, ms=turn.tone.ms)
    if turn.press is not None:
        return Press(key=turn.press)
    return HangUp() if turn.hang_up else StopRtp()
