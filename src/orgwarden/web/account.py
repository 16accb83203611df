"""`/settings/account/`: what one can do about one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from orgwarden.core.roles import WORDS, Role
from orgwarden.records import audit
from orgwarden.records.models import Membership
from orgwarden.web import access, frame, sessions


@dataclass(frozen=True)
class Held:
    """One membership, spelled."""

    role: str
    where: str
    words: str
    given_by: str
    at: datetime


@dataclass(frozen=True)
class Passkey:
    pk: int
    name: str
    added: datetime
    used: datetime | None


@dataclass(frozen=True)
class AccountPage:
    name: str
    email: str
    roles: tuple[Held, ...]
    app_since: datetime | None  # of the authenticator app
    passkeys: tuple[Passkey, ...]
    codes_left: int | None  # recovery codes; None: there are none
    has_password: bool
    needed: bool  # a second factor is required and missing
    advised: bool  # it is not required here, but the role can change something


@require_safe
@access.signed_in
def account(request: HttpRequest) -> HttpResponse:
    """The page."""
    person: Any = request.user
    rows = Membership.objects.filter(person=person).select_related("org")
    factors = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    app = next((f for f in factors if f.type == Authenticator.Type.TOTP), None)
    codes = next((f for f in factors if f.type == Authenticator.Type.RECOVERY_CODES), None)
    missing = sessions.recommends_second_factor(request)
    page = AccountPage(
        name=person.get_username(),
        email=person.email,
        roles=tuple(spelled(row) for row in rows.order_by("org__name", "role")),
        app_since=app.created_at if app else None,
        passkeys=tuple(
            Passkey(f.pk, str(f), f.created_at, f.last_used_at)
            for f in factors
            if f.type == Authenticator.Type.WEBAUTHN
        ),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
        has_password=person.has_usable_password(),
        needed=missing and settings.ORGWARDEN_REQUIRE_SECOND_FACTOR,
        advised=missing and not settings.ORGWARDEN_REQUIRE_SECOND_FACTOR,
    )
    return frame.show(request, "web/account.html", page, title="Your account", here="settings")


def spelled(row: Membership) -> Held:
    """A membership as pages show it."""
    role = Role(row.role)
    where = row.org.name if row.org else "All tenants"
    return Held(row.get_role_display(), where, WORDS[role], row.given_by, row.given_at)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "again")
@access.signed_in
@access.fresh
def password(request: HttpRequest) -> HttpResponse:
    """A new password. Whoever comes here proved moments ago who they are, so the old one is not
    asked for; every other session of theirs ends."""
    person: Any = request.user
    if not person.has_usable_password():
        # A way in past the provider, which it could neither close nor ask a second factor of.
        raise PermissionDenied("You sign in by single sign-on, so there is no password to change.")
    wrong: list[str] = []
    if request.method == "POST":
        typed = request.POST.get("password", "")
        if typed != request.POST.get("again", ""):
            wrong = ["The two are not the same."]
        else:
            try:
                validate_password(typed, person)
            except ValidationError as e:
                wrong = list(e.messages)
        if not wrong:
            person.set_password(typed)
            person.save(update_fields=["password"])
            update_session_auth_hash(request, person)
            audit.record(
                person.get_username(), audit.Action.PASSWORD_CHANGED, person.get_username()
            )
            messages.success(
                request, "Your password is changed. Other sessions of yours have ended."
            )
            return redirect("account")
    return frame.show(
        request,
        "web/password.html",
        {"wrong": wrong},
        title="Change your password",
        here="settings",
        status=422 if wrong else 200,
    )
