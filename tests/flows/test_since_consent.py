"""What happens between the consent and the first run is collected, with nothing to fill it in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.records.models import Org
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


@pytest.mark.seed("M14")
def test_a_sign_in_and_a_change_in_setup_after_the_consent_are_in_the_first_run(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    Org.objects.filter(pk=org.pk).update(backfill_days=0)
    org.refresh_from_db()
    user = sim.app()["run_as"]
    seconds = datetime.now(UTC) + timedelta(seconds=30)
    sim.control("clock", {"advance": "PT1M"})
    made = {
        "LoginHistory": {"UserId": user, "LoginTime": seconds.isoformat(), "Status": "Success"},
        "SetupAuditTrail": {
            "CreatedById": user, "CreatedDate": seconds.isoformat(), "Action": "frozeuser",
        },
        "VerificationHistory": {"UserId": user, "VerificationTime": seconds.isoformat()},
        "AsyncApexJob": {"CreatedById": user, "Status": "Queued", "JobType": "Future",
                         "CreatedDate": seconds.isoformat()},
    }  # fmt: skip
    ids = {
        name: sim.control("rows", {"object": name, "rows": [row]})["ids"][0]
        for name, row in made.items()
    }
    views = ("login_history", "setup_audit_trail", "verification_history", "async_apex_jobs")
    at_home.collect(org, *views)
    for view, id in zip(views, ids.values(), strict=True):
        [found] = at_home.ask(f'SELECT "Id", arrived_seq FROM {view} WHERE "Id" = \'{id}\'')
        assert found["Id"] == id


def test_a_job_of_apex_is_stored_once_for_each_status_it_was_seen_in(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    row = {"CreatedById": sim.app()["run_as"], "Status": "Queued", "JobType": "Queueable"}
    [id] = sim.control("rows", {"object": "AsyncApexJob", "rows": [row]})["ids"]
    for status in ("Queued", "Processing", "Processing", "Completed"):
        values = {"Status": status}
        sim.control("change", {"object": "AsyncApexJob", "row": id, "values": values})
        at_home.collect(org, "async_apex_jobs")
    seen = at_home.ask(
        f"SELECT action, outcome FROM async_apex_jobs WHERE \"Id\" = '{id}' ORDER BY arrived_seq"
    )
    assert [(s["action"], s["outcome"]) for s in seen] == [
        ("Queueable Queued", None),
        ("Queueable Processing", None),
        ("Queueable Completed", "success"),
    ]
