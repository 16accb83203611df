"""The page of a tenant's limits: each explained, changed, and refused in its own place."""

from __future__ import annotations

import pytest
from django.test import Client

from orgwarden.core.budget import Rules
from orgwarden.records.models import AuditEntry, Org
from tests.web.conftest import SignedIn


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in("admin")


GIVEN = {"floor": "10", "stop": "75", "resume": "70", "own": "20", "protected_calls": "96"}


@pytest.mark.seed("M19", "M20", "C8")
@pytest.mark.usefixtures("lake")
def test_the_limits_of_a_tenant_are_changed_on_a_page(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    page = admin.get(f"/orgs/{org.key}/budget/").content.decode()
    assert 'name="floor" value="10"' in page
    assert "Our own calls only" in page
    answer = admin.post(f"/orgs/{org.key}/budget/", {**GIVEN, "own": "5", "counts": "own"})
    assert answer.status_code == 302
    org.refresh_from_db()
    assert Rules.of(org.budget) == Rules(own=5, only_own=True)
    assert AuditEntry.objects.filter(action="org:budget:edited", subject=org.name).exists()
    shown = admin.get(f"/orgs/{org.key}/").content.decode()
    assert "of at most 5 %" in shown
    assert "<h3>Backlog</h3>" in shown


@pytest.mark.usefixtures("lake")
def test_a_limit_that_cannot_be_meant_is_told_at_its_field(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    for wrong, told in (
        ({"resume": "80"}, "up to where it stops"),
        ({"floor": "ten"}, "Give a whole number."),
        ({"protected_calls": ""}, "Give a whole number."),
    ):
        answer = admin.post(f"/orgs/{org.key}/budget/", {**GIVEN, **wrong})
        assert answer.status_code == 422
        assert told in answer.content.decode()
    org.refresh_from_db()
    assert org.budget == {}


@pytest.mark.seed("M21")
@pytest.mark.usefixtures("lake")
def test_who_used_the_calls_is_said_where_they_ran_short(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    org.burners = {
        "at": "2026-03-20T10:00:00Z", "source": "limits", "until": "2026-03-20T10:00:00Z",
        "apps": [["<b>Loader</b>", 61_000], ["Sync", 900]],
    }  # fmt: skip
    org.save()
    page = admin.get(f"/orgs/{org.key}/").content.decode()
    assert "&lt;b&gt;Loader&lt;/b&gt; (61,000), Sync (900)" in page
