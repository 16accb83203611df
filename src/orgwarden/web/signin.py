"""Signing in and out. A wrong try says the same whatever was wrong, and makes the next one wait."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote, urlsplit

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from orgwarden.records import audit
from orgwarden.records.models import Membership
from orgwarden.web import access, throttle, words

WRONG = "This username and password do not belong together."


@method_decorator(access.public, name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignIn(View):
    """The sign-in page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("HX-Request"):
            return _whole_page(request)
        if request.user.is_authenticated:
            return redirect(_target(request))
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL takes no NUL, and nobody's name holds one.
        account = request.POST.get("username", "").replace("\x00", "\N{SYMBOL FOR NULL}")[:150]
        address = access.address_of(request)
        now = timezone.now()
        left = throttle.wait(account, address, now)
        if left.total_seconds() > 0:
            seconds = math.ceil(left.total_seconds())
            refused = self._page(
                request,
                status=429,
                problem=f"Too many wrong tries. Try again in {words.count_of(seconds, 'second')}.",
                username=account,
            )
            refused.headers["Retry-After"] = str(seconds)
            return refused
        user = authenticate(request, username=account, password=request.POST.get("password", ""))
        if user is None:
            throttle.failed(account, address, now)
            audit.record(account or "(empty)", audit.Action.SIGN_IN_FAILED, address)
            return self._page(request, status=401, problem=WRONG, username=account)
        throttle.succeeded(account, address)
        entering = Login(user=user, redirect_url=_target(request))
        response: HttpResponse = perform_password_login(request, {"username": account}, entering)
        return response

    def _page(self, request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "next": request.POST.get("next") or request.GET.get("next", ""),
            "single_sign_on": _single_sign_on(),
            "first_time": not Membership.objects.exclude(person__last_login=None).exists(),
            **more,
        }
        return render(request, "web/sign_in.html", context, status=status)


@require_POST
@access.signed_in
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; by POST, so that no link can do it."""
    audit.record(request.user.get_username(), audit.Action.SIGN_OUT, access.address_of(request))
    logout(request)
    return redirect("sign-in")


def _single_sign_on() -> dict[str, str] | None:
    for provider in settings.SOCIALACCOUNT_PROVIDERS.values():
        for app in provider["APPS"]:
            return {"id": app["provider_id"], "name": app["name"]}
    return None


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("overview")


def _whole_page(request: HttpRequest) -> HttpResponse:
    """A part was asked for after the session ended: let the browser go to the sign-in page."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{shown.path}?{shown.query}" if shown.query else shown.path
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = f"{reverse('sign-in')}?next={quote(back, safe='/')}"
    return response
