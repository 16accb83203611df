"""How a tenant stands after a collection: Success, last sync, errors and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orgwarden.core.problems import Contained, GrantExpired, NeedsPerson, TryLater
from orgwarden.flows import standing
from orgwarden.records.models import Org, SourceState
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


@pytest.mark.seed("L15", "Z19", "Z25", "Z26", "L14", "Z10")
def test_success_and_the_last_sync_are_one_write_once_every_source_has_finished(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, "users")
    org.refresh_from_db()
    assert (org.status, org.last_synced_at) == (Org.Status.IN_PROGRESS, None)
    began = datetime.now(UTC)
    with CaptureQueriesContext(connection) as asked:
        at_home.collect(org)
    org.refresh_from_db()
    assert org.status == Org.Status.SUCCESS
    assert org.last_synced_at is not None
    assert org.last_synced_at > began
    writes = [
        q["sql"]
        for q in asked.captured_queries
        if q["sql"].startswith("UPDATE")
        and "records_org" in q["sql"].split("SET")[0]
        and ("'success'" in q["sql"])
    ]
    assert len(writes) == 1
    assert "last_synced_at" in writes[0]


@pytest.mark.seed("Z24", "L13", "Z27")
@pytest.mark.parametrize(
    ("problem", "begins", "again"),
    [
        (GrantExpired("It ran out.", fix="Reconnect.", code="invalid_grant"), "Grant Expired: ", 1),
        (Contained("It is frozen.", fix="Unfreeze."), "Contained by Salesforce: ", 0),
        (NeedsPerson("The secret is wrong.", fix="Copy it."), "The secret", 1),
    ],
)
def test_an_error_keeps_its_reason_its_next_step_and_since_when(
    at_home: House, sim: OrgsimServer, problem: NeedsPerson, begins: str, again: int
) -> None:
    org = at_home.connect(sim)
    standing.trouble(org, problem)
    org.refresh_from_db()
    assert org.status == Org.Status.ERROR
    assert org.problem.startswith(begins)
    assert (org.problem_fix, org.problem_code) == (problem.fix, problem.code)
    since = org.problem_since
    assert since is not None
    assert org.next_due_at is not None
    hours = (org.next_due_at - datetime.now(UTC)) / timedelta(hours=1)
    assert hours == pytest.approx(again, abs=0.1) if again else hours > 24 * 365
    standing.trouble(org, problem)
    org.refresh_from_db()
    assert org.problem_since == since  # the same trouble is one trouble


def test_what_passes_by_itself_is_no_error(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    standing.trouble(org, TryLater("Salesforce is away.", after=timedelta(minutes=3)))
    org.refresh_from_db()
    assert org.status == Org.Status.IN_PROGRESS
    assert org.waiting_reason == "Salesforce is away."


@pytest.mark.seed("M14")
def test_what_happens_between_the_consent_and_the_first_run_is_collected(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    assert not SourceState.objects.filter(org=org, last_success_at__isnull=False).exists()
    made = sim.control(
        "rows",
        {
            "object": "SetupAuditTrail",
            "rows": [{"Action": "changedAfterConsent", "CreatedById": org.connected_user_id}],
        },
    )
    at_home.collect(org)
    [row] = at_home.ask("SELECT Id FROM setup_audit_trail WHERE n_action = 'changedAfterConsent'")
    assert row["Id"] == made["ids"][0]
