"""Reading about the connected user and the switches around it: rights, licence, sign-ins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.catalog import looks
from orgwarden.catalog.looks import Look
from orgwarden.catalog.permissions import PERMISSIONS
from orgwarden.catalog.preflight import NotRead, Who
from orgwarden.catalog.preflight.person import licence_id
from orgwarden.flows.preflight.probing import LANE, NO_ROW, Probing, composite, rows_of
from orgwarden.salesforce import Query, read_metadata, select
from orgwarden.salesforce.soql import at_least, equal

LOOK_BACK = timedelta(days=30)  # for sign-ins to pages with our account
TO_PAGES = "Application"  # LoginHistory.LoginType of a sign-in in the browser
METADATA = (
    (looks.SECURITY, "Security"),
    (looks.CONTENT, "Content"),
    (looks.EVENTS, "Event"),
    (looks.STORAGE, "RealTimeEvent"),
)
TESTED = tuple(p.name for p in PERMISSIONS)


def read_ourselves(probing: Probing, who: Who) -> None:
    """All that is asked about ourselves, and the settings if Metadata is opted in to."""
    known = _ours(probing, who)
    _licence(probing, who, known)
    if "metadata" in probing.facts.tiers:
        probing.know(settings={look.object: _setting(probing, look, n) for look, n in METADATA})


def _ours(probing: Probing, who: Who) -> tuple[str, ...]:
    """Returns the permissions this org knows."""
    now = probing.client.server_time() or datetime.now(UTC)
    page_sign_ins = (
        select(looks.OUR_SIGN_INS.object, looks.OUR_SIGN_INS.fields)
        .where(
            equal("UserId", who.user_id),
            equal("LoginType", TO_PAGES),
            at_least("LoginTime", now - LOOK_BACK),
        )
        .order_by("LoginTime", descending=True)
        .at_most(1)
    )
    found = composite(
        probing,
        "ours",
        {
            "user": select("User", looks.OUR_USER.fields).where(equal("Id", who.user_id)),
            "rights": _rights(TESTED),
            "pages": page_sign_ins,
            "deliveries": select(looks.DELIVERIES.object, looks.DELIVERIES.fields).at_most(1),
            "libraries": select(looks.LIBRARIES.object, looks.LIBRARIES.fields).at_most(1),
        },
    )
    if isinstance(found, NotRead):
        probing.know(user=found, held=found, page_sign_ins=found, deliveries=found)
        probing.know(libraries=found)
        return ()
    rows = {name: rows_of(answer) for name, answer in found.items()}
    users, libraries, pages = rows["user"], rows["libraries"], rows["pages"]
    user = users if isinstance(users, NotRead) else users[0] if users else NO_ROW
    deliveries = rows["deliveries"]
    probing.know(
        user=user,
        deliveries=deliveries if isinstance(deliveries, NotRead) else None,
        libraries=libraries if isinstance(libraries, NotRead) else len(libraries),
        page_sign_ins=pages
        if isinstance(pages, NotRead)
        else tuple(str(r.get("LoginTime") or "") for r in pages),
    )
    if not isinstance(user, NotRead):
        probing.know(who=replace(who, username=str(user.get("Username") or "")))
    return _held(probing, rows["rights"])


def _rights(names: Iterable[str]) -> Query:
    return select(looks.OUR_PERMISSIONS.object, [f"Permissions{n}" for n in names]).at_most(1)


def _held(probing: Probing, rows: tuple[dict[str, Any], ...] | NotRead) -> tuple[str, ...]:
    """What is held, and which permissions the org knows: not every edition knows all."""
    known = TESTED
    if isinstance(rows, NotRead) and rows.code == "INVALID_FIELD":
        client, object_name = probing.client, looks.OUR_PERMISSIONS.object
        seen = probing.timed("ours", lambda: client.describe(object_name, lane=LANE))
        if isinstance(seen, NotRead):
            rows = seen
        else:
            known = tuple(n for n in TESTED if f"Permissions{n}" in seen)
            again = composite(probing, "ours", {"rights": _rights(known)})
            rows = again if isinstance(again, NotRead) else rows_of(again["rights"])
    rows = rows or NO_ROW  # everybody holds something: no row at all is not an answer
    if isinstance(rows, NotRead):
        probing.know(held=rows)
        return ()
    held = {n for n in known if any(r.get(f"Permissions{n}") is True for r in rows)}
    probing.know(held=frozenset(held), known=frozenset(known))
    return known


def _licence(probing: Probing, who: Who, known: tuple[str, ...]) -> None:
    """What the licence allows: nothing says so itself, so it is what profiles of the same licence
    hold, and what the permission set licences assigned allow at most."""
    wanted = licence_id(probing.facts)
    if not wanted or not known:
        probing.know(licence_allows=NotRead("The user's licence, or what it holds, is not shown."))
        return
    most = [f"PermissionSetLicense.MaximumPermissions{n}" for n in known]
    label = "PermissionSetLicense.MasterLabel"
    found = composite(
        probing,
        "licence",
        {
            "profiles": select("Profile", ["Name", *(f"Permissions{n}" for n in known)]).where(
                equal("UserLicenseId", wanted)
            ),
            "sets": select(looks.OUR_LICENCES.object, [label, *most]).where(
                equal("AssigneeId", who.user_id)
            ),
        },
    )
    if isinstance(found, NotRead):
        probing.know(licence_allows=found)
        return
    profiles, sets = rows_of(found["profiles"]) or NO_ROW, rows_of(found["sets"])
    if isinstance(profiles, NotRead) or isinstance(sets, NotRead):
        unread = profiles if isinstance(profiles, NotRead) else sets
        probing.know(licence_allows=unread)
        return
    own = [r.get("PermissionSetLicense") or {} for r in sets]
    can = {n for n in known if any(r.get(f"Permissions{n}") is True for r in profiles)}
    can |= {n for n in known if any(r.get(f"MaximumPermissions{n}") is True for r in own)}
    labels = tuple(sorted(str(r.get("MasterLabel") or "") for r in own))
    probing.know(licence_allows=frozenset(can), set_licences=labels)


def _setting(probing: Probing, look: Look, full_name: str) -> dict[str, Any] | NotRead:
    client = probing.client
    return probing.timed(
        "settings", lambda: read_metadata(client, look.object, full_name, lane=LANE)
    )
