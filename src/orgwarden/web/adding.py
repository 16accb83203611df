"""Adding a tenant.

For administrators only; a form that is wrong comes back with what was typed, except the secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from orgwarden.core.problems import Problem
from orgwarden.records.models import Org
from orgwarden.web import access, acts, frame, tenants

DATA_COLLECTED = (
    (
        "api",
        "Reads over REST and Bulk API 2.0 as the connected user: sign-in history, set-up "
        "audit trail, event log files, people, organization and limits. It includes chatter_api.",
    ),
    (
        "refresh_token",
        "Lets Orgwarden keep collecting after you close this window. Asked for only "
        "with consent in the browser.",
    ),
)
_MANY = {"name": 80, "url": 255, "client_id": 255, "client_secret": 255}


@dataclass(frozen=True)
class AddForm:
    """What was typed into the form, without the secret, and what is wrong with it."""

    name: str = ""
    url: str = ""
    client_id: str = ""
    flow: str = str(Org.Flow.CLIENT_CREDENTIALS)
    features: tuple[str, ...] = ("app_governance", "sspm_scan")
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    fix: str = ""
    code: str = ""
    data: tuple[tuple[str, str], ...] = DATA_COLLECTED
    callback: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("client_secret")
@access.administrators_only
def add(request: HttpRequest) -> HttpResponse:
    """`/integrations/add/salesforce/`."""
    callback = _callback()
    if request.method != "POST":
        return _form(request, AddForm(callback=callback))
    typed = {k: request.POST.get(k, "").strip() for k in _MANY}
    form, secret = _read(request, typed, callback)
    if form.errors:
        return _form(request, form, status=422)
    asked: dict[str, Any] = {
        "name": form.name,
        "url": form.url,
        "client_id": form.client_id,
        "client_secret": secret,
        "features": list(form.features),
        "actor": request.user.get_username(),
    }
    try:
        if form.flow == Org.Flow.WEB_SERVER:
            if request.session.session_key is None:
                request.session.save()
            target = acts.begin_consent(**asked, session_key=request.session.session_key or "")
            return _leave(request, form, target)
        org = acts.connect_org(**asked, flow=form.flow)
    except Problem as problem:
        return _form(request, _with(form, problem), status=422)
    messages.success(request, f"{org.name} is connected. Its history is being collected now.")
    return redirect(frame.address(reverse("integrations"), {"open": "salesforce"}))


def _callback() -> str:
    try:
        return acts.callback_address()
    except Problem:
        return ""  # consent in the browser is refused with the reason when it is chosen


def _read(request: HttpRequest, typed: dict[str, str], callback: str) -> tuple[AddForm, str]:
    url = typed["url"] if "://" in typed["url"] else f"https://{typed['url']}"
    errors: dict[str, str] = {}
    if not typed["name"]:
        errors["name"] = "Give the tenant a name, for example Production."
    elif Org.objects.filter(name__iexact=typed["name"]).exists():
        errors["name"] = "A tenant of this name exists. Choose another name."
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.scheme in ("http", "https")
        usable = usable and not (parts.query or parts.fragment or parts.username)
        url = f"{parts.scheme}://{parts.netloc.lower()}"
    except ValueError:
        usable = False
    if not typed["url"] or not usable:
        errors["url"] = "Give the org's My Domain address, for example acme.my.salesforce.com."
    if not typed["client_id"]:
        errors["client_id"] = "Copy the consumer key from the external client app's OAuth settings."
    if not typed["client_secret"]:
        errors |= {"client_secret": "Copy the consumer secret; it is stored encrypted."}
    for key, most in _MANY.items():
        if len(typed[key]) > most:
            errors[key] = f"At most {most} characters."
    flow = request.POST.get("flow", "")
    if flow not in (Org.Flow.CLIENT_CREDENTIALS, Org.Flow.WEB_SERVER):
        errors["flow"] = "Choose how Orgwarden signs in."
    features = tuple(f for f in request.POST.getlist("features") if f in tenants.FEATURES)
    if not features:
        errors["features"] = "Choose at least one feature; without one nothing is collected."
    form = AddForm(
        typed["name"],
        url if usable and typed["url"] else typed["url"],
        typed["client_id"],
        flow,
        features,
        errors,
        callback=callback,
    )
    return form, typed["client_secret"]


def _with(form: AddForm, problem: Problem) -> AddForm:
    return AddForm(
        form.name,
        form.url,
        form.client_id,
        form.flow,
        form.features,
        {},
        problem.what,
        problem.fix,
        problem.code,
        callback=form.callback,
    )


def _form(request: HttpRequest, form: AddForm, *, status: int = 200) -> HttpResponse:
    return frame.show(
        request,
        "web/add_salesforce.html",
        form,
        title="Add a Salesforce tenant",
        here="integrations",
        what=frame.asked(request),
        with_range=False,
        status=status,
    )


def _leave(request: HttpRequest, form: AddForm, target: str) -> HttpResponse:
    """The last page before Salesforce's own: what will be asked for, and the way there.

    A link and not a redirect: the content security policy lets a form lead only to ourselves.
    """
    return frame.show(
        request,
        "web/leave_for_consent.html",
        form,
        title="Consent at Salesforce",
        here="integrations",
        what=frame.asked(request),
        with_range=False,
        target=target,
    )


@require_GET
@access.administrators_only
def callback(request: HttpRequest) -> HttpResponse:
    """`/connect/callback`: Salesforce sends the browser back with a code, or with a refusal."""
    refused = request.GET.get("error", "")
    if refused:
        told = request.GET.get("error_description", "")[:200]
        problem = Problem(
            f"Salesforce refused the consent: {told or refused[:80]}.",
            fix="Start again and press Allow, or ask an administrator of the org to approve it.",
            code=refused[:80],
        )
        return _form(request, _with(AddForm(flow=str(Org.Flow.WEB_SERVER)), problem), status=400)
    try:
        org = acts.finish_consent(
            request.GET.get("state", ""),
            request.GET.get("code", ""),
            request.session.session_key or "",
        )
    except Problem as problem:
        form = _with(AddForm(flow=str(Org.Flow.WEB_SERVER)), problem)
        return _form(request, form, status=400)
    messages.success(request, f"{org.name} is connected. Its history is being collected now.")
    return redirect(frame.address(reverse("integrations"), {"open": "salesforce"}))
