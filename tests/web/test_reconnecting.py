"""What may be typed on the page that reconnects a tenant."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.flows.connecting.attempts import try_due
from orgwarden.records import credentials, memberships
from orgwarden.records.models import ConsentRequest, Org
from tests.flows.conftest import at_home, sim
from tests.support.house import House, house, migrated_records
from tests.support.orgsim import OrgsimServer
from tests.web.conftest import prove

__all__ = ["at_home", "house", "migrated_records", "sim"]


@pytest.fixture
def org(at_home: House, sim: OrgsimServer) -> Org:
    return at_home.connect(sim)


@pytest.fixture
def admin(org: Org) -> Client:
    """The administrator of this one tenant and of nothing else."""
    cache.clear()
    person = get_user_model().objects.create_user("admin-of-one")
    memberships.give(person, Role.ADMINISTRATOR, org)
    client = Client()
    client.force_login(person)
    prove(client)
    return client


@pytest.mark.parametrize("before", [Org.Flow.CLIENT_CREDENTIALS, Org.Flow.WEB_SERVER])
def test_reconnecting_takes_only_references_that_the_operator_named(
    admin: Client, org: Org, before: Org.Flow, tmp_path: Path
) -> None:
    Org.objects.update(flow=before)
    proof = tmp_path / "was-run"
    typed = {"flow": "client-credentials", "secret": f"command:/usr/bin/touch {proof}"}
    answer = admin.post(f"/orgs/{org.key}/reconnect/", typed)
    for row in ConsentRequest.objects.all():
        admin.post(f"/connect/{row.pk}/consent/", {"egress": "on"})
    try_due()
    assert not proof.exists()
    assert answer.status_code == 422
    assert "ORGWARDEN_SECRET_REFERENCES" in answer.content.decode()
    assert not ConsentRequest.objects.exists()


def test_a_tenant_is_reconnected_by_a_reference_that_is_read_at_each_use(
    admin: Client, org: Org, at_home: House, sim: OrgsimServer, tmp_path: Path
) -> None:
    secret = tmp_path / "acme"
    secret.write_text(sim.app()["consumer_secret"] + "\n")
    at_home.settings.ORGWARDEN_SECRET_REFERENCES = (f"file:{tmp_path}/",)
    typed = {"secret": f"file:{secret}"}
    assert admin.post(f"/orgs/{org.key}/reconnect/", typed).status_code == 302
    assert credentials.as_stored(org, "client_secret") == f"file:{secret}"
    assert at_home.collect(org, "users").outcomes[0].outcome == "done"
