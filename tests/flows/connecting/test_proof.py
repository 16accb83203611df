"""What a fresh grant proves: who answered, and what Salesforce would not say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.connecting import attempts, confirm, consent, pending
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.checks import check, check_address
from orgwarden.flows.connecting.objections import objections
from orgwarden.flows.connecting.proof import Found
from orgwarden.records.models import ConsentRequest, Org
from tests.flows.connecting.test_attempts import SESSION, draft
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def the_moment() -> None:
    """Salesforce takes a signed request for some minutes only, and this file may have been read
    long before its tests run."""
    global NOW
    NOW = datetime.now(UTC)


def answered(sim: OrgsimServer) -> pending.Pending:
    started = draft(sim)
    consent.go(started.id, SESSION, "ann", now=NOW)
    attempts.try_due(now=NOW)
    return pending.find(started.id, SESSION)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "n" * 81}, "NAME"),
        ({"name": " "}, "NAME"),
        # An address that no message of ours could be sent to.
        ({"told_addresses": ('"a b"@example.com',)}, "EMAIL_ADDRESS"),
    ],
)
def test_what_could_not_be_kept_or_told_is_refused_before_anything_is_sent(
    house: House, more: dict[str, Any], code: str
) -> None:
    asked = Asked(
        **{"name": "a", "url": "https://acme.my.salesforce.com", "client_id": "3MVG9",
           "flow": "web-server", "actor": "ann", **more}
    )  # fmt: skip
    with pytest.raises(NeedsPerson) as refused:
        check(asked)
    assert refused.value.code == code


def test_what_salesforce_does_not_say_is_unknown_and_a_person_has_to_accept_it(
    at_home: House, sim: OrgsimServer
) -> None:
    sim.control("faults", {"endpoint": "composite", "error": "INSUFFICIENT_ACCESS"})
    found = answered(sim)
    assert found.found is not None
    assert (found.found.is_sandbox, found.found.administrator, found.found.edition) == (
        None, None, ""
    )  # fmt: skip
    assert [o.code for o in found.objections] == ["UNKNOWN", "UNKNOWN"]
    with pytest.raises(NeedsPerson):
        confirm.confirm(found.id, SESSION, "ann")
    assert confirm.confirm(found.id, SESSION, "ann", accept=True).is_sandbox is None


@pytest.mark.seed("M4")
def test_an_org_without_api_is_told_so_and_nothing_is_left_waiting(
    at_home: House, sim: OrgsimServer
) -> None:
    sim.control("faults", {"endpoint": "composite", "error": "API_DISABLED_FOR_ORG"})
    found = answered(sim)
    assert found.stage == "failed"
    assert found.trouble is not None
    assert "edition" in found.trouble["what"] + found.trouble["fix"]
    assert "tokens" not in pending.opened(ConsentRequest.objects.get())
    assert not Org.objects.exists()


def test_a_person_who_gives_up_while_a_worker_signs_in_gets_no_grant(
    at_home: House, sim: OrgsimServer
) -> None:
    started = draft(sim)
    consent.go(started.id, SESSION, "ann", now=NOW)
    row = ConsentRequest.objects.get()
    confirm.refuse(started.id, SESSION, "ann")
    attempts._try(row, NOW)  # the worker had it in hand
    assert not ConsentRequest.objects.exists()
    assert not Org.objects.exists()


@pytest.mark.parametrize(
    ("modify_all", "profile", "code"),
    [(True, "Integration", ["ADMINISTRATOR"]), (False, "Integration", [])],
)
@pytest.mark.django_db
def test_an_administrator_is_known_by_rights_and_not_by_a_translated_name(
    modify_all: bool, profile: str, code: list[str]
) -> None:
    asked = Asked("a", "https://a.my.salesforce.com", "k", "jwt-bearer", "ann")
    found = Found("00D", "005", "u", is_sandbox=False, profile=profile, administrator=modify_all)
    assert [o.code for o in objections(asked, found)] == code


@pytest.mark.seed("Z6", "C22")
@pytest.mark.parametrize(
    ("url", "environment", "fits"),
    [
        ("acme.my.salesforce.com", "production", True),
        ("acme-dev-ed.develop.my.salesforce.com", "production", True),
        ("acme--uat.sandbox.my.salesforce.com", "sandbox", True),
        ("acme.scratch.my.salesforce.com", "sandbox", True),
        ("acme.my.salesforce.com", "sandbox", False),
        ("acme--uat.sandbox.my.salesforce.com", "production", False),
        ("acme--uat.sandbox.my.salesforce.com", "", True),
    ],
)
def test_the_address_fits_the_environment_that_was_chosen(
    url: str, environment: str, fits: bool
) -> None:
    if fits:
        assert check_address(url, environment).url == f"https://{url}"
        return
    with pytest.raises(NeedsPerson) as raised:
        check_address(url, environment)
    assert raised.value.code == "ENVIRONMENT"
    assert "my.salesforce.com" in raised.value.fix
