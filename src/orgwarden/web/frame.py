"""What surrounds every page: navigation, tenant switcher, time range, who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from orgwarden.core.roles import Right
from orgwarden.records import memberships
from orgwarden.records.models import Org
from orgwarden.records.workers import workers_seen
from orgwarden.web import access, ranges

# console.md's order. A page that does not exist yet is not shown: no dead links.
_NAVIGATION = (
    ("overview", "Overview", "layout-dashboard", ""),
    ("activity", "Activity", "activity", ""),
    ("apps", "Apps", "apps", ""),
    ("integrations", "Connect", "plug-connected", "Integrations"),
    ("settings", "Settings", "settings", ""),
    ("audit", "Audit", "list-details", ""),
)


Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    icon: str = ""
    here: bool = False
    note: str = ""
    key: str = ""


_OF_THE_FRAME = ("range", "from", "to", "after", "part", "tenant")


@dataclass(frozen=True)
class Frame:
    """Decided and spelled; the template prints it."""

    title: str
    navigation: tuple[Link, ...]
    tenants: tuple[Link, ...]
    tenant_key: str  # empty: all of them
    tenant: str  # name of the tenant chosen, or All tenants
    ranges: tuple[Link, ...]  # empty: the page has no use for a range
    range_label: str
    range_from: str
    range_to: str
    range_hidden: tuple[tuple[str, str], ...]  # kept when from and to are sent
    complaint: str  # what was wrong with the time range asked for
    user: str
    may_change: bool
    may_export: bool
    no_worker: bool  # tenants wait to be collected, and nobody does


@dataclass(frozen=True)
class Asked:
    """What every address may carry: the tenants meant and the time range."""

    orgs: tuple[Org, ...]  # all this person may see
    chosen: Org | None
    range: ranges.Range
    now: datetime

    @property
    def meant(self) -> tuple[Org, ...]:
        return (self.chosen,) if self.chosen else self.orgs

    def query(self) -> dict[str, str]:
        tenant = {"tenant": self.chosen.key} if self.chosen else {}
        return tenant | self.range.query()


def asked(
    request: HttpRequest, *, org: Org | None = None, right: Right = Right.SEE_TENANTS
) -> Asked:
    """Reads tenant and range from the address; a tenant that is not there means all for which
    this person has `right`."""
    now = timezone.now()
    orgs = tuple(memberships.orgs_for(request.user, right))
    wanted = request.GET.get("tenant", "")
    chosen = org or next((o for o in orgs if o.key == wanted), None)
    return Asked(orgs, chosen, ranges.read(request.GET, now), now)


def address(path: str, *queries: dict[str, str], kept: Pairs = ()) -> str:
    """A path with what is kept and the queries joined; later queries win, empty values are left
    out. `kept` may hold a name several times."""
    joined = {k: v for query in queries for k, v in query.items() if v}
    pairs = [*kept, *joined.items()]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def show(
    request: HttpRequest,
    template: str,
    page: Any,
    *,
    title: str,
    here: str,
    what: Asked | None = None,
    with_range: bool = True,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Renders a page inside its frame, or only its part when `template` is one. A page that asked
    for no tenants and no time (`what`) has no use for a range either."""
    with_range = with_range and what is not None
    what = what or asked(request)
    frame = frame_of(request, what, title=title, here=here, with_range=with_range)
    return render(request, template, {"page": page, "frame": frame, **more}, status=status)


def frame_of(
    request: HttpRequest, what: Asked, *, title: str, here: str, with_range: bool
) -> Frame:
    query = what.query()
    person = access.held(request.user)
    kept = [
        (name, str(value))
        for name, values in request.GET.lists()
        if name not in _OF_THE_FRAME
        for value in values
    ]
    on_org = request.resolver_match is not None and request.resolver_match.url_name == "org"
    return Frame(
        title=title,
        navigation=tuple(
            Link(label, address(reverse(name), query), icon, name == here, note)
            for name, label, icon, note in _NAVIGATION
            if name != "audit" or person.may(Right.READ_AUDIT)
        ),
        tenants=_tenants(request, what, kept, on_org=on_org),
        tenant_key=what.chosen.key if what.chosen else "",
        tenant=what.chosen.name if what.chosen else "All tenants",
        ranges=tuple(
            Link(
                p.label,
                address(
                    request.path,
                    {"tenant": "" if on_org else query.get("tenant", ""), "range": p.key},
                    kept=kept,
                ),
                here=p.key == what.range.preset,
            )
            for p in ranges.PRESETS
        )
        if with_range
        else (),
        range_label=what.range.label,
        range_from=ranges.stamp(what.range.since),
        range_to=ranges.stamp(what.range.until),
        range_hidden=(*kept, ("tenant", "" if on_org else query.get("tenant", ""))),
        complaint=what.range.complaint if with_range else "",
        user=request.user.get_username(),
        may_change=person.may(Right.ADD_TENANTS),
        may_export=person.may_somewhere(Right.EXPORT_EVENTS),
        no_worker=any(o.paused_at is None for o in what.orgs) and not workers_seen(what.now),
    )


def _tenants(request: HttpRequest, what: Asked, kept: Pairs, *, on_org: bool) -> tuple[Link, ...]:
    span = what.range.query()
    if on_org:
        everything = address(reverse("integrations"), span, {"open": "salesforce"})
    else:
        everything = address(request.path, span, kept=kept)
    links = [Link("All tenants", everything, here=what.chosen is None)]
    for org in what.orgs:
        href = (
            address(reverse("org", args=[org.key]), span)
            if on_org
            else address(request.path, span, {"tenant": org.key}, kept=kept)
        )
        chosen = what.chosen is not None and org.key == what.chosen.key
        links.append(Link(org.name, href, here=chosen, key=org.key))
    return tuple(links)
