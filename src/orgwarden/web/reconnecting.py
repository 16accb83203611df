"""Reconnecting a tenant: a confirmation, then a new grant in the place of the old one (seed Z28).

Key, history, settings and first-connected stay; another org is refused. JWT bearer and client
credentials are signed in anew at once, consent goes by way of Salesforce; changing the sign-in way
goes through the same steps as adding.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts, frame, sessions, words


@dataclass(frozen=True)
class ReconnectPage:
    key: str
    name: str
    host: str
    salesforce_id: str
    user: str
    back: str
    flow: str
    way: str
    other_ways: tuple[tuple[str, str], ...]
    client_id: str
    reason: str  # why it has to be reconnected, if it has
    problem: str = ""
    fix: str = ""
    code: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
@access.needs(Right.EDIT_TENANTS)
@access.fresh
def reconnect(request: HttpRequest, key: str) -> HttpResponse:
    """`/orgs/<key>/reconnect/`: what will happen, and Confirm."""
    org = get_object_or_404(Org, key=key)
    if request.method != "POST":
        return _page(request, org)
    flow = request.POST.get("flow", "") or org.flow
    client_id = request.POST.get("client_id", "").strip()[:255]
    # A key of several lines keeps them; a secret of one line loses stray blanks.
    secret = request.POST.get("secret", "").strip()
    try:
        if flow == org.flow and flow != Org.Flow.WEB_SERVER:
            acts.check_again(org, request.user.get_username(), secret=secret, client_id=client_id)
        else:
            return _away(request, org, flow, client_id, secret)
    except Problem as problem:
        return _page(request, org, problem)
    messages.success(
        request, f"{org.name} is reconnected. What was missed meanwhile is being collected."
    )
    here = frame.address(reverse("integrations"), {"open": "salesforce"})
    return redirect(f"{here}#tenant-{org.key}")


def _away(request: HttpRequest, org: Org, flow: str, client_id: str, secret: str) -> HttpResponse:
    """To the page of the connection on its way: what is asked for, then Salesforce."""
    draft = acts.begin_reconnect(
        org,
        request.user.get_username(),
        sessions.key_of(request),
        flow=flow if flow in Org.Flow.values else "",
        client_id=client_id,
        secret=secret,
    )
    return redirect("connection", pk=draft)


def _page(request: HttpRequest, org: Org, problem: Problem | None = None) -> HttpResponse:
    page = ReconnectPage(
        key=org.key,
        name=org.name,
        host=words.host(org.url),
        salesforce_id=org.salesforce_id,
        user=org.intended_user or org.connected_user,
        back=reverse("org", args=[org.key]),
        flow=org.flow,
        way=Org.Flow(org.flow).label,
        other_ways=tuple((f.value, f.label) for f in Org.Flow if f.value != org.flow),
        client_id=org.client.client_id if hasattr(org, "client") else "",
        reason=words.sentence(org.problem) if org.status == Org.Status.ERROR else "",
        problem=problem.what if problem else "",
        fix=problem.fix if problem else "",
        code=problem.code if problem else "",
    )
    return frame.show(
        request,
        "web/reconnect_org.html",
        page,
        title=f"Reconnect {org.name}",
        here="integrations",
        status=422 if problem else 200,
    )
