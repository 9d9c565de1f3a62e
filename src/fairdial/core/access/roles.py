"""Who may do what: roles give permissions, and nothing else does.

Pure: one table. A route of the API names the permission it needs; a key has scopes, which are permissions, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to a tenant; a person may have several."""

    OPERATOR = "operator"
    WRITER = "writer"
    REVIEWER = "reviewer"
    COMPLIANCE = "compliance"
    SEAT = "seat"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that may be allowed."""

    SEE_CAMPAIGNS = "campaigns:read"
    RUN_CAMPAIGNS = "campaigns:run"
    SEE_LISTS = "lists:read"
    IMPORT_LISTS = "lists:import"
    SEE_CALLS = "calls:read"
    HEAR_CALLS = "calls:hear"
    CORRECT_CALLS = "calls:correct"
    SEE_SCRIPTS = "scripts:read"
    WRITE_SCRIPTS = "scripts:write"
    REVIEW_SCRIPTS = "scripts:review"
    SEE_LINES = "lines:read"
    CHANGE_LINES = "lines:write"
    SEE_COMPLIANCE = "compliance:read"
    TAKE_REFUSALS = "refusals:write"
    TAKE_COMPLAINTS = "complaints:write"
    LIFT_SUSPENSIONS = "suspensions:lift"
    SEE_PEOPLE = "people:read"
    ERASE_PEOPLE = "people:erase"
    EXPORT_EVIDENCE = "evidence:export"
    SEE_REPORTS = "reports:read"
    MANAGE_USERS = "users:manage"


SECOND_LOOKS = frozenset({Permission.REVIEW_SCRIPTS, Permission.LIFT_SUSPENSIONS})
"""What a second person does: a person, because a key is used by whoever made it, who may be the first."""

_P = Permission
_READS = frozenset(
    {_P.SEE_CAMPAIGNS, _P.SEE_LISTS, _P.SEE_CALLS, _P.SEE_SCRIPTS, _P.SEE_LINES, _P.SEE_COMPLIANCE, _P.SEE_REPORTS}
)

_GIVES: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        {
            *(_P.SEE_CAMPAIGNS, _P.RUN_CAMPAIGNS, _P.SEE_LISTS, _P.IMPORT_LISTS, _P.SEE_CALLS, _P.HEAR_CALLS),
            *(_P.SEE_SCRIPTS, _P.SEE_LINES, _P.SEE_REPORTS, _P.TAKE_REFUSALS, _P.TAKE_COMPLAINTS, _P.SEE_PEOPLE),
            _P.CORRECT_CALLS,
        }
    ),
    Role.WRITER: frozenset({_P.SEE_SCRIPTS, _P.WRITE_SCRIPTS, _P.SEE_CAMPAIGNS, _P.SEE_CALLS, _P.SEE_REPORTS}),
    Role.REVIEWER: frozenset(
        {_P.SEE_SCRIPTS, _P.REVIEW_SCRIPTS, _P.SEE_CAMPAIGNS, _P.SEE_CALLS, _P.HEAR_CALLS, _P.CORRECT_CALLS}
    ),
    Role.COMPLIANCE: _READS
    | {
        *(_P.HEAR_CALLS, _P.CORRECT_CALLS, _P.TAKE_REFUSALS, _P.TAKE_COMPLAINTS, _P.LIFT_SUSPENSIONS, _P.SEE_PEOPLE),
        *(_P.ERASE_PEOPLE, _P.EXPORT_EVIDENCE, _P.REVIEW_SCRIPTS),
    },
    Role.SEAT: frozenset({_P.SEE_CALLS, _P.HEAR_CALLS, _P.CORRECT_CALLS, _P.TAKE_REFUSALS}),
    Role.AUDITOR: _READS | {_P.HEAR_CALLS, _P.SEE_PEOPLE, _P.EXPORT_EVIDENCE},
    Role.ADMINISTRATOR: frozenset(
        {_P.MANAGE_USERS, _P.SEE_LINES, _P.CHANGE_LINES, _P.SEE_CAMPAIGNS, _P.SEE_SCRIPTS, _P.SEE_REPORTS}
    ),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything these roles allow together."""
    return frozenset().union(*(_GIVES[role] for role in roles))
