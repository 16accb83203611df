"""A connection on its way, from "Before you connect" to its confirmation: `/connect/<id>/`.

Everything here is bound to the browser session that began; a reconnect and a changed sign-in way
pass through the same pages. Each answer is a redirect, so that nothing is sent twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST, require_safe

from orgwarden.catalog.app_package import app_package
from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts, consent_view, frame, sessions

if TYPE_CHECKING:
    from orgwarden.flows.connecting.pending import Pending

_TEMPLATES = {
    "draft": "web/before_connecting.html",
    "failed": "web/before_connecting.html",
    "away": "web/at_salesforce.html",
    "trying": "web/being_tried.html",
    "answered": "web/answered.html",
}


def _mine(request: HttpRequest, pk: int) -> Pending:
    """The connection, of this session, for somebody who may do what it is for. Raises Problem."""
    found = acts.pending(pk, sessions.key_of(request))
    org = Org.objects.filter(key=found.asked.org_key).first() if found.asked.org_key else None
    right = Right.ADD_TENANTS if found.asked.is_new else Right.EDIT_TENANTS
    if not access.held(request.user).may(right, org):
        raise PermissionDenied("None of your roles allows this.")
    return found


def _over(request: HttpRequest, problem: Problem) -> HttpResponse:
    """It is over, or was never this session's: said in words, back to the list."""
    messages.error(request, problem.sentence())
    return redirect(frame.address(reverse("integrations"), {"open": "salesforce"}))


@require_safe
@access.needs(Right.EDIT_TENANTS)
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of its stage; `?part=live` is what a page that waits asks for."""
    try:
        found = _mine(request, pk)
    except Problem as problem:
        if request.GET.get("part") == "live":
            return _reload()
        return _over(request, problem)
    return _show(request, found)


def _show(request: HttpRequest, found: Pending, *, problem: Problem | None = None) -> HttpResponse:
    page = consent_view.page_of(found, timezone.now())
    template = _TEMPLATES[page.stage]
    if request.GET.get("part") == "live":
        if page.stage != "trying":
            return _reload()
        template = "web/parts/being_tried.html"
    return frame.show(
        request,
        template,
        page,
        title=f"{page.verb} {page.name}",
        here="integrations",
        status=422 if problem else 200,
        problem=problem,
        live=reverse("connection", args=[page.id]),
    )


def _reload() -> HttpResponse:
    """Tells a page that waits to show the next stage."""
    response = HttpResponse(status=200)
    response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@sensitive_post_parameters("client_secret")
@access.needs(Right.EDIT_TENANTS)
@access.fresh
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The explicit consent to what the page showed, with the key and secret if they came late."""
    key, actor = sessions.key_of(request), request.user.get_username()
    try:
        found = _mine(request, pk)
    except Problem as problem:
        return _over(request, problem)
    held = {"client_secret": request.POST.get("client_secret", "").strip()[:255]}
    changed = {
        "client_id": (request.POST.get("client_id", "").strip() or found.asked.client_id)[:255],
        "egress_confirmed": "egress" in request.POST or not found.asked.is_new,
        "actor": actor,
    }
    try:
        if found.stage in ("draft", "failed"):
            found = acts.change_draft(pk, key, held, **changed)
        acts.consent(pk, key, actor)
    except Problem as problem:
        return _show(request, found, problem=problem)
    return redirect("connection", pk=pk)


@require_POST
@access.needs(Right.EDIT_TENANTS)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second yes: to the org and user that answered. Stores the grant."""
    key = sessions.key_of(request)
    try:
        found = _mine(request, pk)
        org = acts.confirm(pk, key, request.user.get_username(), accept="accept" in request.POST)
    except Problem as problem:
        try:
            return _show(request, _mine(request, pk), problem=problem)
        except Problem:
            return _over(request, problem)
    told = f"{org.name} is connected. Its history is being collected; this may take a while."
    if not found.asked.is_new:
        told = f"{org.name} is reconnected. What was missed meanwhile is being collected."
    messages.success(request, told)
    here = frame.address(reverse("integrations"), {"open": "salesforce"})
    return redirect(f"{here}#tenant-{org.key}")


@require_POST
@access.needs(Right.EDIT_TENANTS)
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """No, at whatever stage: a grant that was given goes back."""
    try:
        found = _mine(request, pk)
        done = acts.give_up(pk, sessions.key_of(request), request.user.get_username())
    except Problem as problem:
        return _over(request, problem)
    told = "connected" if found.asked.is_new else "reconnected"
    messages.info(request, f"{found.asked.name} was not {told}. {done}")
    if found.asked.org_key:
        return redirect("org", key=found.asked.org_key)
    return redirect(frame.address(reverse("integrations"), {"open": "salesforce"}))


@require_POST
@access.needs(Right.EDIT_TENANTS)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the draft, with everything that was typed."""
    try:
        _mine(request, pk)
        acts.stop(pk, sessions.key_of(request))
    except Problem as problem:
        return _over(request, problem)
    return redirect("connection", pk=pk)


@require_safe
@access.needs(Right.EDIT_TENANTS)
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate to upload to the app. The key it belongs to leaves this machine never."""
    try:
        found = _mine(request, pk)
    except Problem as problem:
        raise Http404(problem.what) from None
    if not found.certificate:
        raise Http404("This way has no certificate.")
    return _download(
        found.certificate.encode(), f"orgwarden-{_slug(found)}.crt", "application/x-x509-user-cert"
    )


@require_safe
@access.needs(Right.EDIT_TENANTS)
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """The metadata package for this connection: the app's policies and the permission sets."""
    try:
        found = _mine(request, pk)
    except Problem as problem:
        raise Http404(problem.what) from None
    page, asked = consent_view.page_of(found, timezone.now()), found.asked
    client_credentials = asked.flow == Org.Flow.CLIENT_CREDENTIALS
    zipped = app_package(
        str(asked.flow),
        asked.features,
        asked.tiers,
        page.egress,
        page.callback if asked.flow == Org.Flow.WEB_SERVER else "",
        found.certificate,
        run_as=asked.username if client_credentials else "",
        contact=str(getattr(request.user, "email", "")) or "admin@example.com",
    )
    return _download(zipped, f"orgwarden-{_slug(found)}.zip", "application/zip")


def _slug(found: Pending) -> str:
    return slugify(found.asked.name)[:40] or "tenant"


def _download(body: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
@access.needs(Right.EDIT_TENANTS)
def callback(request: HttpRequest) -> HttpResponse:
    """`/connect/callback`: Salesforce sends the browser back with a code, or with a refusal.

    The refusal's words are shown only if its state belongs to this session: anybody can make a
    link that holds an error.
    """
    key, state = sessions.key_of(request), request.GET.get("state", "")
    try:
        if "error" in request.GET:
            found = acts.consent_refused(
                state,
                key,
                request.GET.get("error", "")[:100],
                request.GET.get("error_description", "")[:500],
            )
        else:
            found = acts.finish_consent(state, request.GET.get("code", ""), key)
    except Problem as problem:
        return _over(request, problem)
    return redirect("connection", pk=found.id)
