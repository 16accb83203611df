"""What the connected user may do at Salesforce, asked once a collection.

A view that permissions limit looks like an empty one (LoginHistory without Manage Users shows the
user's own rows), so what is needed is checked before an answer is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from orgwarden.catalog.permissions import LABELS, label_of
from orgwarden.core.problems import NotAllowed, Problem
from orgwarden.core.source import Need, Source
from orgwarden.flows.enabled import enabled_sources
from orgwarden.flows.work import Work
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.soql import equal

__all__ = ["LABELS", "held_permissions", "unmet"]


class _Assignment(msgspec.Struct):
    PermissionSet: dict[str, object] | None


def held_permissions(work: Work, sources: Sequence[Source] | None = None) -> frozenset[str] | None:
    """The permissions needed by the sources that are on and held by our user; none, and without a
    call, where no source of this run needs one. None if the org does not let us ask. What does as
    well as a missing one is asked for only then: an org without portals may not know it.
    """
    needs = _needs(work, sources)
    if not needs:
        return frozenset()
    held = _held_of(work, _wanted(work))
    if held is None:
        return None
    instead = {i for n in needs if not n.met_by(held) for i in n.instead}
    return held | (_held_of(work, sorted(instead)) or frozenset()) if instead else held


def first_question(work: Work, sources: Sequence[Source]) -> Query | None:
    """What `held_permissions` asks first."""
    return _own(_wanted(work)) if _needs(work, sources) else None


def _wanted(work: Work) -> list[str]:
    return sorted({n.permission for n in _needs(work)})


def _needs(work: Work, sources: Sequence[Source] | None = None) -> list[Need]:
    """Of all sources that are on, so that a run's later sources find an answer; none if these
    sources have none."""
    if sources is not None and not any(_asked_by_name(s) for s in sources):
        return []
    return [n for s in enabled_sources(work.org) for n in _asked_by_name(s)]


def _asked_by_name(source: Source) -> list[Need]:
    return [n for n in source.needs if not n.refused]


def _own(wanted: Sequence[str]) -> Query:
    return select("UserPermissionAccess", [f"Permissions{p}" for p in wanted]).at_most(1)


def _held_of(work: Work, wanted: Sequence[str]) -> frozenset[str] | None:
    """Which of these are held.

    UserPermissionAccess tells what everything together allows, groups with muted permissions
    included; an org that lacks it is asked for the assigned permission sets, the profile's own
    among them.
    """
    names = [f"Permissions{p}" for p in wanted]
    assigned = select("PermissionSetAssignment", [f"PermissionSet.{n}" for n in names]).where(
        equal("AssigneeId", work.org.connected_user_id)
    )
    try:
        if rows := work.joined.records(_own(wanted), dict[str, object], lane="sign_ins"):
            return _held(wanted, rows)
    except NotAllowed:
        pass
    try:
        sets = work.client.records(assigned, _Assignment, lane="sign_ins")
    except NotAllowed:
        return None
    # Everybody has at least the set of their profile: no row at all is not an answer.
    shown = [row.PermissionSet for row in sets if row.PermissionSet]
    return _held(wanted, shown) if shown else None


def _held(wanted: Sequence[str], rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    return frozenset(p for p in wanted if any(r.get(f"Permissions{p}") is True for r in rows))


def unmet(work: Work, source: Source) -> Problem | None:
    """Why a source must stay dark, or None. Where permissions could not be asked, a source that
    Salesforce would refuse is tried; one that it would silently cut short stays dark."""
    if work.permissions is None:
        silent = [label_of(n.permission) for n in source.needs if n.silent]
        if not silent:
            return None
        return Problem(
            f"The org does not say whether the connected user has {silent[0]}, without which a"
            " short answer looks like a whole one.",
            fix=f"Let {work.org.connected_user} read its own permission sets (View Setup and"
            " Configuration), then collect again.",
        )
    for need in source.needs:
        if not need.refused and not need.met_by(work.permissions):
            label = label_of(need.permission)
            return Problem(
                f"The connected user lacks {label}: {need.without}.",
                fix=f"Give {work.org.connected_user} the permission {label}, then collect again.",
            )
    return None
