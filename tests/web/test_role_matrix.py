"""Every address as every kind of caller, against the table in docs/roles.md.

The table is written from the rules of the views, the answers here come from real requests: a page
without a rule, or one whose rule is not kept, fails. A new page changes the table, and `make docs`
puts the change before whoever reads the commit.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.records import envelope, memberships
from orgwarden.records.models import AuditEntry, Org
from scripts import roles_page
from tests.web.conftest import SignedIn, prove
from tests.web.seeds import PASSWORD

TABLE = Path(__file__).parents[2] / "docs" / "roles.md"
CALLERS = roles_page.callers()
FILLED = {
    "app": "000000000000",
    "pk": "987654",
    "number": "987654",
    "form": "csv",
    "what": "off",
    "kind": "email",
    "provider_id": "sso",
    "rest": "tenants",
}


def table() -> dict[str, dict[str, str]]:
    """Address → caller → what the table says."""
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(CALLERS) + 1 and cells[0].startswith("`/"):
            rows[cells[0].strip("`")] = dict(zip(CALLERS, cells[1:], strict=True))
    return rows


ROWS = table()


def test_the_table_holds_every_address_and_every_view_has_a_rule() -> None:
    spelled = {a.route: dict(zip(CALLERS, a.cells, strict=True)) for a in roles_page.addresses()}
    assert spelled == ROWS, "run `make docs` and look at what changed"
    assert len(ROWS) > 40


@pytest.fixture
def caller(
    people: dict[str, User], tenants: dict[str, Org], signed_in: SignedIn
) -> dict[str, Client]:
    envelope.prepare_key_file()
    made = {"nobody": Client()}
    for role in Role:
        made[role] = signed_in("admin" if role is Role.ADMINISTRATOR else role.value)
    for name in ("without a role", "administrator of another tenant"):
        person = get_user_model().objects.create_user(name, password=PASSWORD)
        if name != "without a role":
            memberships.give(person, Role.ADMINISTRATOR, tenants["busy"])
        made[name] = Client()
        made[name].force_login(person)
        prove(made[name])
    for client in made.values():
        client.raise_request_exception = False
    return made


def outcome(answer: Any, route: str) -> str:
    """What an answer means, in the table's words."""
    if answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next="):
        return "sign in"
    if answer.status_code == 403:
        return "no"
    if answer.status_code == 404 and ":key" not in route and "<key>" in route:
        return "not there"
    return "yes"


@pytest.mark.parametrize("route", sorted(ROWS))
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.usefixtures("lake")
def test_every_address_answers_every_caller_as_the_table_says(
    route: str, method: str, caller: dict[str, Client], tenants: dict[str, Org]
) -> None:
    # Nothing may leave for a network, whatever the views do for whom they let through.
    Org.objects.update(url="https://127.0.0.1:9", instance_url="https://127.0.0.1:9")
    values = FILLED | {"key": tenants["fine"].key}
    address = re.sub(r"<(\w+)>", lambda m: values[m[1]], route)
    for name, expected in ROWS[route].items():
        denied = AuditEntry.objects.filter(action="console:page:denied").count()
        answer = getattr(caller[name], method)(address)
        if answer.status_code == 405:
            continue  # this address takes the other method only
        found = outcome(answer, route)
        told = f"{method.upper()} {address} as {name}: {answer.status_code}"
        if expected == "yes" and found == "not there":
            # A part of the address that does not exist; a tenant's own page never is.
            assert re.search(r"<(?!key)\w+>", route), told
            found = "yes"
        assert found == expected, told
        if expected in ("no", "not there"):
            now = AuditEntry.objects.filter(action="console:page:denied").count()
            assert now == denied + 1, f"{told} is not in the audit chain"


@pytest.mark.parametrize("route", sorted(r for r in ROWS if "<key>" in r))
@pytest.mark.usefixtures("lake")
def test_a_tenant_of_others_and_one_that_is_not_there_look_alike(
    route: str, caller: dict[str, Client], tenants: dict[str, Org]
) -> None:
    stranger = caller["administrator of another tenant"]
    pages = []
    for key in (tenants["fine"].key, "000000000000"):
        address = re.sub(r"<(\w+)>", lambda m, k=key: (FILLED | {"key": k})[m[1]], route)
        answer = stranger.get(address)
        if answer.status_code == 405:
            answer = stranger.post(address)
        assert answer.status_code == 404
        pages.append(answer.content.replace(key.encode(), b"KEY"))
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("lake")
def test_lists_hold_only_the_tenants_a_person_may_see(
    caller: dict[str, Client], tenants: dict[str, Org], lake: list[list[str]]
) -> None:
    stranger = caller["administrator of another tenant"]
    theirs, others = tenants["busy"], [tenants[n] for n in ("fine", "broken", "new")]
    for address in (
        "/",
        "/integrations/?open=salesforce",
        "/activity/?range=30d",
        f"/activity/?tenant={tenants['fine'].key}",
        "/settings/",
        f"/orgs/{theirs.key}/",
    ):
        page = stranger.get(address).content.decode()
        assert theirs.name in page, address
        for other in others:
            assert other.name not in page, address
            assert other.key not in page, address
    assert all(keys == [theirs.key] for keys in lake)
