"""Deleting a tenant: one confirmation for a legacy tenant, two for a native one (seeds Z31, Z32).

Native: a page that names what goes, then a second page on which the tenant's name is typed. What
was done is kept as a receipt, which is shown afterwards and listed on a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import DeletionReceipt, Org, RetiredGrant
from orgwarden.web import access, acts, frame, words
from orgwarden.web.tenant_status import rows_held, sources_held


@dataclass(frozen=True)
class DeletePage:
    name: str
    href: str
    rows: int
    sources: str
    legacy: bool
    second: bool  # the second confirmation: the name is typed
    wrong: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.DELETE_TENANTS)
@access.fresh
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Both pages and the deletion. `step` says which page was answered: 1 or 2."""
    org = get_object_or_404(Org, key=key)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    typed = request.POST.get("name", "").strip()
    wrong = ""
    sure = step == "1" if org.legacy else step == "2" and typed == org.name
    if sure:
        try:
            done = acts.delete_org(org, request.user.get_username())
        except Problem as problem:
            wrong = problem.sentence()
        else:
            messages.success(request, f"{org.name} is deleted. {' '.join(done)}")
            return redirect("integrations")
    elif step == "2":
        wrong = "The name does not match. Type it exactly as shown."
    states = list(org.sources.all())
    page = DeletePage(
        name=org.name,
        href=reverse("org", args=[org.key]),
        rows=rows_held(states),
        sources=sources_held(states),
        legacy=org.legacy,
        second=bool(step) and not org.legacy,
        wrong=wrong,
    )
    return frame.show(
        request,
        "web/delete_org.html",
        page,
        title=f"Delete {org.name}",
        here="integrations",
        status=422 if wrong else 200,
    )


@dataclass(frozen=True)
class ReceiptsPage:
    receipts: tuple[DeletionReceipt, ...]
    waiting: tuple[str, ...]  # grants that Salesforce has not ended yet


@require_safe
@access.needs(Right.DELETE_TENANTS, everywhere=True)
def receipts(request: HttpRequest) -> HttpResponse:
    """`/integrations/deleted/`: what was deleted, by whom, what was purged and what was kept."""
    waiting = tuple(
        f"The grant of {g.org_name} given up on {words.absolute(g.retired_at)} is not revoked yet"
        f" after {words.count_of(g.tries, 'try', 'tries')}."
        f" {words.sentence(g.problem)} It is tried again every hour."
        for g in RetiredGrant.objects.order_by("retired_at")
    )
    page = ReceiptsPage(tuple(DeletionReceipt.objects.all()[:200]), waiting)
    return frame.show(
        request,
        "web/receipts.html",
        page,
        title="Deleted tenants",
        here="integrations",
    )
