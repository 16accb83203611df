"""Tenants: which there are, and everything about one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from ninja import Query, Router

from orgwarden.core.roles import Right
from orgwarden.records.models import CallHour, Org, Run
from orgwarden.web import acts, words
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.pages import newest_first
from orgwarden.web.api.shapes import PageAsked

router = Router(tags=["Tenants"])
SEE = Right.SEE_TENANTS


@operation(router, "GET", "tenants", SEE, list[shapes.Tenant])
def list_tenants(request: Asking) -> list[dict[str, Any]]:
    """The tenants you may see, by name."""
    return [told(org) for org in request.auth.orgs()]


@operation(router, "GET", "tenants/{slug:key}", SEE, shapes.Tenant)
def get_tenant(request: Asking, key: shapes.Key) -> dict[str, Any]:
    """One tenant."""
    return told(request.auth.tenant)


@operation(router, "GET", "tenants/{slug:key}/sources", SEE, list[shapes.Source])
def list_sources(request: Asking, key: shapes.Key) -> list[dict[str, Any]]:
    """How each source of a tenant stands.

    A source that is dark could not be looked at, for the reason given; what it hides is unknown.
    """
    return [
        {**source, "title": words.source_name(source["id"])}
        for source in acts.status_of(request.auth.tenant)["sources"]
    ]


@operation(router, "GET", "tenants/{slug:key}/coverage", SEE, list[shapes.Coverage])
def list_coverage(request: Asking, key: shapes.Key) -> list[dict[str, Any]]:
    """Which spans of each source are complete, which are missing and why."""
    return [
        {
            "source": source["id"],
            "title": words.source_name(source["id"]),
            "complete": [{"from": s[0], "to": s[1]} for s in source["complete"]],
            "missing": [{"from": s[0], "to": s[1], "why": s[2]} for s in source["missing"]],
        }
        for source in acts.status_of(request.auth.tenant)["sources"]
    ]


@operation(router, "GET", "tenants/{slug:key}/budget", SEE, shapes.Budget)
def get_budget(request: Asking, key: shapes.Key) -> dict[str, Any]:
    """The tenant's API calls against the three limits."""
    org = request.auth.tenant
    since = timezone.now() - timedelta(hours=24)
    hours = (
        CallHour.objects.filter(org=org, hour__gt=since)
        .values_list("hour")
        .annotate(calls=Sum("calls"))
        .order_by("hour")
    )
    budget: dict[str, Any] = acts.status_of(org)["budget"]
    return {**budget, "hours": [{"hour": hour, "calls": calls} for hour, calls in hours]}


class RunsAsked(PageAsked):
    source: shapes.Text = ""
    outcome: Run.Outcome | None = None


@operation(router, "GET", "tenants/{slug:key}/runs", SEE, shapes.Page[shapes.Run])
def list_runs(request: Asking, key: shapes.Key, asked: Query[RunsAsked]) -> dict[str, Any]:
    """Collections of a tenant's sources, newest first."""
    rows = Run.objects.filter(org=request.auth.tenant)
    if asked.source:
        rows = rows.filter(source=asked.source)
    if asked.outcome:
        rows = rows.filter(outcome=asked.outcome)
    return newest_first(rows, "started_at", asked, lambda run: run)


def told(org: Org) -> dict[str, Any]:
    """A tenant as callers see it."""
    error = org.status == Org.Status.ERROR
    waiting = None
    if org.waiting_until:
        waiting = {
            "reason": org.waiting_reason, "rule": org.waiting_rule, "until": org.waiting_until,
        }  # fmt: skip
    return {
        "key": org.key,
        "name": org.name,
        "platform": org.platform,
        "environment": org.environment,
        "address": org.url,
        "organization_id": org.salesforce_id,
        "organization_name": org.organization_name,
        "edition": org.edition,
        "instance": org.instance_name,
        "is_sandbox": org.is_sandbox,
        "sign_in": org.flow,
        "connected_user": org.connected_user,
        "features": org.features,
        "tiers": org.tiers,
        "legacy": org.legacy,
        "status": org.status,
        "status_since": org.status_since,
        "problem": org.problem if error else None,
        "fix": org.problem_fix if error else None,
        "code": org.problem_code if error else None,
        "waiting": waiting,
        "paused_at": org.paused_at,
        "paused_by": org.paused_by or None,
        "added_by": org.added_by,
        "first_connected_at": org.first_connected_at,
        "connected_at": org.connected_at,
        "ready_at": org.ready_at,
        "last_synced_at": org.last_synced_at,
        "backfill_days": org.backfill_days,
        "cadence_minutes": org.cadence_minutes,
        "keep_days": org.keep_days,
        "told_addresses": org.told_addresses,
    }
