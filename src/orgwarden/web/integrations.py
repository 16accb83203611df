"""`/integrations/`: which tenants, what is on, since when and by whom, how fresh, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.catalog.platforms import PLATFORMS, Platform
from orgwarden.core.roles import Right
from orgwarden.web import access, consent_view, frame, notifications_page, tenants

_MANY = 2  # tenants from which one is looked for


@dataclass(frozen=True)
class IntegrationsPage:
    platform: tenants.Platform
    tenants: tuple[tenants.Tenant, ...]
    open: bool
    legacy: bool  # the compact view: the legacy page's columns
    other_view: str  # the address of the other of the two
    live: str  # the address of the moving part
    every: str  # how often it is asked for
    chosen: str  # name of the one tenant shown, or empty
    everything: str  # the address that shows all again
    kind: Platform  # what is listed
    sought: str  # what a tenant is looked for by
    searchable: bool


@require_safe
@access.needs(Right.SEE_TENANTS)
def integrations(request: HttpRequest) -> HttpResponse:
    """The page, or with `part=live` only what moves."""
    what = frame.asked(request)
    everyone = tenants.load(what.meant, what.range, what.now, access.held(request.user))
    sought = request.GET.get("q", "").strip()[:100]
    shown = tuple(t for t in everyone if _fits(t, sought))
    legacy = request.GET.get("view") == "legacy"
    view = {"view": "legacy"} if legacy else {}
    platform = tenants.platform(what.meant, everyone, what.query() | view)
    here = reverse("integrations")
    other = {} if legacy else {"view": "legacy"}
    page = IntegrationsPage(
        platform=platform,
        tenants=shown,
        open=request.GET.get("open") == "salesforce" or bool(sought),
        legacy=legacy,
        other_view=frame.address(here, what.query(), {"q": sought, "open": "salesforce"}, other),
        live=frame.address(here, what.query(), view, {"q": sought, "part": "live"}),
        every="3s" if platform.busy else "30s",
        chosen=what.chosen.name if what.chosen else "",
        everything=frame.address(here, what.range.query(), {"open": "salesforce"}),
        kind=PLATFORMS[0],
        sought=sought,
        searchable=bool(sought) or len(everyone) >= _MANY,
    )
    part = request.GET.get("part") == "live"
    template = "web/parts/integrations_live.html" if part else "web/integrations.html"
    return frame.show(
        request,
        template,
        page,
        title="Integrations",
        here="integrations",
        what=what,
        outbound=None if part else notifications_page.outbound(request.user),
        on_their_way=() if part else consent_view.on_their_way(request.session.session_key),
    )


def _fits(tenant: tenants.Tenant, sought: str) -> bool:
    """By name, My Domain host or org id, whatever the case."""
    told = f"{tenant.name} {tenant.host} {tenant.salesforce_id}".casefold()
    return all(word in told for word in sought.casefold().split())
