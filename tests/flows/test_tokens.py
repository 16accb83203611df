"""Tokens: stored before use, renewed by one of many, and only ever those of the org connected."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from orgwarden.core.problems import GrantExpired, NeedsPerson
from orgwarden.flows.clients import transport
from orgwarden.flows.tokens import OrgCredentials, keep, organization_in
from orgwarden.records import credentials
from orgwarden.records.models import Org
from orgwarden.salesforce import Secret, Tokens
from tests.flows.consented import by_consent, token_calls
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

TOKEN = {"prefix": "/services/oauth2/token"}


@pytest.fixture
def consented(at_home: House, sim: OrgsimServer) -> Org:
    """An org connected by consent, whose tokens are renewed with a refresh token."""
    return by_consent(sim)


@pytest.mark.fault("A6")
def test_many_callers_with_the_same_old_token_renew_it_once(
    house: House, consented: Org, sim: OrgsimServer
) -> None:
    holders = [OrgCredentials(Org.objects.get(), transport()) for _ in range(8)]
    stale = [h.current() for h in holders]
    before = token_calls(sim)
    start, got = threading.Barrier(8), []

    def renew(n: int) -> None:
        start.wait()
        try:
            got.append(holders[n].renew(stale[n]).access_token.reveal())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=renew, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(got)) == 1
    assert got[0] != stale[0].access_token.reveal()
    assert token_calls(sim) - before == 1


def test_a_rotated_refresh_token_is_stored_before_the_new_access_token(
    at_home: House, consented: Org
) -> None:
    def two(refresh: str, access: str) -> Tokens:
        return Tokens(
            access_token=Secret(access),
            refresh_token=Secret(refresh),
            instance_url=consented.url,
            identity_url="",
            scope=(),
            issued_at=None,
        )

    keep(consented, two("refresh-1", "access-1"))
    keep(consented, two("refresh-2", "access-2"))
    kinds = list(consented.credentials.order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["refresh_token", "access_token"]
    assert credentials.need(consented, "refresh_token") == "refresh-2"
    assert consented.credentials.filter(kind="refresh_token").count() == 1


def test_a_revoked_grant_is_expired_after_at_most_three_token_calls(
    at_home: House, consented: Org, sim: OrgsimServer
) -> None:
    at_home.collect(consented, "users")
    sim.control("faults", {"prefix": "/services/data/", "nth": 1, "revoked_grant": True})
    before = token_calls(sim)
    with pytest.raises(GrantExpired) as raised:
        at_home.collect(consented)
    assert token_calls(sim) - before <= 3
    status = at_home.status(consented)
    assert status["status"] == "error"
    assert status["problem"].startswith("Grant Expired: ")
    assert "econnect" in raised.value.fix
    assert at_home.count("users") > 0


def test_another_org_that_answers_in_its_place_is_refused(
    at_home: House, sim: OrgsimServer
) -> None:
    org = at_home.connect(sim)
    before = at_home.count("users")
    token = credentials.need(org, "access_token")
    Org.objects.filter(pk=org.pk).update(salesforce_id="00D000000000062EAA")
    org.refresh_from_db()
    sim.control("faults", {"prefix": "/services/data/", "nth": 1, "expired_token": True})
    with pytest.raises(NeedsPerson) as raised:
        at_home.collect(org)
    assert raised.value.code == "OTHER_ORG"
    assert "sandbox" in raised.value.fix
    assert credentials.need(org, "access_token") == token
    assert at_home.count("users") == before


@pytest.mark.parametrize(
    ("url", "org"),
    [
        ("https://x/id/00D5g000004XyzEAE/0055g000001gQwaAAE", "00D5g000004XyzEAE"),
        ("https://x/id/00D5g000004XyzEAE/0055g000001gQwaAAE/", "00D5g000004XyzEAE"),
        ("", ""),
        ("https://x/", ""),
    ],
)
def test_the_org_is_read_from_the_identity_url(url: str, org: str) -> None:
    assert organization_in(url) == org
