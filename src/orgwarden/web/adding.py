"""Adding a tenant: the form, and quick connect, which skips it.

Both end in a draft and lead to the page "Before you connect" (`consent_pages`), where the explicit
consent is given. A form that is wrong comes back with what was typed, except the secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from orgwarden.catalog.features import FEATURE_IDS, FEATURES, Feature
from orgwarden.catalog.platforms import BY_ID, Platform
from orgwarden.catalog.tiers import TIERS, Tier
from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.web import access, acts, add_form, frame, sessions, words
from orgwarden.web.add_form import AddForm
from orgwarden.web.typed import ID, whole

_TOLD = (
    "E-mail addresses, separated by commas. They hear when the first pull is ready and when"
    " collecting stops. {}"
)


@dataclass(frozen=True)
class AddPage:
    """The form and what stands beside its fields."""

    form: AddForm
    platform: Platform
    features: tuple[Feature, ...]
    tiers: tuple[Tier, ...]
    callback: str  # empty where consent in the browser does not work
    why_no_consent: str
    references: tuple[str, ...]
    told: str  # who is told besides


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("client_secret", "private_key")
@access.needs(Right.ADD_TENANTS)
def add(request: HttpRequest, platform: str) -> HttpResponse:
    """`/integrations/add/<platform>/`; `?draft=` goes on with one of this session."""
    before = _before(request)
    if request.method != "POST":
        return _show(request, before, platform)
    callback, _ = _callback()
    form = add_form.read(request.POST, before=before, consent_works=bool(callback))
    if form.errors:
        return _show(request, form, platform, status=422)
    held = {k: request.POST.get(k, "").strip() for k in ("client_secret", "private_key")}
    try:
        begun = acts.draft(
            form.asked(request.user.get_username(), platform),
            held,
            sessions.key_of(request),
            form.draft,
        )
    except Problem as problem:
        return _show(request, add_form.wrong(form, problem), platform, status=422)
    return redirect("connection", pk=begun.id)


def _before(request: HttpRequest) -> AddForm:
    """The draft named in the address or the form, or an empty form."""
    named = whole(request.POST.get("draft") or request.GET.get("draft") or "", ID)
    if named is None:
        return AddForm()
    try:
        return add_form.of_draft(acts.pending(named, sessions.key_of(request)))
    except Problem:
        return AddForm()  # over meanwhile: what is typed makes a new one


def _besides(request: HttpRequest) -> str:
    own = str(getattr(request.user, "email", ""))
    return f"You are told at {own}." if own else "Your own account has no address yet."


def _callback() -> tuple[str, str]:
    """The redirect address, or why there is none that Salesforce would take."""
    try:
        return acts.callback_address(), ""
    except Problem as problem:
        return "", problem.sentence()


def _show(request: HttpRequest, form: AddForm, platform: str, *, status: int = 200) -> HttpResponse:
    if platform not in BY_ID:
        raise Http404("There is no such platform.")
    callback, why_not = _callback()
    page = AddPage(
        form=form,
        platform=BY_ID[platform],
        features=FEATURES,
        tiers=TIERS,
        callback=callback,
        why_no_consent=why_not,
        references=settings.ORGWARDEN_SECRET_REFERENCES,
        told=_TOLD.format(_besides(request)),
    )
    return frame.show(
        request,
        "web/add_tenant.html",
        page,
        title="Add SaaS Application Tenant",
        here="integrations",
        status=status,
    )


@dataclass(frozen=True)
class QuickPage:
    url: str
    client_id: str
    errors: dict[str, str]
    callback: str
    why_no_consent: str


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("client_secret")
@access.needs(Right.ADD_TENANTS)
def quick(request: HttpRequest) -> HttpResponse:
    """Quick connect, the older way: an address and an app, then consent. The tenant is marked
    legacy and named after its domain."""
    callback, why_not = _callback()
    url = request.POST.get("url", "").strip()
    client_id = request.POST.get("client_id", settings.ORGWARDEN_QUICK_CONSUMER_KEY).strip()
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            begun = _quick(request, url, client_id)
        except Problem as problem:
            errors["client_id" if problem.code == "CLIENT_ID" else "url"] = problem.sentence()
        else:
            return redirect("connection", pk=begun)
    page = QuickPage(url, client_id, errors, callback, why_not)
    return frame.show(
        request,
        "web/quick_connect.html",
        page,
        title="Quick connect",
        here="integrations",
        status=422 if errors else 200,
    )


def _quick(request: HttpRequest, url: str, client_id: str) -> int:
    address = acts.check_address(url, "")
    acts.callback_address()
    given = {
        "name": words.host(address)[:80],
        "url": address,
        "client_id": client_id,
        "flow": str(Org.Flow.WEB_SERVER),
        "actor": request.user.get_username(),
        "purpose": str(ConsentRequest.Purpose.QUICK),
        "features": FEATURE_IDS,
    }
    held = {"client_secret": request.POST.get("client_secret", "").strip()}
    return acts.draft(given, held, sessions.key_of(request)).id
