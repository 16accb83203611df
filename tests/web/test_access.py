"""Every page as every kind of caller."""

from __future__ import annotations

import pytest
from django.test import Client

from orgwarden.records import audit
from orgwarden.records.audit import Action
from orgwarden.records.models import AuditEntry, Org
from orgwarden.web import acts
from tests.web.conftest import SignedIn

PAGES = ("/", "/integrations/", "/activity/", "/orgs/{key}/")
ADMIN_PAGES = ("/integrations/add/salesforce/", "/orgs/{key}/delete/")
POSTS = (
    "/integrations/add/salesforce/",
    "/orgs/{key}/collect/",
    "/orgs/{key}/test/",
    "/orgs/{key}/delete/",
)


@pytest.mark.parametrize("path", PAGES + ADMIN_PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(path: str, tenants: dict[str, Org]) -> None:
    answer = Client().get(path.format(key=tenants["fine"].key))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["viewer", "admin"])
@pytest.mark.usefixtures("lake")
def test_everyone_signed_in_may_look(
    path: str, who: str, tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    assert signed_in(who).get(path.format(key=tenants["fine"].key)).status_code == 200


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_pages_that_change_something_are_for_administrators(
    path: str, tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    address = path.format(key=tenants["fine"].key)
    assert signed_in("admin").get(address).status_code == 200
    refused = signed_in("viewer").get(address)
    assert refused.status_code == 403
    assert "Ask an administrator" in refused.content.decode()


@pytest.mark.parametrize("path", POSTS)
def test_a_viewer_and_a_stranger_cannot_change_anything(
    path: str,
    tenants: dict[str, Org],
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a flow was called")

    for act in ("draft", "collect_now", "delete_org"):
        monkeypatch.setattr(acts, act, never)
    address = path.format(key=tenants["fine"].key)
    body = {"name": tenants["fine"].name}
    assert signed_in("viewer").post(address, body).status_code == 403
    assert Client().post(address, body).status_code == 302
    assert Org.objects.filter(pk=tenants["fine"].pk).exists()
    [denied] = AuditEntry.objects.filter(action=Action.ACCESS_DENIED)
    assert (denied.actor, denied.subject) == ("viewer", address)
    assert denied.detail["method"] == "POST"
    assert audit.verify() is None


@pytest.mark.parametrize("path", POSTS)
def test_a_form_from_elsewhere_is_refused_with_a_page_that_says_why(
    path: str, tenants: dict[str, Org], people: dict[str, object]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["admin"])  # type: ignore[arg-type]
    answer = client.post(path.format(key=tenants["fine"].key), {})
    assert answer.status_code == 403
    assert "The form expired" in answer.content.decode()


def test_what_changes_something_is_not_reached_by_a_link(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    admin = signed_in("admin")
    for name in ("collect", "test"):
        answer = admin.get(f"/orgs/{tenants['fine'].key}/{name}/")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "press its button again" in answer.content.decode()
    assert admin.get("/sign-out/").status_code == 405


def test_an_unknown_address_says_what_to_do(signed_in: SignedIn) -> None:
    answer = signed_in("viewer").get("/orgs/not-there/")
    assert answer.status_code == 404
    assert "Check the address" in answer.content.decode()


def test_a_viewer_is_shown_no_buttons_that_would_refuse(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get(f"/orgs/{tenants['fine'].key}/").content.decode()
    assert "Collect now" not in page
    assert "/delete/" not in page
