"""Read the people of a rehearsal: the persona file and the numbers assigned to them.

The edge of this room: YAML and JSON in, frozen `Persona` values out, or one
`InputError` that names file, line, column and remedy of everything that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from fairdial.core.script.clip import Wording
from fairdial.core.script.finding import meant
from fairdial.errors import InputError
from fairdial.rehearsal.persona import Action, Beep, Behaviour, HangUp, Persona, Press, Say, StopRtp, Turn, When
from fairdial.script_shape import Key
from fairdial.script_shape_parts import Misfit, Shape
from fairdial.shaped_yaml import read_shaped

Voice = Literal[
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang"
]
"""Mandarin voices of Kokoro-82M v1.0."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Milliseconds = Annotated[int, Field(ge=0, le=600_000)]

_RING_UNANSWERED_MS = 45_000
"""How long an unanswered phone rings before the network gives up."""


class ToneEntry(Shape):
    hz: int = Field(ge=300, le=3400)
    ms: int = Field(ge=20, le=5000)


class TurnEntry(Shape):
    when: When
    after_ms: Milliseconds = 0
    for_ms: Milliseconds = 0
    say: Text | None = None
    tone: ToneEntry | None = None
    press: Key | None = None
    hang_up: Literal[True] | None = None
    stop_rtp: Literal[True] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> TurnEntry:
        given = [self.say, self.tone, self.press, self.hang_up, self.stop_rtp]
        if sum(one is not None for one in given) != 1:
            raise Misfit(
                (
                    "say、tone、press、hang_up、stop_rtp 不是正好一个",
                    "has not exactly one of say, tone, press, hang_up, stop_rtp",
                ),
                ("只写一个", "write one of them"),
            )
        needs_for = self.when in (When.SYSTEM_SPEAKING, When.SILENCE)
        if needs_for != (self.for_ms > 0):
            raise Misfit(
                (
                    "for_ms 属于 system_speaking 和 silence,也只属于它们",
                    "for_ms belongs to system_speaking and silence, and to nothing else",
                ),
                ("补上或者删掉 for_ms", "add for_ms or remove it"),
            )
        return self


class PersonaEntry(Shape):
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
            raise Misfit(
                (
                    "early 属于 early_media,而且 early_media 必须有",
                    "early belongs to behaviour early_media, and early_media needs it",
                ),
                ("补上或者删掉 early", "add early or remove it"),
            )
        if self.turns and self.behaviour is not Behaviour.ANSWER:
            raise Misfit(
                ("接听(answer)的人才有 turns", "turns need behaviour answer"),
                ("删掉 turns,或者写 behaviour: answer", "remove turns, or write `behaviour: answer`"),
            )
        ends = (Behaviour.REJECT, Behaviour.EARLY_MEDIA, Behaviour.NO_ANSWER)
        if self.status is not None and self.behaviour not in ends:
            raise Misfit(
                ("status 属于 reject、early_media 和 no_answer", "status belongs to reject, early_media and no_answer"),
                ("删掉 status", "remove status"),
            )
        if self.behaviour is Behaviour.REJECT and self.status is None:
            raise Misfit(("reject 必须有 status", "reject needs a status"), ("写上 status: 486", "write `status: 486`"))
        return self


class PersonaFile(Shape):
    voice: Voice
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    personas: dict[str, PersonaEntry] = Field(min_length=1)


def load_personas(path: Path) -> dict[str, Persona]:
    """Read a persona file, name → persona, in the order of the file.

    Raises:
        InputError: The file cannot be read or something in it is wrong; a line for everything that is.
    """
    file = read_shaped(path, PersonaFile).value
    return {name: _persona(name, entry, file) for name, entry in file.personas.items()}


def load_assignment(path: Path, personas: Mapping[str, Persona]) -> dict[str, Persona]:
    """Read which number reaches which persona.

    Raises:
        InputError: The file is not `{number: persona name}` or names a persona that does not exist.
    """
    try:
        names = TypeAdapter(dict[str, str]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(
            f'{path}: 不是号码和人名的 JSON 对象({type(error).__name__});写 {{"号码": "人名"}}。'
            f' is no JSON object of numbers and persona names; write {{"number": "name"}}'
        ) from error
    unknown = sorted(set(names.values()) - set(personas))
    if unknown:
        raise InputError(
            "\n".join(
                f"{path}: 没有 {name} 这个人;{zh}。 there is no persona {name}; {en}"
                for name in unknown
                for zh, en in [meant(name, personas)]
            )
        )
    return {number: personas[name] for number, name in names.items()}


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
