"""How long a sign-in lasts, when it has to be proved again, and where one comes back to.

A session ends after twelve hours whatever happens, and for people who can change something after
thirty minutes without use. Pages that move by themselves do not count as use. Both lengths, and
that of a proof, are settings of the installation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from orgwarden.records import audit
from orgwarden.records.memberships import held
from orgwarden.web import access

_BEGAN, _SEEN, _PROVIDER = "began_at", "seen_at", "provider_factor"
_READS = ("GET", "HEAD")
_NOTED_EVERY = 30  # seconds: a session is not written on every request
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "pin", "sc", "pop", "face", "iris"})


def begin(request: HttpRequest) -> None:
    """Note that somebody has just signed in."""
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())


def key_of(request: HttpRequest) -> str:
    """The session's key, which binds a connection on its way to this browser."""
    if request.session.session_key is None:
        request.session.save()
    return request.session.session_key or ""


def proofs(request: HttpRequest) -> list[dict[str, Any]]:
    """How and when the person of this session proved who they are, oldest first."""
    found: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return found


def is_fresh(request: HttpRequest) -> bool:
    """Whether the last proof is only minutes old."""
    last = max((float(r["at"]) for r in proofs(request)), default=0.0)
    return time.time() - last < settings.ORGWARDEN_FRESH.total_seconds()


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the page where the person proves again who they are, and back.

    What was sent with a form is not kept meanwhile: it may hold a secret.
    """
    back = request.get_full_path()
    if request.method not in _READS:
        back = _came_from(request)
        messages.info(request, "Nothing was changed yet. Prove who you are, then do it again.")
    flows = {f["id"]: f for f in get_reauthentication_flows(request.user)}
    if "mfa_reauthenticate" in flows:
        kinds = flows["mfa_reauthenticate"]["types"]
        codes = Authenticator.Type.TOTP in kinds
        name = "mfa_reauthenticate" if codes else "mfa_reauthenticate_webauthn"
    elif flows:
        name = "account_reauthenticate"
    else:  # single sign-on alone: the provider has to vouch again
        logout(request)
        messages.info(request, "This step asks for a new sign-in.")
        name = "sign-in"
    return redirect(f"{reverse(name)}?{urlencode({'next': back})}")


def _came_from(request: HttpRequest) -> str:
    """The page whose form was sent. What a form is sent to may answer nothing but forms, so it is
    no address to come back to."""
    came = urlsplit(request.headers.get("Referer", ""))
    return came.path if came.netloc == request.get_host() and came.path else reverse("overview")


def note_provider(request: HttpRequest, claims: Mapping[str, Any]) -> None:
    """Remember whether the provider says that it asked for a second factor (RFC 8176)."""
    methods = claims.get("amr")
    strong = isinstance(methods, list) and any(m in _STRONG for m in methods)
    request.session[_PROVIDER] = strong


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this person has one here, or used one at the provider."""
    if request.session.get(_PROVIDER) and any(
        r["method"] == "socialaccount" for r in proofs(request)
    ):
        return True
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(is_mfa_enabled(request.user, kinds))


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Leads to the sign-in page and back. A form that was sent meanwhile is not kept, and the
    page it stood on is what one comes back to."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in _READS:
            return super().handle_no_permission(request, view_func)
        messages.info(
            request, "Nothing was changed: you were signed out. Sign in, then do it again."
        )
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': _came_from(request)})}")


class SessionLimitsMiddleware:
    """Ends a session that is too old, or was not used for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._limit(request)
        return self.get_response(request)

    def _limit(self, request: HttpRequest) -> None:
        now = int(time.time())
        began = int(request.session.get(_BEGAN) or now)
        seen = int(request.session.get(_SEEN) or now)
        why = ""
        if now - began >= settings.ORGWARDEN_SESSION.total_seconds():
            why = "Your session had reached its greatest age. Sign in again."
        elif now - seen >= settings.ORGWARDEN_IDLE.total_seconds() and _may_change(request):
            why = "Your session ended because it was not used. Sign in again."
        if why:
            name = request.user.get_username()
            audit.record(name, audit.Action.SIGN_OUT, access.address_of(request), {"why": why})
            logout(request)
            messages.info(request, why)
            return
        if _BEGAN not in request.session:
            request.session[_BEGAN] = now
        moves_by_itself = request.GET.get("part") == "live"
        if _SEEN not in request.session or (now - seen >= _NOTED_EVERY and not moves_by_itself):
            request.session[_SEEN] = now


def _may_change(request: HttpRequest) -> bool:
    return held(request.user).needs_second_factor


class SecondFactorMiddleware:
    """Leads whoever needs a second factor and has none to set one up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        """Before the view is called. Pages about oneself stay open: the way out leads there."""
        if not settings.ORGWARDEN_REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
            return None
        rule = access.rule_of(view)
        if rule is None or rule.right is None:
            return None
        if not held(request.user).needs_second_factor or has_second_factor(request):
            return None
        messages.warning(
            request, "Your role can change things, so it needs a second factor. Set one up first."
        )
        return redirect("account")


def recommends_second_factor(request: HttpRequest) -> bool:
    """Whether the account page should urge, where nothing is required."""
    person = held(request.user)
    return person.needs_second_factor and not has_second_factor(request)
