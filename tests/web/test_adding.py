"""The form that adds a tenant, and quick connect, over a real emulated org."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from orgwarden.records.models import ConsentRequest, Org
from tests.flows.conftest import at_home, sim
from tests.support.house import House, house, migrated_records
from tests.support.orgsim import OrgsimServer
from tests.web import seeds
from tests.web.conftest import prove

__all__ = ["at_home", "house", "migrated_records", "sim"]

ADD = "/integrations/add/salesforce/"
FORM: dict[str, Any] = {
    "name": "Acme",
    "environment": "production",
    "url": "acme.my.salesforce.com",
    "flow": "client-credentials",
    "client_id": "3MVG9.key",
    "client_secret": "the-consumer-secret",
    "features": ["app_governance", "sspm_scan"],
    "backfill_days": "60",
}


@pytest.fixture
def admin(at_home: House) -> Client:
    """The administrator of an installation with nothing connected."""
    cache.clear()
    client = Client()
    client.force_login(seeds.people()["admin"])
    prove(client)
    return client


def draft() -> ConsentRequest:
    return ConsentRequest.objects.get()


@pytest.mark.seed("Z3", "Z4", "Z5", "D10")
def test_integrations_leads_to_a_page_that_adds_a_tenant(admin: Client) -> None:
    text = admin.get("/integrations/").content.decode()
    assert "Salesforce" in text
    assert f'href="{ADD}"' in text
    page = admin.get(ADD).content.decode()
    assert "<h1>Add SaaS Application Tenant</h1>" in page
    for label in ("Display name", "My Domain address", "Consumer Key", "Consumer Secret"):
        assert f">{label}" in page
    assert page.index("JWT bearer") < page.index("Client credentials")
    assert page.index("Client credentials") < page.index("Consent in the browser")
    assert "Threat Detection" not in page


def test_a_platform_that_is_not_there_is_not_found(admin: Client) -> None:
    assert admin.get("/integrations/add/atlassian/").status_code == 404


@pytest.mark.seed("Z7", "C23")
def test_a_right_form_becomes_a_sealed_draft_and_nothing_is_sent(
    admin: Client, sim: OrgsimServer
) -> None:
    before = sim.control("calls", params={"all": "1"})
    answer = admin.post(ADD, FORM | {"url": sim.url, "told": "ops@acme.example, it@acme.example"})
    row = draft()
    assert answer["Location"] == f"/connect/{row.pk}/"
    assert row.payload["told_addresses"] == ["ops@acme.example", "it@acme.example"]
    assert FORM["client_secret"].encode() not in bytes(row.sealed)
    assert FORM["client_secret"] not in str(row.payload)
    assert FORM["client_secret"] not in admin.get(answer["Location"]).content.decode()
    assert sim.control("calls", params={"all": "1"}) == before
    assert not Org.objects.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"name": ""}, "Give the tenant a name"),
        ({"name": "x" * 81}, "At most 80 characters"),
        ({"environment": "moon"}, "Choose production or sandbox"),
        ({"url": ""}, "Give the org&#x27;s My Domain address"),
        ({"url": "https://user:pw@acme.my.salesforce.com"}, "user name or password"),
        ({"url": "https://acme.example"}, "is not a Salesforce host"),
        ({"url": "login.salesforce.com"}, "login.salesforce.com is the sign-in page of every org"),
        ({"url": "test.salesforce.com"}, "test.salesforce.com is the sign-in page of every org"),
        ({"environment": "sandbox"}, "is not the address of a sandbox"),
        ({"url": "acme--uat.sandbox.my.salesforce.com"}, "is the address of a sandbox"),
        ({"flow": "password"}, "Choose how Orgwarden signs in"),
        ({"flow": "jwt-bearer"}, "Give the username of the integration user"),
        ({"features": []}, "Choose at least one feature"),
        ({"backfill_days": "0"}, "from 1 to 180"),
        ({"backfill_days": "9999"}, "from 1 to 180"),
        ({"backfill_days": "9" * 5000, "draft": "9" * 5000}, "from 1 to 180"),
        ({"backfill_days": "many"}, "from 1 to 180"),
        ({"told": "not-an-address"}, "not-an-address is not an e-mail address"),
    ],
    ids=str,
)
@pytest.mark.seed("Z6", "Z7", "Z8", "C22")
def test_each_field_says_what_is_wrong_with_it(
    admin: Client, changed: dict[str, Any], says: str
) -> None:
    answer = admin.post(ADD, FORM | changed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert says in text
    assert FORM["client_secret"] not in text
    assert not ConsentRequest.objects.exists()


@pytest.mark.seed("Z7")
def test_a_name_is_unique_whatever_its_case(admin: Client, sim: OrgsimServer) -> None:
    Org.objects.create(name="ACME", url="https://a.my.salesforce.com", flow="web-server",
                       added_by="x")  # fmt: skip
    assert "A tenant of this name exists" in admin.post(ADD, FORM).content.decode()


@pytest.mark.seed("Z6", "M9")
@pytest.mark.parametrize(
    ("environment", "typed", "kept"),
    [
        ("production", "Acme", "https://acme.my.salesforce.com"),
        ("sandbox", "acme--uat", "https://acme--uat.sandbox.my.salesforce.com"),
        ("production", "acme.lightning.force.com/setup", "https://acme.my.salesforce.com"),
    ],
)
def test_the_environment_completes_the_address(
    admin: Client, environment: str, typed: str, kept: str
) -> None:
    admin.post(ADD, FORM | {"environment": environment, "url": typed})
    assert draft().payload["url"] == kept
    assert draft().payload["environment"] == environment


def test_a_draft_is_changed_on_the_form_and_keeps_its_secret(
    admin: Client, sim: OrgsimServer
) -> None:
    admin.post(ADD, FORM | {"url": sim.url})
    row = draft()
    page = admin.get(f"{ADD}?draft={row.pk}").content.decode()
    assert 'value="Acme"' in page
    assert "The secret typed before is kept" in page
    admin.post(ADD, FORM | {"url": sim.url, "name": "Acme 2", "client_secret": "",
                            "draft": str(row.pk)})  # fmt: skip
    changed = draft()
    assert (changed.pk, changed.payload["name"]) == (row.pk, "Acme 2")
    from orgwarden.flows.connecting.pending import opened

    assert opened(changed)["client_secret"] == FORM["client_secret"]


def test_another_sessions_draft_is_not_shown(admin: Client, at_home: House) -> None:
    admin.post(ADD, FORM)
    other = Client()
    other.force_login(get_user_model().objects.get(username="admin"))
    assert 'value="Acme"' not in other.get(f"{ADD}?draft={draft().pk}").content.decode()
    assert other.get(f"/connect/{draft().pk}/")["Location"].startswith("/integrations/")


def test_consent_is_off_with_the_reason_where_salesforce_would_not_come_back(
    admin: Client, at_home: House
) -> None:
    at_home.settings.ORGWARDEN_PUBLIC_URL = "http://console.example.com"
    page = admin.get(ADD).content.decode()
    assert "Salesforce sends consent to https addresses only" in page
    assert "Quick connect" not in page
    answer = admin.post(ADD, FORM | {"flow": "web-server"})
    assert "Consent in the browser does not work here" in answer.content.decode()
    assert "Off here" in admin.get("/integrations/quick/salesforce/").content.decode()


@pytest.mark.seed("C20")
def test_a_page_takes_only_references_that_the_operator_named(
    admin: Client, at_home: House
) -> None:
    wanted = FORM | {"client_secret": "file:/etc/passwd"}
    answer = admin.post(ADD, wanted)
    assert answer.status_code == 422
    assert "ORGWARDEN_SECRET_REFERENCES" in answer.content.decode()
    at_home.settings.ORGWARDEN_SECRET_REFERENCES = ("file:/etc/orgwarden/",)
    assert admin.post(ADD, wanted).status_code == 422
    fits = FORM | {"client_secret": "file:/etc/orgwarden/acme"}
    assert admin.post(ADD, fits).status_code == 302


@pytest.mark.seed("L3", "Z29")
def test_quick_connect_asks_for_an_address_only_and_marks_the_tenant_legacy(
    admin: Client, at_home: House
) -> None:
    at_home.settings.ORGWARDEN_QUICK_CONSUMER_KEY = "3MVG9.quick"
    address = "/integrations/quick/salesforce/"
    assert "3MVG9.quick" in admin.get(address).content.decode()
    wrong = admin.post(address, {"url": "login.salesforce.com", "client_id": "k"})
    assert wrong.status_code == 422
    assert "is the sign-in page of every org" in wrong.content.decode()
    answer = admin.post(address, {"url": "acme.my.salesforce.com", "client_id": "3MVG9.quick"})
    row = draft()
    assert answer["Location"] == f"/connect/{row.pk}/"
    assert row.purpose == "quick"
    assert row.payload["name"] == "acme.my.salesforce.com"
    assert row.payload["flow"] == "web-server"
