"""Who may do what on the pages: everyone signed in may look, administrators may change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from orgwarden.records import audit
from orgwarden.records.first_admin import ADMINISTRATOR
from orgwarden.records.models import Org

View = Callable[..., HttpResponse]


def may_change(user: Any) -> bool:
    """Whether this person connects, collects from, tests and deletes tenants."""
    if not user.is_active:
        return False
    return bool(user.is_superuser or user.groups.filter(name=ADMINISTRATOR).exists())


def orgs_for(user: Any) -> list[Org]:
    """The tenants this person may see, by name. In this release: all of them."""
    return list(Org.objects.all()) if user.is_authenticated else []


def administrators_only(view: View) -> View:
    """Refuses everyone else with the 403 page, before the view looks at anything, and puts the
    refusal into the audit chain."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_change(request.user):
            asked = {"method": request.method, "address": address_of(request)}
            audit.record(
                request.user.get_username(), audit.Action.ACCESS_DENIED, request.path, asked
            )
            raise PermissionDenied("Only an administrator may do this.")
        return view(request, *args, **kwargs)

    return guarded


def address_of(request: HttpRequest) -> str:
    """The address the request came from. Forwarding headers are not believed: anyone may send
    them, and the sign-in's delay is counted by this address."""
    return str(request.META.get("REMOTE_ADDR", ""))
