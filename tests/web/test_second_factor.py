"""The second factor: set up with an app, asked for at sign-in, required where it matters."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.records import envelope
from orgwarden.records.models import AuditEntry, Org
from tests.web.seeds import PASSWORD


@pytest.fixture(autouse=True)
def _key(db: None) -> None:
    envelope.prepare_key_file()


def code_of(secret: str, steps: int = 0) -> str:
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
    return code


def sign_in(name: str = "admin", **more: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/sign-in/", {"username": name, "password": PASSWORD, **more})


def set_up_app(client: Client) -> str:
    """Walk through the pages; the app's key."""
    page = client.get("/settings/account/app/")
    assert page.status_code == 200, page
    secret: str = page.context["form"].secret
    done = client.post("/settings/account/app/", {"code": code_of(secret)})
    assert done.status_code == 302
    assert done["Location"] == "/settings/account/recovery-codes/"
    return secret


@pytest.fixture
def with_app(people: dict[str, User], django_capture_on_commit_callbacks: Any) -> str:
    client, _ = sign_in()
    with django_capture_on_commit_callbacks(execute=True):
        return set_up_app(client)


def test_setting_up_an_app_leads_to_recovery_codes_and_seals_the_key(with_app: str) -> None:
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert with_app not in kept
    entry = AuditEntry.objects.get(action="console:second-factor:added")
    assert (entry.actor, entry.detail["what"]) == ("admin", "authenticator app")
    client, _ = sign_in()
    page = client.get("/sign-in/second-factor/")
    assert page.status_code == 200


def test_after_the_password_comes_the_code_and_then_the_page_asked_for(with_app: str) -> None:
    client, answer = sign_in(next="/integrations/")
    assert answer["Location"] == "/sign-in/second-factor/"
    assert client.get("/").status_code == 302  # not in yet
    done = client.post("/sign-in/second-factor/", {"code": code_of(with_app)})
    assert done["Location"] == "/integrations/"
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.filter(action="console:sign-in:succeeded").latest("id")
    assert entry.detail["by"] == ["password", "totp"]


def test_a_code_opens_once(with_app: str) -> None:
    code = code_of(with_app)
    first, _ = sign_in()
    assert first.post("/sign-in/second-factor/", {"code": code}).status_code == 302
    second, _ = sign_in()
    again = second.post("/sign-in/second-factor/", {"code": code})
    assert again.status_code == 200
    assert second.get("/").status_code == 302


def test_wrong_codes_are_recorded_and_lock_the_second_step(with_app: str) -> None:
    client, _ = sign_in()
    for _ in range(5):
        answer = client.post("/sign-in/second-factor/", {"code": "000000"})
        assert answer.status_code == 200
    assert AuditEntry.objects.filter(action="console:second-factor:failed").count() == 5
    locked = client.post("/sign-in/second-factor/", {"code": code_of(with_app)})
    assert locked.status_code == 200
    assert "Too many" in locked.content.decode()
    assert client.get("/").status_code == 302


def test_a_recovery_code_opens_once(with_app: str) -> None:
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    for expected in (302, 200):
        client, _ = sign_in()
        answer = client.post("/sign-in/second-factor/", {"code": codes[0]})
        assert answer.status_code == expected


@pytest.mark.parametrize(("who", "led"), [("admin", True), ("responder", True), ("auditor", False)])
def test_where_it_is_required_whoever_can_change_something_is_led_to_set_it_up(
    who: str, led: bool, people: dict[str, User], tenants: dict[str, Org], settings: Any
) -> None:
    settings.ORGWARDEN_REQUIRE_SECOND_FACTOR = True
    client, _ = sign_in(who)
    for path in ("/", "/integrations/", f"/orgs/{tenants['fine'].key}/"):
        answer = client.get(path)
        assert (answer.status_code == 302) == led
        if led:
            assert answer["Location"] == "/settings/account/"
    page = client.get("/settings/account/").content.decode()
    assert ("A second factor is needed" in page) == led
    if led:
        set_up_app(client)
        assert client.get("/").status_code == 200


def test_on_a_local_address_it_is_advised_and_the_pages_open(people: dict[str, User]) -> None:
    client, _ = sign_in()
    assert client.get("/").status_code == 200
    assert "a password alone opens it" in client.get("/settings/account/").content.decode()


def test_removing_the_app_takes_the_recovery_codes_with_it(with_app: str) -> None:
    client, _ = sign_in()
    client.post("/sign-in/second-factor/", {"code": code_of(with_app)})
    assert client.get("/settings/account/app/remove/").status_code == 200
    assert client.post("/settings/account/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.filter(action="console:second-factor:removed").exists()


def test_every_page_of_ones_own_account_opens(with_app: str) -> None:
    client, _ = sign_in()
    client.post("/sign-in/second-factor/", {"code": code_of(with_app)})
    for path in (
        "/settings/",
        "/settings/account/",
        "/settings/account/password/",
        "/settings/account/app/remove/",
        "/settings/account/passkeys/add/",
        "/settings/account/recovery-codes/",
        "/settings/account/recovery-codes/new/",
        "/settings/account/recovery-codes/file/",
        "/prove/code/",
        "/prove/password/",
    ):
        assert client.get(path).status_code == 200, path


def test_a_new_password_needs_twelve_characters_and_ends_other_sessions(
    people: dict[str, User],
) -> None:
    client, _ = sign_in()
    other, _ = sign_in()
    short = client.post("/settings/account/password/", {"password": "short", "again": "short"})
    assert short.status_code == 422
    new = "another long sentence"
    unlike = client.post("/settings/account/password/", {"password": new, "again": new + "x"})
    assert unlike.status_code == 422
    done = client.post("/settings/account/password/", {"password": new, "again": new})
    assert done.status_code == 302
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert AuditEntry.objects.filter(action="console:password:changed").exists()
