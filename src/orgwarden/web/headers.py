"""The response headers that hold on every page: nothing is loaded or run that is not ours.

No inline script, no inline style, no eval. Charts are drawn as SVG elements whose styles are set
by script, which the policy does not concern; htmx is told to add no styles and to evaluate nothing.
What a browser refuses it tells `/csp-report/`, and the log says so.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orgwarden.records.models import Org
from orgwarden.web import access, throttle

log = logging.getLogger(__name__)

FIXED = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
REPORTS = "/csp-report/"
PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
_LARGEST_REPORT = 16_384  # bytes
_REPORTS_A_MINUTE = 20  # from one address


def policy(request: HttpRequest) -> str:
    """The content security policy of this page. A form may lead, over a redirect, to the tenant's
    own Salesforce address where the page is about one, and to the single sign-on provider."""
    hosts = [o for o in settings.ORGWARDEN_OIDC_FORM_HOSTS if _ORIGIN.fullmatch(o)]
    match = request.resolver_match
    key = match.kwargs.get("key") if match is not None else None
    if key and request.user.is_authenticated:
        # On the page that says it is not there, too: its address is not for everybody.
        org = Org.objects.filter(key=key).first()
        if org is not None and access.may(request.user, access.Right.SEE_TENANTS, org):
            found = _ORIGIN.match(org.url)
            if found and org.url[found.end() :] in ("", "/"):
                hosts.append(found[0])
    targets = " ".join(["'self'", *hosts])
    return f"{FIXED}; form-action {targets}; report-uri {REPORTS}"


class SecurityHeadersMiddleware:
    """Adds the headers. Pages for signed-in people are also kept out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        # Only a page can have forms; anything else needs no look into the records.
        plain = f"{FIXED}; form-action 'self'"
        wanted = policy(request) if html and hasattr(request, "user") else plain
        response.headers.setdefault("Content-Security-Policy", wanted)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if html:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class RefusedMethodMiddleware:
    """Says in a page what a browser would show as its own error: an address that only takes forms
    was opened as a link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page


@csrf_exempt
@require_POST
@access.public
def csp_report(request: HttpRequest) -> HttpResponse:
    """What a browser refused to load or run. Anybody can send one, so it is counted, shortened
    and only logged."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > _LARGEST_REPORT:
        return HttpResponse(status=413)
    if not throttle.one_more("csp-report", access.address_of(request), _REPORTS_A_MINUTE, 60):
        return HttpResponse(status=429)
    for told in _reports(request.body):
        log.warning(
            "A browser refused something: %s on %s (%s)",
            _short(told.get("effective-directive") or told.get("effectiveDirective")),
            _short(told.get("document-uri") or told.get("documentURL")),
            _short(told.get("blocked-uri") or told.get("blockedURL")),
        )
    return HttpResponse(status=204)


def _reports(body: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if isinstance(told, dict) and isinstance(told.get("csp-report"), dict):
        return [told["csp-report"]]
    if isinstance(told, list):
        bodies = [item.get("body") for item in told if isinstance(item, dict)]
        return [found for found in bodies if isinstance(found, dict)][:5]
    return []


def _short(value: object) -> str:
    """Without query string, which may carry what is nobody's business, and without line breaks."""
    text = str(value or "-").split("?")[0].split("#")[0]
    return re.sub(r"[^\x20-\x7e]", "?", text)[:120]
