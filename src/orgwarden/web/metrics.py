"""`/metrics`: the same as the incidents and pages say, for Prometheus.

Who may read it: with ORGWARDEN_METRICS_TOKEN set, whoever shows it as a bearer token. Without it
only this machine, and only while the public address is this machine's too: behind a proxy every
reader seems to come from here. Tenants are named, so it is no public page.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from orgwarden import __version__
from orgwarden.core.incidents import Kind
from orgwarden.records import calls
from orgwarden.records.models import Incident, Message, Org, SourceState
from orgwarden.web import access
from orgwarden.web.condition import DEGRADED, FAILING, OK, UNKNOWN, condition

_STATES = (OK, DEGRADED, FAILING, UNKNOWN)
_TENANT = ("tenant", "key")


@access.public
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The text Prometheus reads. 401 or 403 for who may not, 503 when the records are away."""
    if refusal := _refusal(request):
        return refusal
    registry = CollectorRegistry(auto_describe=False)
    try:
        registry.register(_Everything(timezone.now()))
        text = generate_latest(registry)
    except DatabaseError:
        return HttpResponse("# The records do not answer.\n", "text/plain", status=503)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    token = settings.ORGWARDEN_METRICS_TOKEN
    if token:
        shown = request.headers.get("Authorization", "")
        wanted = f"Bearer {token}"
        if secrets.compare_digest(shown.encode(), wanted.encode()):
            return None
        answer = HttpResponse("Show ORGWARDEN_METRICS_TOKEN as a bearer token.\n", "text/plain")
        answer.status_code, answer.headers["WWW-Authenticate"] = 401, "Bearer"
        return answer
    public = urlsplit(settings.ORGWARDEN_PUBLIC_URL).hostname or ""
    if _is_here(public) and _is_here(str(request.META.get("REMOTE_ADDR", ""))):
        return None
    text = "Set ORGWARDEN_METRICS_TOKEN to read the metrics from elsewhere than this machine.\n"
    return HttpResponse(text, "text/plain", status=403)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Everything(Collector):
    """Asks the records once, when it is read."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterator[Metric]:
        """Nothing is known beforehand."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All metrics. A value that is not known has no sample."""
        yield from self._installation()
        orgs = list(Org.objects.all())
        yield from self._tenants(orgs)
        yield from self._incidents(orgs)

    def _installation(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("orgwarden_info", "The version.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        found = condition(self.now)
        health = GaugeMetricFamily(
            "orgwarden_health", "1 for the state a check is in.", labels=["check", "state"]
        )
        for check, state in {"all": found.status, **found.checks}.items():
            for name in _STATES:
                health.add_metric([check, name], int(state == name))
        yield health
        yield _one("orgwarden_workers", "Workers that run.", found.workers)
        if found.worker_seen_at is not None:
            age = self._age(found.worker_seen_at)
            yield _one("orgwarden_worker_seen_age_seconds", "Since a worker was seen.", age)
        outbox = GaugeMetricFamily("orgwarden_messages", "Messages by state.", labels=["state"])
        by_state = Message.objects.values_list("state").annotate(n=Count("pk")).order_by()
        held = dict(by_state)
        for state in Message.State.values:
            outbox.add_metric([state], held.get(state, 0))
        yield outbox
        waiting = (Message.State.WAITING, Message.State.SENDING)
        oldest = Message.objects.filter(state__in=waiting).order_by("created_at").first()
        age = self._age(oldest.created_at) if oldest else 0.0
        yield _one("orgwarden_message_waiting_age_seconds", "Age of the oldest that waits.", age)

    def _tenants(self, orgs: list[Org]) -> Iterator[Metric]:
        status = _of_tenants("orgwarden_tenant_status", "1 for its status.", "status")
        paused = _of_tenants("orgwarden_tenant_paused", "1 while a person has paused it.")
        synced = _of_tenants("orgwarden_tenant_last_success_age_seconds", "Since the last sync.")
        sources = _of_tenants("orgwarden_tenant_sources", "Sources by state.", "state")
        own = _of_tenants("orgwarden_tenant_own_calls_24h", "Our API calls in 24 hours.")
        used = _of_tenants("orgwarden_tenant_api_calls_used", "API calls by anyone, last known.")
        limit = _of_tenants("orgwarden_tenant_api_calls_limit", "The org's daily limit.")
        stopped = _of_tenants("orgwarden_tenant_budget_stopped", "1 while the budget stops it.")
        counted: dict[int, dict[str, int]] = {o.pk: {} for o in orgs}
        rows = SourceState.objects.values_list("org_id", "state").annotate(n=Count("pk"))
        for pk, state, n in rows.order_by():
            counted.setdefault(pk, {})[state] = n
        own_calls = calls.own_calls_of(orgs, self.now - timedelta(hours=24))
        usages = calls.usage_of(orgs)
        for org in orgs:
            name = [org.name, org.key]
            for value in Org.Status.values:
                status.add_metric([*name, value], int(org.status == value))
            paused.add_metric(name, int(org.paused_at is not None))
            if org.last_synced_at is not None:
                synced.add_metric(name, self._age(org.last_synced_at))
            for value in SourceState.State.values:
                sources.add_metric([*name, value], counted.get(org.pk, {}).get(value, 0))
            own.add_metric(name, own_calls.get(org.pk, 0))
            if (usage := usages.get(org.pk)) is not None:
                used.add_metric(name, usage.used)
                limit.add_metric(name, usage.limit)
            stopped.add_metric(name, int(org.stopped_at is not None or bool(org.waiting_rule)))
        yield from (status, paused, synced, sources, own, used, limit, stopped)

    def _incidents(self, orgs: list[Org]) -> Iterator[Metric]:
        family = _of_tenants("orgwarden_incidents_open", "Open incidents by kind.", "kind")
        told = Incident.objects.filter(ended_at=None).exclude(told_at=None)
        rows = told.values_list("org_id", "kind").annotate(n=Count("pk")).order_by()
        held = {(pk, kind): n for pk, kind, n in rows}
        for org in orgs:
            for kind in Kind:
                if kind is not Kind.WORKER:
                    family.add_metric([org.name, org.key, kind.value], held.get((org.pk, kind), 0))
        yield family

    def _age(self, at: datetime) -> float:
        return max((self.now - at).total_seconds(), 0.0)


def _one(name: str, means: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, means, value=value)


def _of_tenants(name: str, means: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, means, labels=[*_TENANT, *more])
