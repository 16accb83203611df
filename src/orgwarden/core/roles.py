"""Who may do what: five roles, each a set of rights. What no role names, nobody may do.

A role is held for one tenant or for all of them. Rights in `INSTALLATION` concern no single
tenant: only a role held for all tenants gives them.
"""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One thing that may be done. `core.scopes` groups them into the scopes of API tokens."""

    SEE_TENANTS = "tenants:see"
    ADD_TENANTS = "tenants:add"
    EDIT_TENANTS = "tenants:edit"  # edit, reconnect, pause, resume
    DELETE_TENANTS = "tenants:delete"
    TEST = "tenants:test"
    COLLECT = "tenants:collect"
    CLASSIFY_APPS = "apps:classify"
    SEE_EVENTS = "events:see"
    EXPORT_EVENTS = "events:export"
    QUERY_SQL = "events:query"
    HOLD_TOKENS = "tokens:hold"  # API tokens of one's own
    MANAGE_TOKENS = "tokens:manage"  # of others
    MANAGE_PEOPLE = "people:manage"
    MANAGE_SETTINGS = "settings:manage"  # destinations of messages included
    READ_AUDIT = "audit:read"


class Role(StrEnum):
    """The roles, in the order pages list them."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    RESPONDER = "responder"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


INSTALLATION = frozenset(
    {
        Right.ADD_TENANTS,
        Right.MANAGE_TOKENS,
        Right.MANAGE_PEOPLE,
        Right.MANAGE_SETTINGS,
        Right.READ_AUDIT,
    }
)
# What leaves something different behind, here or at Salesforce: asks for a second factor.
CHANGING = frozenset(
    {
        Right.ADD_TENANTS,
        Right.EDIT_TENANTS,
        Right.DELETE_TENANTS,
        Right.TEST,
        Right.COLLECT,
        Right.CLASSIFY_APPS,
        Right.MANAGE_TOKENS,
        Right.MANAGE_PEOPLE,
        Right.MANAGE_SETTINGS,
    }
)

_LOOK = frozenset({Right.SEE_TENANTS, Right.SEE_EVENTS})
_ASK = _LOOK | {Right.EXPORT_EVENTS, Right.QUERY_SQL, Right.HOLD_TOKENS}
_RESPOND = _ASK | {Right.TEST, Right.COLLECT, Right.CLASSIFY_APPS}
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _LOOK,
    Role.ANALYST: _ASK,
    Role.RESPONDER: _RESPOND,
    Role.ADMINISTRATOR: frozenset(Right),
    Role.AUDITOR: _LOOK | {Right.EXPORT_EVENTS, Right.READ_AUDIT},
}

WORDS: dict[Role, str] = {
    Role.VIEWER: "Looks at tenants and their events.",
    Role.ANALYST: "Looks, asks by SQL, exports, and may hold API tokens.",
    Role.RESPONDER: "As analyst, tests connections, collects now and classifies apps.",
    Role.ADMINISTRATOR: "Everything: tenants, people, settings, the audit trail.",
    Role.AUDITOR: "Looks, exports, and reads the audit trail. Changes nothing.",
}


def gives(role: Role, right: Right, *, everywhere: bool) -> bool:
    """Whether `role`, held for all tenants (`everywhere`) or for the one in question, gives
    `right`."""
    return right in RIGHTS[role] and (everywhere or right not in INSTALLATION)


def needs_second_factor(role: Role) -> bool:
    """Whether somebody in this role can change anything."""
    return bool(RIGHTS[role] & CHANGING)
