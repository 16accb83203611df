"""Single sign-on by OpenID Connect, against a provider on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.records import memberships
from orgwarden.records.models import AuditEntry
from orgwarden.site import doors
from tests.support.oidc import CLIENT, SECRET, OidcProvider
from tests.web.conftest import SignedIn


@pytest.fixture
def provider(
    people: dict[str, User], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OidcProvider]:
    started = OidcProvider()
    monkeypatch.setenv("ORGWARDEN_OIDC_ISSUER", started.issuer)
    monkeypatch.setenv("ORGWARDEN_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("ORGWARDEN_OIDC_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("ORGWARDEN_OIDC_NAME", "Acme login")
    settings.SOCIALACCOUNT_PROVIDERS = doors.single_sign_on()
    settings.ORGWARDEN_OIDC_FORM_HOSTS = doors.oidc_hosts()
    people["viewer"].email = "vera@acme.example"
    people["viewer"].save()
    yield started
    started.stop()


def come(client: Client | None = None, process: str = "", **more: str) -> tuple[Client, Any]:
    """A browser's way to the provider and back; what the console answers at its end."""
    client = client or Client()
    asked = f"&process={process}" if process else ""
    leave = client.post(f"/sign-in/sso/?next=/integrations/{asked}")
    assert leave.status_code == 302, leave.content
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.get(leave["Location"], allow_redirects=False, timeout=10)
    address = back.headers["Location"].replace("http://testserver", "")
    for old, new in more.items():
        address = address.replace(f"{old}=", f"{new}=")
    return client, client.get(address)


def test_the_sign_in_page_offers_it_and_may_lead_there(provider: OidcProvider) -> None:
    page = Client().get("/sign-in/")
    assert "Use Acme login" in page.content.decode()
    assert f"form-action 'self' {provider.issuer};" in page["Content-Security-Policy"]


def test_a_person_known_by_a_verified_address_comes_in_and_stays_known_by_the_account(
    provider: OidcProvider,
) -> None:
    provider.claims |= {"email": "Vera@acme.example"}
    client, answer = come()
    assert answer["Location"] == "/integrations/"
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.filter(action="console:sign-in:succeeded").latest("id")
    assert (entry.actor, entry.detail["by"]) == ("viewer", ["socialaccount"])
    provider.claims |= {"email": "renamed@acme.example"}
    client, answer = come()
    assert answer["Location"] == "/integrations/"
    assert SocialAccount.objects.get().user.get_username() == "viewer"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "vera@acme.example", "email_verified": False},
        {"email": "vera@acme.example", "email_verified": "true"},
        {"email": "stranger@acme.example"},
        {"email": ""},
        {"email": "", "preferred_username": "admin"},
    ],
)
def test_nobody_else_comes_in_and_it_is_recorded(
    claims: dict[str, object], provider: OidcProvider
) -> None:
    provider.claims |= claims
    client, answer = come()
    assert answer.status_code == 403
    assert "Not signed in" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert AuditEntry.objects.latest("id").action == "console:sign-in:failed"
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("fault", ["denied", "token", "issuer", "audience", "expired"])
def test_what_the_provider_refuses_or_gets_wrong_opens_nothing(
    fault: str, provider: OidcProvider
) -> None:
    provider.claims |= {"email": "vera@acme.example"}
    provider.fault = fault
    client, answer = come()
    assert answer.status_code in (302, 401, 403)
    if answer.status_code == 302:
        assert answer["Location"] == "/sign-in/cancelled/"
    assert client.get("/").status_code == 302


def test_an_answer_without_our_state_opens_nothing(provider: OidcProvider) -> None:
    provider.claims |= {"email": "vera@acme.example"}
    client, answer = come(state="stale")
    assert answer.status_code in (401, 403)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_a_session_takes_on_no_account_and_no_second_factor_of_somebody_else(
    process: str, provider: OidcProvider, signed_in: SignedIn, settings: Any
) -> None:
    settings.ORGWARDEN_OIDC_DOMAINS = frozenset({"acme.example"})
    provider.claims |= {"sub": "u-9", "email": "mallory@acme.example", "amr": ["mfa"]}
    client, answer = come(signed_in("admin"), process)
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()
    assert not client.session.get("provider_factor")


def test_an_address_that_only_looks_alike_in_capitals_is_another_one(
    provider: OidcProvider, people: dict[str, User]
) -> None:
    people["viewer"].email = "vivi@acme.example"
    people["viewer"].save()
    provider.claims |= {"email": "v\N{LATIN SMALL LETTER DOTLESS I}vi@acme.example"}
    assert come()[1].status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_stranger_cannot_fill_the_audit_chain(provider: OidcProvider) -> None:
    client = Client()
    for _ in range(50):
        assert client.get("/sign-in/sso/callback/?state=stale&code=x").status_code == 401
    assert 1 <= AuditEntry.objects.count() <= 40  # two minutes may be touched


def test_somebody_switched_off_does_not_come_in(provider: OidcProvider) -> None:
    provider.claims |= {"email": "vera@acme.example"}
    come()
    get_user_model().objects.filter(username="viewer").update(is_active=False)
    client, answer = come()
    assert answer.status_code == 403
    assert client.get("/").status_code == 302


def test_a_new_person_of_an_allowed_domain_is_made_with_the_role_that_is_set(
    provider: OidcProvider, settings: Any
) -> None:
    settings.ORGWARDEN_OIDC_DOMAINS = frozenset({"acme.example"})
    settings.ORGWARDEN_OIDC_ROLE = Role.ANALYST
    provider.claims |= {"sub": "u-2", "email": "new@acme.example"}
    client, answer = come()
    assert answer["Location"] == "/integrations/"
    person = get_user_model().objects.get(username="new@acme.example")
    assert memberships.described(person) == ["analyst of all tenants"]
    assert not person.has_usable_password()
    assert client.get("/").status_code == 200
    assert AuditEntry.objects.filter(action="console:person:added").exists()
    typed = {"password": "a way in past the provider", "again": "a way in past the provider"}
    assert client.post("/settings/account/password/", typed).status_code == 403
    person.refresh_from_db()
    assert not person.has_usable_password()


@pytest.mark.parametrize(("methods", "led"), [(["pwd"], True), (["pwd", "mfa"], False)])
def test_the_providers_second_factor_counts_when_it_says_so(
    methods: list[str], led: bool, provider: OidcProvider, people: dict[str, User], settings: Any
) -> None:
    settings.ORGWARDEN_REQUIRE_SECOND_FACTOR = True
    people["admin"].email = "ada@acme.example"
    people["admin"].save()
    provider.claims |= {"email": "ada@acme.example", "amr": methods}
    client, _ = come()
    assert (client.get("/").status_code == 302) == led


def test_without_a_provider_there_is_no_such_way(people: dict[str, User]) -> None:
    client = Client()
    assert client.get("/sign-in/sso/").status_code == 404
    assert "login" not in client.get("/sign-in/").content.decode().split("<form")[-1]
