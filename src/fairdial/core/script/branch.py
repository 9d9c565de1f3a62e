"""Where a script's ways part: by what is known of the contact, or by lot. Pure values.

A branch stands wherever a step may be named. Which arm a contact takes depends on
the contact and the script's name only, so that every call to them takes the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByValue:
    """The value of the variable `of` leads to the step or branch of its case; any other value, or none, to `otherwise`."""

    name: str
    of: str
    cases: Mapping[str, str]
    otherwise: str

    def arms(self) -> Mapping[str, str]:
        """Every arm by name, and the step or branch it leads to."""
        return {**self.cases, OTHERWISE: self.otherwise}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Contacts are shared out among the arms by a keyed hash; `shares` are whole numbers, 1 each when they are equal."""

    name: str
    to: Mapping[str, str]
    shares: Mapping[str, int]

    def arms(self) -> Mapping[str, str]:
        """Every arm by name, and the step or branch it leads to."""
        return self.to


Branch = ByValue | Split


def arm_of(branch: Branch, values: Mapping[str, str], *, key: str, script: str) -> str:
    """The name of the arm one contact takes.

    Args:
        values: The script's variables for the contact.
        key: Names the contact; the same one in every call.
        script: The script's name, not its hash: a corrected version goes on with the same arms.
    """
    if isinstance(branch, ByValue):
        value = values.get(branch.of, OTHERWISE)
        return value if value in branch.cases else OTHERWISE
    digest = sha256(f"{key}|{script}|{branch.name}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % sum(branch.shares.values())
    for arm in sorted(branch.to):  # arms that change places in the file share people out as before
        place -= branch.shares[arm]
        if place < 0:
            return arm
    raise AssertionError("shares are positive")
