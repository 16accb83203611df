"""What an administrator does to a tenant: collect, test, delete.

Everything here changes something, so every view is for administrators and by POST.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts, frame, tenants, words

if TYPE_CHECKING:
    from orgwarden.flows.check_connection import Step


@require_POST
@access.needs(Right.COLLECT)
def collect(request: HttpRequest, key: str) -> HttpResponse:
    """Collect now: asks a worker and returns at once."""
    org = get_object_or_404(Org, key=key)
    try:
        acts.collect_now(org, request.user.get_username())
    except Problem as problem:
        messages.error(request, problem.sentence())
    else:
        messages.success(request, "A worker was asked to collect now. This page moves with it.")
    return redirect("org", key=org.key)


@dataclass(frozen=True)
class TestLine:
    kind: str  # ok, failed
    icon: str
    name: str
    words: str
    fix: str


@dataclass(frozen=True)
class TestPage:
    tenant: str
    href: str
    lines: tuple[TestLine, ...]
    verdict: str
    kind: str


@require_POST
@access.needs(Right.TEST)
def test(request: HttpRequest, key: str) -> HttpResponse:
    """Test connection: one line per step, each with what to do where it fails."""
    org = get_object_or_404(Org, key=key)
    try:
        lines = tuple(_line(r) for r in acts.test_org(org, request.user.get_username()))
    except Problem as problem:
        lines = (TestLine("failed", "alert-octagon", "Connection", problem.what, problem.fix),)
    bad = sum(line.kind == "failed" for line in lines)
    verdict, kind = "Everything works.", "ok"
    if bad:
        verdict, kind = f"{bad} of {len(lines)} steps failed.", "failed"
    elif not lines:
        verdict, kind = "Nothing was tested, so nothing is known.", "unknown"
    page = TestPage(org.name, reverse("org", args=[org.key]), lines, verdict, kind)
    part = bool(request.headers.get("HX-Request"))
    return frame.show(
        request,
        "web/parts/test_result.html" if part else "web/test_result.html",
        page,
        title=f"Test of {org.name}",
        here="integrations",
        what=frame.asked(request),
        with_range=False,
    )


def _line(step: Step) -> TestLine:
    kind = "ok" if step.ok else "failed"
    icon = "circle-check" if step.ok else "alert-octagon"
    return TestLine(kind, icon, step.name, words.sentence(step.words), words.sentence(step.fix))


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.DELETE_TENANTS)
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete in two steps: this page names what goes, and the tenant's name has to be typed."""
    org = get_object_or_404(Org, key=key)
    typed = request.POST.get("name", "").strip()
    wrong = ""
    if request.method == "POST" and typed == org.name:
        try:
            done = acts.delete_org(org, request.user.get_username())
        except Problem as problem:
            wrong = problem.sentence()
        else:
            messages.success(request, f"{typed} is deleted. {' '.join(done)}")
            return redirect("integrations")
    elif request.method == "POST":
        wrong = "The name does not match. Type it exactly as shown."
    page = {
        "org": tenants.load([org], frame.asked(request).range, frame.asked(request).now)[0],
        "rows": tenants.rows_held(list(org.sources.all())),
        "sources": org.sources.count(),
        "wrong": wrong,
    }
    return frame.show(
        request,
        "web/delete_org.html",
        page,
        title=f"Delete {org.name}",
        here="integrations",
        what=frame.asked(request),
        with_range=False,
        status=422 if wrong else 200,
    )
