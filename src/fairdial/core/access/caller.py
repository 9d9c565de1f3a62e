"""Somebody who asks the API: a person who signed in, or a program with a key."""

from __future__ import annotations

from dataclasses import dataclass

from fairdial.core.access.roles import Permission, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks and what they may.

    Attributes:
        name: As it stands in events: the person's name, or `key <name>`.
        tenant: Whose things they see.
        csrf: Second token that writes must carry; None for a key, which no browser sends by itself.
        session_id: The session they signed in to; None for a key.
        came_by_link: Whether they signed in with a link, which stands for a password that they do not have.
    """

    name: str
    tenant: str
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    csrf: str | None = None
    session_id: int | None = None
    came_by_link: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
