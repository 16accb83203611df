"""Deleting a tenant: our grant ends, what was collected goes, a receipt stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgwarden.flows.connecting import consent, pending, reconnect
from orgwarden.flows.delete_org import KEPT, delete_org
from orgwarden.flows.retire import REVOKED, revoke_retired
from orgwarden.records import credentials
from orgwarden.records.models import (
    AuditEntry,
    ConsentRequest,
    Credential,
    DeletionReceipt,
    Org,
    RetiredGrant,
)
from tests.flows import browser
from tests.flows.connecting.test_consent import SESSION
from tests.flows.consented import by_consent, is_honoured
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


@pytest.mark.seed("Z31", "L17")
def test_the_grant_is_revoked_everything_collected_goes_and_a_receipt_stays(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    at_home.collect(org, "users")
    key, salesforce_id = org.key, org.salesforce_id
    token = credentials.need(org, "refresh_token")
    lake = Path(at_home.settings.ORGWARDEN_LAKE_URL) / key
    assert lake.exists()
    done = delete_org(org, actor="bob")
    assert REVOKED in done
    assert "Everything collected from it is removed." in done
    assert KEPT in done
    assert not is_honoured(sim, token)
    assert not lake.exists()
    assert not Org.objects.exists()
    assert not Credential.objects.exists()
    assert not RetiredGrant.objects.exists()
    receipt = DeletionReceipt.objects.get()
    assert (receipt.name, receipt.by, receipt.org_key) == ("prod", "bob", key)
    assert receipt.salesforce_id == salesforce_id
    assert receipt.done == done
    assert AuditEntry.objects.filter(action="org:connection:deleted", subject="prod").exists()


@pytest.mark.fault("A14")
@pytest.mark.seed("Z31")
def test_a_grant_that_cannot_be_revoked_now_outlives_the_tenant_and_is_revoked_later(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    token = credentials.need(org, "refresh_token")
    sim.control("faults", {"prefix": "/services/oauth2/revoke", "html": True})
    done = delete_org(org, actor="bob")
    assert any("could not be revoked at Salesforce yet" in told for told in done)
    assert REVOKED not in done
    assert not Org.objects.exists()
    assert is_honoured(sim, token)
    sim.control("faults", method="DELETE")
    RetiredGrant.objects.update(tried_at=datetime.now(UTC) - timedelta(hours=2))
    assert [r.problem for r in revoke_retired()] == [""]
    assert not is_honoured(sim, token)
    assert DeletionReceipt.objects.get().done[-1].endswith(REVOKED)


def test_the_grant_of_a_reconnection_that_nobody_confirmed_is_revoked_too(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    draft = reconnect.begin(org, actor="bob", session_key=SESSION)
    back = browser.consent(consent.go(draft, SESSION, "bob"), sim.app()["run_as"])
    consent.finish(back["state"], back["code"], SESSION)
    token = pending.opened(ConsentRequest.objects.get())["tokens"]["refresh_token"]
    assert is_honoured(sim, token)
    assert REVOKED in delete_org(org, actor="bob")
    assert not is_honoured(sim, token)
    assert not RetiredGrant.objects.exists()


def test_a_deletion_that_was_cut_off_is_finished_by_deleting_again(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    token = credentials.need(org, "refresh_token")
    at_home.collect(org, "users")
    # As a process leaves it that is killed after the grant was put away.
    from orgwarden.flows.retire import put_away

    put_away(org)
    credentials.forget(org, "refresh_token", "access_token")
    done = delete_org(org, actor="bob")
    assert REVOKED in done
    assert not is_honoured(sim, token)
    assert not Org.objects.exists()
