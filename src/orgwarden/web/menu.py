"""What a person may do to a tenant, as the items of its menu. An item that is not theirs is not
shown; the views refuse it all the same."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from orgwarden.core import grants
from orgwarden.core.roles import Right
from orgwarden.records.memberships import Held
from orgwarden.records.models import Org


@dataclass(frozen=True)
class Item:
    """One entry. `post`: pressing it acts at once; else it leads to a page. `ask` is said first,
    where acting could do harm."""

    label: str
    icon: str
    href: str
    post: bool = False
    kind: str = ""  # urgent: beside the error as well; danger
    place: str = ""  # at the head of the tenant's page: first, beside it, or among the rest
    ask: str = ""


_TRIES = {
    grants.EXPIRED: "The grant has expired, so this fails until the tenant is reconnected.",
    grants.CONTAINED: "Each try could freeze the user anew. Reconnect instead, once it is free.",
}


def of_org(org: Org, person: Held) -> tuple[Item, ...]:
    """The items in the order they are shown."""

    def at(name: str) -> str:
        return reverse(name, args=[org.key])

    grant = grants.state_of(org.problem) if org.status == Org.Status.ERROR else ""
    first = "beside" if grant else "first"
    found: list[Item] = []
    if person.may(Right.COLLECT, org) and org.paused_at is None:
        ask, place = _TRIES.get(grant, ""), "" if grant else "first"
        found.append(Item("Collect Now", "refresh", at("collect"), True, place=place, ask=ask))
    if person.may(Right.TEST, org):
        found.append(Item("Test Connectivity", "plug-connected", at("test"), True, place="beside"))
    if person.may(Right.EDIT_TENANTS, org):
        found.append(Item("Edit", "edit", at("edit")))
        kind, place = ("urgent", "first") if grant else ("", "")
        found.append(Item("Reconnect", "plug", at("reconnect"), kind=kind, place=place))
        if org.paused_at is None:
            found.append(Item("Pause", "player-pause", at("pause"), True))
        else:
            found.append(Item("Resume", "player-play", at("resume"), True, place=first))
        found.append(Item("Support bundle", "download", at("support-bundle")))
    if person.may(Right.DELETE_TENANTS, org):
        found.append(Item("Delete", "trash", at("delete"), kind="danger"))
    return tuple(found)
