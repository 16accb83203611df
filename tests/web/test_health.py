"""`/health/` and `/metrics` say what the incidents say; one names nobody, the other not to all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from orgwarden.core.incidents import Kind
from orgwarden.records.holder import Holder
from orgwarden.records.models import Incident, Message, Org, WorkerBeat
from tests.web import seeds
from tests.web.conftest import SignedIn

TOKEN = "0123456789abcdef-metrics"


@pytest.fixture
def worker(db: None, now: datetime) -> WorkerBeat:
    return WorkerBeat.objects.create(holder=str(Holder.here()), started_at=now, seen_at=now)


def incident(org: Org, kind: str, now: datetime, **more: Any) -> Incident:
    told: dict[str, Any] = {"words": "w", "opened_at": now, "told_at": now}
    return Incident.objects.create(org=org, kind=kind, **(told | more))


def health(**query: str) -> tuple[int, dict[str, str]]:
    answer = Client().get("/health/", query)
    return answer.status_code, answer.json()


Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every value by its name and labels, as Prometheus reads them."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """A key of `samples`."""
    return f"orgwarden_{name}", frozenset(labels.items())


def about(org: Org) -> dict[str, str]:
    return {"tenant": org.name, "key": org.key}


@pytest.fixture
def metrics(settings: Any) -> Any:
    def read() -> Samples:
        answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return samples(answer.content.decode())

    settings.ORGWARDEN_METRICS_TOKEN = TOKEN
    return read


@pytest.mark.django_db
def test_an_empty_installation_is_well() -> None:
    assert health()[0] == 200
    assert health()[1]["status"] == "ok"


def test_health_needs_no_sign_in_and_names_no_tenant(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime
) -> None:
    incident(tenants["fine"], "source_dark", now, subject="users", words="Canary")
    answer = Client().get("/health/")
    text = answer.content.decode()
    assert set(answer.json()) == {
        "status", "records", "worker", "collecting", "sources", "coverage", "budget", "messages",
        "version",
    }  # fmt: skip
    for org in tenants.values():
        assert org.name not in text
        assert org.key not in text
    assert "Canary" not in text


def test_of_tenants_that_no_worker_ever_looked_at_nothing_is_known(
    tenants: dict[str, Org],
) -> None:
    code, told = health()
    assert (code, told["status"], told["worker"]) == (200, "degraded", "unknown")
    for check in ("collecting", "sources", "coverage", "budget"):
        assert told[check] == "unknown"
    assert health(part="pages") == (
        200, {"status": "ok", "records": "ok", "version": told["version"]},
    )  # fmt: skip


def test_a_worker_not_seen_for_minutes_is_none(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime
) -> None:
    assert health()[1]["worker"] == "ok"
    WorkerBeat.objects.update(seen_at=now - timedelta(minutes=5))
    code, told = health()
    assert (code, told["status"], told["worker"]) == (503, "failing", "failing")


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("error", "collecting"),
        ("grant_expired", "collecting"),
        ("contained", "collecting"),
        ("stale", "collecting"),
        ("source_dark", "sources"),
        ("coverage_gap", "coverage"),
        ("budget_stop", "budget"),
    ],
)
def test_each_incident_degrades_health_and_shows_in_the_metrics(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime, metrics: Any, kind: str, check: str
) -> None:
    org = tenants["fine"]
    row = incident(org, kind, now)
    assert health() == (200, health()[1])
    assert health()[1][check] == "degraded"
    told = metrics()
    name = of("incidents_open", **about(org), kind=kind)
    assert told[name] == 1
    assert told[of("health", check="all", state="degraded")] == 1
    assert told[of("health", check=check, state="degraded")] == 1
    row.ended_at = now
    row.save()
    assert health()[1]["status"] == "ok"
    assert metrics()[name] == 0


def test_when_no_tenant_is_collected_it_is_failing(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime
) -> None:
    for org in tenants.values():
        incident(org, "grant_expired", now)
    assert health()[0] == 503
    assert health()[1]["collecting"] == "failing"
    Org.objects.update(paused_at=now)  # a person stopped them all
    assert health()[1]["status"] == "ok"


def test_an_incident_not_told_yet_counts_for_nobody(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime
) -> None:
    incident(tenants["fine"], "error", now, told_at=None)
    assert health()[1]["status"] == "ok"


@pytest.mark.parametrize(("state", "hours"), [("waiting", 1), ("unclear", 0), ("given_up", 0)])
def test_messages_that_do_not_arrive_degrade_it(
    tenants: dict[str, Org], worker: WorkerBeat, now: datetime, metrics: Any, state: str, hours: int
) -> None:
    at = now - timedelta(hours=hours)
    Message.objects.create(
        key="k",
        event="ready",
        body={},
        state=state,
        created_at=at,
        due_at=at,
        address="a@x.example",
    )
    assert health()[1]["messages"] == "degraded"
    assert metrics()[of("messages", state=state)] == 1


def test_the_metrics_name_every_tenant_with_what_the_pages_show(
    tenants: dict[str, Org], worker: WorkerBeat, metrics: Any, now: datetime
) -> None:
    told = metrics()
    fine, busy = tenants["fine"], tenants["busy"]
    assert 300 < told[of("tenant_last_success_age_seconds", **about(fine))] < 600
    assert told[of("tenant_status", **about(fine), status="success")] == 1
    assert told[of("tenant_status", **about(fine), status="error")] == 0
    assert told[of("tenant_sources", **about(fine), state="dark")] == 1
    assert told[of("tenant_own_calls_24h", **about(fine))] > 0
    assert told[of("tenant_api_calls_limit", **about(fine))] == 100_000
    # What is not known is no number.
    assert of("tenant_last_success_age_seconds", **about(busy)) not in told
    assert told[of("workers")] == 1
    assert told[of("worker_seen_age_seconds")] < 60
    assert told[of("message_waiting_age_seconds")] == 0
    kinds = [k for k in told if k[0] == "orgwarden_incidents_open" and ("key", fine.key) in k[1]]
    assert len(kinds) == len(Kind) - 1


def test_a_hostile_name_forges_no_sample(
    tenants: dict[str, Org], worker: WorkerBeat, metrics: Any
) -> None:
    Org.objects.filter(pk=tenants["fine"].pk).update(name='x"} 1\norgwarden_workers 99\n#')
    assert metrics()[of("workers")] == 1


def test_the_metrics_are_for_who_shows_the_token(
    tenants: dict[str, Org], settings: Any, signed_in: SignedIn
) -> None:
    settings.ORGWARDEN_METRICS_TOKEN = TOKEN
    for headers in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
        answer = Client().get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert tenants["fine"].name not in answer.content.decode()
    assert signed_in("admin").get("/metrics").status_code == 401


@pytest.mark.parametrize(
    ("public", "address", "code"),
    [
        ("http://127.0.0.1:8800", "127.0.0.1", 200),
        ("http://localhost:8800", "::1", 200),
        ("http://127.0.0.1:8800", "192.0.2.7", 403),
        ("https://orgwarden.example.com", "127.0.0.1", 403),  # a proxy's readers come from here
    ],
)
@pytest.mark.django_db
def test_without_a_token_only_a_local_installation_answers_this_machine(
    settings: Any, public: str, address: str, code: int
) -> None:
    settings.ORGWARDEN_METRICS_TOKEN = ""
    settings.ORGWARDEN_PUBLIC_URL = public
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == code


def test_the_metrics_ask_the_records_as_often_however_many_tenants_there_are(
    tenants: dict[str, Org], metrics: Any, now: datetime
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            metrics()
        return len(asked)

    before = questions()
    for n in range(5):
        seeds.calls(seeds.org(f"Tenant {n}", now=now), now, hours=2)
    assert questions() == before
