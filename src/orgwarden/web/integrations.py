"""`/integrations/`: which tenants, what is on, since when and by whom, how fresh, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.core.roles import Right
from orgwarden.web import access, frame, tenants


@dataclass(frozen=True)
class IntegrationsPage:
    platform: tenants.Platform
    tenants: tuple[tenants.Tenant, ...]
    open: bool
    live: str  # the address of the moving part
    every: str  # how often it is asked for
    chosen: str  # name of the one tenant shown, or empty
    everything: str  # the address that shows all again


@require_safe
@access.needs(Right.SEE_TENANTS)
def integrations(request: HttpRequest) -> HttpResponse:
    """The page, or with `part=live` only what moves."""
    what = frame.asked(request)
    shown = tenants.load(what.meant, what.range, what.now)
    platform = tenants.platform(what.meant, shown)
    here = reverse("integrations")
    page = IntegrationsPage(
        platform=platform,
        tenants=shown,
        open=request.GET.get("open") == "salesforce",
        live=frame.address(here, what.query(), {"part": "live"}),
        every="3s" if platform.busy else "30s",
        chosen=what.chosen.name if what.chosen else "",
        everything=frame.address(here, what.range.query(), {"open": "salesforce"}),
    )
    part = request.GET.get("part") == "live"
    template = "web/parts/integrations_live.html" if part else "web/integrations.html"
    return frame.show(request, template, page, title="Integrations", here="integrations", what=what)
