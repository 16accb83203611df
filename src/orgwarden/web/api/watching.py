"""Tests of connections and incidents."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from orgwarden.core.problems import NotThere
from orgwarden.core.roles import Right
from orgwarden.records.models import ConnectionTest, Incident
from orgwarden.web import acts
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.pages import newest_first, opaque, row_of
from orgwarden.web.api.shapes import PageAsked

router = Router(tags=["Watching"])
SEE = Right.SEE_TENANTS


@operation(router, "GET", "tenants/{slug:key}/tests", SEE, shapes.Page[shapes.Test])
def list_tests(request: Asking, key: shapes.Key, asked: Query[PageAsked]) -> dict[str, Any]:
    """Tests of a tenant's connection, newest first."""
    acts.lose_abandoned_tests()
    rows = ConnectionTest.objects.filter(org=request.auth.tenant).select_related("org")
    return newest_first(rows, "asked_at", asked, told)


@operation(router, "GET", "tenants/{slug:key}/tests/{slug:test}", SEE, shapes.Test)
def get_test(request: Asking, key: shapes.Key, test: shapes.TestId) -> dict[str, Any]:
    """One test of a tenant's connection."""
    pk = row_of("test", test)
    acts.lose_abandoned_tests()
    rows = ConnectionTest.objects.filter(org=request.auth.tenant).select_related("org")
    found = rows.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise NotThere(
            "There is no such test of this tenant.",
            fix="GET the tenant's tests for those there are.",
            code="NO_TEST",
        )
    return told(found)


class IncidentsAsked(PageAsked):
    tenant: shapes.Text = ""
    open: bool | None = None


@operation(router, "GET", "incidents", SEE, shapes.Page[shapes.Incident])
def list_incidents(request: Asking, asked: Query[IncidentsAsked]) -> dict[str, Any]:
    """What stopped or blinded collecting, newest first.

    `open=true` gives what goes on now, `open=false` what is over. Incidents of the installation
    itself are shown to whoever may see all tenants.
    """
    rows = Incident.objects.filter(org__in=request.auth.orgs())
    if request.auth.bearer.held.may(SEE):
        rows = rows | Incident.objects.filter(org=None)
    if asked.tenant:
        rows = rows.filter(org__key=asked.tenant)
    if asked.open is not None:
        rows = rows.filter(ended_at__isnull=asked.open)
    return newest_first(rows.select_related("org"), "opened_at", asked, _incident)


def _incident(row: Incident) -> dict[str, Any]:
    return {
        "id": opaque("incident", row.pk),
        "tenant": row.org.key if row.org else None,
        "kind": row.kind,
        "subject": row.subject,
        "words": row.words,
        "fix": row.fix,
        "opened_at": row.opened_at,
        "ended_at": row.ended_at,
    }


def address_of(test: ConnectionTest) -> str:
    """Where this test is to be read."""
    return f"/api/v1/tenants/{test.org.key}/tests/{opaque('test', test.pk)}"


def told(test: ConnectionTest) -> dict[str, Any]:
    """A test as callers see it."""
    return {
        "id": opaque("test", test.pk),
        "address": address_of(test),
        "state": test.state,
        "connected": test.connected,
        "headline": acts.told_test(test)["headline"],
        "asked_at": test.asked_at,
        "asked_by": test.asked_by,
        "started_at": test.started_at,
        "ended_at": test.ended_at,
        "calls": test.calls,
        "lines": test.lines,
        "sources": test.sources,
    }
