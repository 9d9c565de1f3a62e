"""Which code may run on which schema: version N beside N + 1, on one database, while workers are replaced one by one.

A version of the code is named by the newest migration it has. A migration says in its docstring whether it can be made *before* the last
older worker is gone ("Before: …": what it adds has defaults, and it takes nothing away) or only *after* ("After: …"); after such a one
`OLDEST_BESIDE` names it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from fairdial.errors import LedgerError

OLDEST_BESIDE = "0032"
"""The oldest version of the code that may run on the newest schema."""

CODE = "fairdial {}"
"""The name under which every connection says which version of the code it is (`application_name`)."""


def needs_migration(*, mine: str, stands: str | None, oldest_beside: str | None) -> bool:
    """Whether the schema is to be brought to this code's version; False when it is there, or newer and this code may run on it.

    Args:
        mine: The version of this code.
        stands: The version of the schema; None for an empty database.
        oldest_beside: What whoever migrated it has written there; None before there was such a mark.

    Raises:
        LedgerError: The schema is newer, and this code may not run on it.
    """
    if stands is None or stands < mine:
        return True
    if stands > mine and mine < (oldest_beside or stands):
        raise LedgerError(
            f"the database has schema {stands}; this version knows {mine} and may not run on it: install version"
            f" {oldest_beside or stands} or newer on this machine 数据库已升级,请在本机安装新版本"
        )
    return False


def refuse_beneath(connected: Collection[str], *, mine: str) -> None:
    """See that nobody is working who could not go on once the schema has this code's version.

    Args:
        connected: `application_name` of everybody who is connected.

    Raises:
        LedgerError: Somebody is; what to stop first.
    """
    names = sorted({name for name in connected if CODE.format("") < name < CODE.format(OLDEST_BESIDE)})
    if names:
        raise LedgerError(
            f"schema {mine} cannot be made while {', '.join(names)} works on this database: stop the older workers and servers"
            " first, then start this version 请先停止旧版本的进程,再启动新版本"
        )
