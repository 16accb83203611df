"""The installation: health, the audit trail, people, tokens of oneself, destinations."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Query, Router

from orgwarden import __version__
from orgwarden.core.roles import Right
from orgwarden.records import api_tokens, memberships, people
from orgwarden.records.models import ApiToken, AuditEntry, Destination, Incident, Org
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.pages import newest_first
from orgwarden.web.api.shapes import PageAsked
from orgwarden.web.condition import OK, condition

router = Router(tags=["Installation"])


@operation(router, "GET", "health", Right.SEE_TENANTS, shapes.Health)
def get_health(request: Asking) -> dict[str, Any]:
    """Whether it works, as far as you may see.

    `/health/` says it of the whole installation, without a token and without a name.
    """
    orgs = request.auth.orgs()
    synced = [o.last_synced_at for o in orgs if o.last_synced_at is not None]
    in_error = sum(o.status == Org.Status.ERROR for o in orgs)
    unwatched = condition(timezone.now()).checks["worker"] != OK
    opened = Incident.objects.filter(org__in=orgs, ended_at=None).count()
    return {
        "status": "failing" if in_error or opened or (orgs and unwatched) else "ok",
        "version": __version__,
        "tenants": len(orgs),
        "in_error": in_error,
        "in_progress": sum(o.status == Org.Status.IN_PROGRESS for o in orgs),
        "open_incidents": opened,
        "oldest_sync_at": min(synced) if synced and len(synced) == len(orgs) else None,
        "never_synced": len(orgs) - len(synced),
    }


class AuditAsked(PageAsked):
    actor: shapes.Text = ""
    action: shapes.Text = ""


@operation(router, "GET", "audit", Right.READ_AUDIT, shapes.Page[shapes.AuditLine])
def list_audit(request: Asking, asked: Query[AuditAsked]) -> dict[str, Any]:
    """The audit trail, newest first.

    Each entry's `digest` covers `previous`; `orgwarden audit verify` checks the whole chain.
    """
    rows = AuditEntry.objects.all()
    if asked.actor:
        rows = rows.filter(actor=asked.actor)
    if asked.action:
        rows = rows.filter(action=asked.action)
    return newest_first(rows, "at", asked, lambda entry: entry)


@operation(router, "GET", "people", Right.MANAGE_PEOPLE, list[shapes.Person])
def list_people(request: Asking) -> list[dict[str, Any]]:
    """People and their roles."""
    return [
        {
            "username": person.get_username(),
            "email": person.email,
            "active": person.is_active,
            "roles": memberships.spelled(person.memberships.all()),
            "last_sign_in": person.last_login,
        }
        for person in people.everybody()
    ]


@operation(router, "GET", "tokens", Right.HOLD_TOKENS, list[shapes.Token])
def list_own_tokens(request: Asking) -> list[dict[str, Any]]:
    """Your own API tokens, newest first.

    Tokens are made on the page Settings, API tokens, and with `orgwarden token create`.
    """
    now = timezone.now()
    rows = ApiToken.objects.filter(person=request.auth.bearer.person).select_related("person")
    return [
        {
            "start": row.start,
            "name": row.name,
            "scopes": row.scopes,
            "state": api_tokens.state_of(row, now),
            "created_at": row.created_at,
            "created_by": row.created_by,
            "expires_at": row.expires_at,
            "last_used_at": row.last_used_at,
            "last_used_from": row.last_used_from,
        }
        for row in rows.order_by("-created_at")
    ]


@operation(router, "GET", "destinations", Right.MANAGE_SETTINGS, list[shapes.Destination])
def list_destinations(request: Asking) -> list[Destination]:
    """Where messages go, and whether the last one arrived."""
    return list(Destination.objects.order_by("name"))
