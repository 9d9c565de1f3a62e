"""What several routes are sent: ids, short texts, sentences, telephone numbers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL in a text."""

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]

CallId = Annotated[int, Path(ge=1, le=2**53 - 1)]
"""The number of a call carries its month (migration 0032); JavaScript holds it exactly."""
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
Wanted = Annotated[str | None, Query(min_length=1, max_length=200, pattern=NO_NUL)]
"""Only rows that have this."""

Sentence = Annotated[str, Field(min_length=1, max_length=2000, pattern=NO_NUL)]
Words = Annotated[str, Field(max_length=20_000, pattern=NO_NUL)]
PhoneNumber = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=NO_NUL,
        description="As people write it; without `+` it is a mainland number.",
        examples=["+8615400000001"],
    ),
]
Why = Annotated[Sentence, Field(description="It stands in the event.", examples=["asked by letter of 2026-11-20"])]


class OpinionShown(BaseModel):
    """What one rule says, by which text, and the facts it saw."""

    rule_id: str = Field(examples=["CN-HOURS"])
    outcome: str = Field(examples=["wait"])
    reason_zh: str = ""
    reason_en: str = ""
    cite: str = ""
    standing: str = ""
    until: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
