"""Connecting proves the connection before anything is stored; deleting leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests
from django.db import DatabaseError

from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.flows.delete_org import delete_org
from orgwarden.records import audit, credentials
from orgwarden.records.models import AuditEntry, Credential, Org
from tests.support.house import House
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import free_port

# What is asked differently, the code of the refusal, and what its sentence names.
REFUSED: list[tuple[Mapping[str, str], str, str]] = [
    ({"url": "https://example.com"}, "NOT_SALESFORCE", "example.com"),
    ({"url": "http://acme.my.salesforce.com"}, "NOT_HTTPS", "https"),
    ({"url": "https://acme.my.salesforce.com:8443"}, "ODD_PORT", "443"),
    ({"url": "https://login.salesforce.com"}, "GENERIC_LOGIN_HOST", "login.salesforce.com"),
    ({"url": "https://acme.my.salesforce.com.example.org"}, "NOT_SALESFORCE", "example.org"),
    ({"url": "https://user:pass@acme.my.salesforce.com"}, "USERINFO_IN_ADDRESS", "password"),
    ({"url": "not an address"}, "NOT_AN_ADDRESS", "address"),
    ({"client_secret": "wrong-secret-0123456789"}, "invalid_client", "secret"),
    ({"client_id": "3MVG9wrong"}, "invalid_client_id", "consumer key"),
    ({"name": "  "}, "NAME", "name"),
    ({"flow": "web-server"}, "FLOW", "browser"),
]


@pytest.mark.parametrize(("asked", "code", "names"), REFUSED, ids=str)
def test_what_cannot_be_connected_is_refused_in_a_sentence_and_leaves_nothing(
    at_home: House, sim: OrgsimServer, asked: dict[str, str], code: str, names: str
) -> None:
    before = sim.control("calls", params={"all": "1"})
    with pytest.raises(NeedsPerson) as raised:
        at_home.connect(sim, **{"name": "prod", **asked})
    assert raised.value.code == code
    assert names in raised.value.sentence()
    assert raised.value.fix
    assert not Org.objects.exists()
    assert not Credential.objects.exists()
    if "url" in asked:
        assert sim.control("calls", params={"all": "1"}) == before
    for value in asked.values():
        if "secret" in value or "pass" in value:
            assert value not in raised.value.sentence()


def test_an_unreachable_host_is_told_and_nothing_is_stored(
    at_home: House, sim: OrgsimServer
) -> None:
    port = free_port()
    allowed = at_home.settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS
    at_home.settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = allowed | {f"127.0.0.1:{port}"}
    from orgwarden.flows import clients

    clients.transport.cache_clear()
    clients.transport().wait = lambda seconds: None
    with pytest.raises(TryLater) as raised:
        at_home.connect(sim, url=f"http://127.0.0.1:{port}")
    assert raised.value.code == "UNREACHABLE"
    assert "network" in raised.value.fix
    assert not Org.objects.exists()
    [entry] = AuditEntry.objects.filter(subject="prod")
    assert entry.detail == {"code": "UNREACHABLE"}


@pytest.mark.seed("Z7")
def test_a_name_is_taken_once_whatever_its_case(at_home: House, sim: OrgsimServer) -> None:
    at_home.connect(sim, "Prod")
    with pytest.raises(NeedsPerson) as raised:
        at_home.connect(sim, "PROD")
    assert raised.value.code == "NAME_TAKEN"
    assert Org.objects.count() == 1


def test_a_connected_org_knows_who_it_is_and_holds_its_secrets_sealed(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    app = sim.app()
    assert org.connected_user == app["run_as"]
    assert org.salesforce_id == sim.control("state")["org_id"]
    assert org.status == Org.Status.IN_PROGRESS
    assert credentials.need(org, "client_secret") == app["consumer_secret"]
    assert all(
        app["consumer_secret"].encode() not in bytes(c.sealed) for c in org.credentials.all()
    )


def token_lives(sim: OrgsimServer, token: str) -> bool:
    answer = requests.get(
        f"{sim.url}/services/data/v62.0/limits",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
        proxies={"http": ""},
    )
    return answer.status_code == 200


def test_deleting_revokes_the_grant_and_removes_everything(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    at_home.collect(org, "users")
    token = credentials.need(org, "access_token")
    folder = at_home.home / "lake" / org.key
    assert folder.is_dir()
    assert token_lives(sim, token)
    done = delete_org(org, actor="test")
    assert any("revoked" in words for words in done)
    assert not token_lives(sim, token)
    assert not Org.objects.exists()
    assert not Credential.objects.exists()
    assert not folder.exists()
    assert not list((at_home.home / "lake").iterdir())
    assert AuditEntry.objects.filter(subject="prod").count() >= 2  # who did what outlives it


def test_an_org_stays_when_its_deletion_cannot_be_recorded(
    at_home: House, sim: OrgsimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = at_home.connect(sim)

    def full(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(DatabaseError):
        delete_org(org, actor="test")
    assert Org.objects.filter(name="prod").exists()


def test_an_org_is_deleted_also_when_salesforce_does_not_answer(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    sim.control("faults", {"endpoint": "/revoke", "status": 503})
    done = delete_org(org, actor="test")
    assert any("could not be revoked" in words for words in done)
    assert not Org.objects.exists()


def test_a_refusal_is_in_the_audit_chain_without_any_secret(
    at_home: House, sim: OrgsimServer
) -> None:
    wrong = "wrong-secret-abcdefghijklmnop"
    with pytest.raises(Problem):
        at_home.connect(sim, client_secret=wrong)
    [entry] = AuditEntry.objects.all()
    values: dict[str, Any] = entry.detail
    assert values == {"code": "invalid_client"}
