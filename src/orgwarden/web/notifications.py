"""`/settings/notifications/`: where messages go, what is wrong now, what was sent.

Web addresses and signing secrets are never shown again once stored; a webhook's new secret is
printed once, in the answer to the form that made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records import preferences
from orgwarden.records.models import Destination, Message
from orgwarden.web import access, frame, notifications_page, notify_acts, preferences_page
from orgwarden.web.notifications_page import KIND, KindOf

TELLING = (preferences.MESSAGE_GRACE, preferences.SILENCE)


@dataclass(frozen=True)
class DestinationForm:
    """What was typed, without address and secret of a web destination, and what is wrong."""

    kind: KindOf
    pk: int | None = None
    name: str = ""
    address: str = field(default="", repr=False)  # of e-mail only
    stored: str = ""  # the host that is stored; empty for a new one
    method: str = "GET"
    enabled: bool = True
    wrong: str = ""
    fix: str = ""
    at: str = ""  # the field that is wrong: name, address, secret or empty


_FIELDS = {
    "NAME": "name",
    "ADDRESS": "address",
    "EMAIL_ADDRESS": "address",
    "SIGNING_SECRET": "secret",
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.MANAGE_SETTINGS)
def listing(request: HttpRequest) -> HttpResponse:
    """The page; by POST its numbers are set."""
    wrong = preferences_page.keep(request, TELLING) if request.method == "POST" else {}
    if request.method == "POST" and not wrong:
        messages.success(request, "The times are set.")
        return redirect("notifications")
    times = preferences_page.fields(TELLING, request.POST, wrong)
    return frame.show(
        request,
        "web/notifications.html",
        notifications_page.build(timezone.now(), times),
        title="Notifications",
        here="settings",
        status=422 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("address", "secret")
@access.needs(Right.MANAGE_SETTINGS)
@access.fresh
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Add one destination of a kind."""
    if kind not in KIND:
        raise Http404("There is no such kind of destination.")
    if request.method == "POST":
        return _keep(request, KIND[kind], None)
    return _form(request, DestinationForm(KIND[kind]))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("address", "secret")
@access.needs(Right.MANAGE_SETTINGS)
@access.fresh
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one destination."""
    row = get_object_or_404(Destination, pk=pk)
    kind = KIND[row.kind]
    if request.method == "POST":
        return _keep(request, kind, row)
    form = DestinationForm(
        kind,
        row.pk,
        row.name,
        row.address if row.kind == Destination.Kind.EMAIL else "",
        row.address,
        _method(row),
        row.enabled,
    )
    return _form(request, form)


def _method(row: Destination) -> str:
    if row.kind != Destination.Kind.HEARTBEAT:
        return "GET"
    try:
        return notify_acts.method_of(row)
    except Problem:  # its address does not open: a new one has to be entered anyway
        return "GET"


def _keep(request: HttpRequest, kind: KindOf, old: Destination | None) -> HttpResponse:
    asked = {k: request.POST.get(k, "") for k in ("name", "address", "secret")}
    method = request.POST.get("method", "GET")
    enabled = old is None or "enabled" in request.POST
    stored = old.address if old else ""
    try:
        kept = notify_acts.keep_destination(
            **asked,
            kind=kind.id,
            method=method,
            enabled=enabled,
            actor=request.user.get_username(),
            old=old,
        )
    except Problem as problem:
        is_mail = kind.id == Destination.Kind.EMAIL
        form = DestinationForm(
            kind,
            old.pk if old else None,
            asked["name"],
            asked["address"] if is_mail else "",
            stored,
            method,
            enabled,
            problem.what,
            problem.fix,
            _FIELDS.get(problem.code, ""),
        )
        return _form(request, form, status=422)
    name = kept.destination.name
    if kept.secret:
        page = {"name": name, "secret": kept.secret, "pk": kept.destination.pk}
        return frame.show(
            request, "web/notification_secret.html", page, title=f"{name} is added", here="settings"
        )
    messages.success(request, f"{name} is {'changed' if old else 'added'}. Send a test to be sure.")
    return redirect("notifications")


def _form(request: HttpRequest, form: DestinationForm, *, status: int = 200) -> HttpResponse:
    title = f"Edit {form.name}" if form.pk else f"Add: {form.kind.label}"
    return frame.show(
        request, "web/notification_form.html", form, title=title, here="settings", status=status
    )


@require_POST
@access.needs(Right.MANAGE_SETTINGS)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test now, and say how it went."""
    row = get_object_or_404(Destination, pk=pk)
    try:
        told = notify_acts.try_destination(row, request.user.get_username())
    except Problem as problem:
        messages.error(request, f"The test of {row.name} failed: {problem.sentence()}")
    else:
        messages.success(request, told)
    return redirect("notifications")


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.MANAGE_SETTINGS)
@access.fresh
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one, after a page that says what goes with it."""
    row = get_object_or_404(Destination, pk=pk)
    if request.method == "POST":
        notify_acts.delete_destination(row, request.user.get_username())
        messages.success(request, f"{row.name} is deleted.")
        return redirect("notifications")
    waiting = Message.objects.filter(destination=row, state=Message.State.WAITING).count()
    page = {"row": notifications_page.row_of(row), "waiting": waiting}
    return frame.show(
        request, "web/notification_delete.html", page, title=f"Delete {row.name}", here="settings"
    )


@require_POST
@access.needs(Right.MANAGE_SETTINGS)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message once more that is unclear or was given up."""
    notify_acts.send_again(get_object_or_404(Message, pk=pk), request.user.get_username())
    messages.success(request, "A worker sends it again.")
    return redirect("notifications")
