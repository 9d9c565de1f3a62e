"""What a worker process tells its supervisor: JSON lines, without number, name or sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fairdial.core.call_record import CallEnd
from fairdial.core.hearing.punctuality import Punctuality
from fairdial.core.policy.finding import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The gate has been asked about a contact."""

    contact: int
    outcome: Outcome
    kind: Literal["asked"] = field(default="asked", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A call has ended and is written down."""

    contact: int
    end: CallEnd
    kind: Literal["ended"] = field(default="ended", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Last word: nobody is left to be asked, or, with `was_stopped`, somebody stopped this worker politely."""

    was_stopped: bool
    punctuality: Punctuality
    kind: Literal["finished"] = field(default="finished", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Last word: an error of `fairdial.errors` ended this worker."""

    code: str
    reason: str
    kind: Literal["failed"] = field(default="failed", repr=False)


Message = Asked | Ended | Finished | Failed

_MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def to_line(message: Message) -> bytes:
    """A message as one line, its end included."""
    return _MESSAGES.dump_json(message) + b"\n"


def from_line(line: bytes) -> Message:
    """The message of a line.

    Raises:
        ValueError: It is none.
    """
    return _MESSAGES.validate_json(line)
