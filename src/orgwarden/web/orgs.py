"""`/orgs/<key>/`: what is collected, how complete, at what cost, what is dark and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, frame, org_page


@require_safe
@access.needs(Right.SEE_TENANTS)
def org(request: HttpRequest, key: str) -> HttpResponse:
    """The page, or with `part=live` only what moves while a run is on."""
    found = get_object_or_404(Org, key=key)
    what = frame.asked(request, org=found)
    person = access.held(request.user)
    may_change = person.may(Right.EDIT_TENANTS, found)
    page = org_page.build(found, what.range, what.now, may_change=may_change, person=person)
    part = request.GET.get("part") == "live"
    template = "web/parts/org_live.html" if part else "web/org.html"
    return frame.show(request, template, page, title=found.name, here="integrations", what=what)
