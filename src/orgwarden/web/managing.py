"""What is done to a tenant by pressing one button: collect, test, pause, resume.

Everything here changes something, so every view is by POST and for those who have the right.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts


@require_POST
@access.needs(Right.COLLECT)
def collect(request: HttpRequest, key: str) -> HttpResponse:
    """Collect now: asks a worker and returns at once."""
    org = get_object_or_404(Org, key=key)
    try:
        joined = acts.collect_now(org, request.user.get_username())
    except Problem as problem:
        messages.error(request, problem.sentence())
    else:
        told = "A worker was asked to collect now. This page moves with it."
        if joined:
            told = "A collection is in progress already, so that one is joined."
        messages.success(request, told)
    return redirect("org", key=org.key)


@require_POST
@access.needs(Right.EDIT_TENANTS)
def pause(request: HttpRequest, key: str) -> HttpResponse:
    """Pause: nothing is collected until somebody resumes."""
    org = get_object_or_404(Org, key=key)
    acts.pause(org, request.user.get_username())
    messages.success(request, f"{org.name} is paused. Nothing is collected until it is resumed.")
    return redirect("org", key=org.key)


@require_POST
@access.needs(Right.EDIT_TENANTS)
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Resume: what was missed is collected first."""
    org = get_object_or_404(Org, key=key)
    acts.resume(org, request.user.get_username())
    messages.success(request, f"{org.name} is resumed. What was missed is being collected.")
    return redirect("org", key=org.key)
