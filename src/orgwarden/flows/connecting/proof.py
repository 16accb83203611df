"""Proof: whose sign-in a fresh grant is, and of which org.

Two requests: the identity URL (not counted against the org) and one composite call. Nothing is
stored with a tenant here; what could not be looked up is said and has to be accepted by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.clients import transport
from orgwarden.flows.once import OnceOnly
from orgwarden.salesforce import Client, Page, Tokens, canonical, identity, select
from orgwarden.salesforce.soql import equal

MOST_CALLS = 5
_ADMINISTRATOR = "System Administrator"


@dataclass(frozen=True)
class Found:
    """What Salesforce said. `unknown` holds a sentence for each thing it did not say."""

    organization_id: str
    user_id: str
    username: str
    language: str = ""
    url: str = ""
    organization_name: str = ""
    edition: str = ""
    instance_name: str = ""
    is_sandbox: bool | None = None
    profile: str = ""
    administrator: bool | None = None
    unknown: tuple[str, ...] = ()
    calls: int = 0

    def payload(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self))

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Found:
        return msgspec.convert(payload, cls)


def prove(tokens: Tokens, url: str) -> Found:
    """Whose tokens these are. Raises Problem when Salesforce does not say even that, or when the
    org has no API; what else it does not say is `unknown`."""
    who = identity(transport(), tokens)
    once = OnceOnly(tokens, MOST_CALLS)
    client = Client(transport(), canonical(url, allowed=transport().allowed), once, once)
    asked = {
        "org": select("Organization", ["Name", "OrganizationType", "IsSandbox", "InstanceName"]),
        "user": select("User", ["Profile.Name"]).where(equal("Id", who.user_id)),
        "rights": select("UserPermissionAccess", ["PermissionsModifyAllData"]).at_most(1),
    }
    try:
        answers: Mapping[str, Page | Problem] = client.composite(asked, lane="test")
    except NeedsPerson:
        raise
    except Problem as problem:
        answers = dict.fromkeys(asked, problem)
    rows = {name: _row(answer) for name, answer in answers.items()}
    org, profile = rows["org"], (rows["user"].get("Profile") or {}).get("Name") or ""
    modify_all = rows["rights"].get("PermissionsModifyAllData")
    unknown = []
    if org.get("IsSandbox") is None:
        unknown.append("Salesforce did not say whether this is production or a sandbox.")
    if not profile and modify_all is None:
        unknown.append("Salesforce did not say whether this user is an administrator.")
    return Found(
        organization_id=who.organization_id,
        user_id=who.user_id,
        username=who.username,
        language=who.language,
        url=url,
        organization_name=str(org.get("Name") or ""),
        edition=str(org.get("OrganizationType") or ""),
        instance_name=str(org.get("InstanceName") or ""),
        is_sandbox=org.get("IsSandbox"),
        profile=profile,
        administrator=_is_administrator(profile, modify_all),
        unknown=tuple(unknown),
        calls=once.made,
    )


def _row(answer: Page | Problem) -> dict[str, Any]:
    """The one row of an answer; an empty one where there is none, which reads as not said."""
    if isinstance(answer, Problem):
        return {}
    records = msgspec.json.decode(answer.body)["records"]
    return dict(records[0]) if records else {}


def _is_administrator(profile: str, modify_all: bool | None) -> bool | None:
    """By the right to change everything; the profile's name alone where that is not told, because
    Salesforce translates it."""
    if modify_all is not None:
        return modify_all or profile == _ADMINISTRATOR
    return True if profile == _ADMINISTRATOR else None
