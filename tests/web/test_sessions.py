"""Sessions end when idle and when old, and critical steps ask again."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.records.models import AuditEntry, Org
from tests.web.seeds import PASSWORD


def sign_in(name: str = "admin") -> Client:
    client = Client()
    client.post("/sign-in/", {"username": name, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def age(client: Client, **by: timedelta) -> None:
    """Make a session's times lie further back."""
    session = client.session
    for name, span in by.items():
        session[name] = session[name] - int(span.total_seconds())
    session.save()


def prove_long_ago(client: Client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


@pytest.mark.parametrize(("who", "ends"), [("admin", True), ("responder", True), ("viewer", False)])
def test_a_session_that_can_change_something_ends_when_it_is_not_used(
    who: str, ends: bool, people: dict[str, User]
) -> None:
    client = sign_in(who)
    age(client, seen_at=timedelta(minutes=31))
    answer = client.get("/")
    assert (answer.status_code == 302) == ends
    if ends:
        assert answer["Location"].startswith("/sign-in/")
        page = client.get(answer["Location"]).content.decode()
        assert "was not used" in page
        entry = AuditEntry.objects.latest("id")
        assert entry.action == "console:sign-in:ended"


def test_a_page_that_moves_by_itself_does_not_keep_a_session_alive(
    people: dict[str, User],
) -> None:
    client = sign_in()
    age(client, seen_at=timedelta(minutes=20))
    seen = client.session["seen_at"]
    client.get("/integrations/?part=live")
    assert client.session["seen_at"] == seen
    client.get("/integrations/")
    assert client.session["seen_at"] > seen


def test_every_session_ends_after_twelve_hours(people: dict[str, User]) -> None:
    client = sign_in("viewer")
    age(client, began_at=timedelta(hours=12))
    assert client.get("/").status_code == 302


def test_a_critical_step_asks_again_and_then_goes_on(people: dict[str, User]) -> None:
    client = sign_in()
    assert client.get("/settings/people/add/").status_code == 200  # signed in moments ago
    prove_long_ago(client)
    asked = client.get("/settings/people/add/")
    assert asked["Location"] == "/prove/password/?next=%2Fsettings%2Fpeople%2Fadd%2F"
    wrong = client.post(asked["Location"], {"password": "x"})
    assert wrong.status_code == 200
    assert AuditEntry.objects.latest("id").action == "console:sign-in:failed"
    right = client.post(asked["Location"], {"password": PASSWORD})
    assert right["Location"] == "/settings/people/add/"
    assert AuditEntry.objects.latest("id").action == "console:sign-in:proved-again"
    assert client.get("/settings/people/add/").status_code == 200


def test_a_form_sent_too_late_changes_nothing_and_is_not_kept(people: dict[str, User]) -> None:
    client = sign_in()
    prove_long_ago(client)
    pk = people["viewer"].pk
    answer = client.post(
        f"/settings/people/{pk}/off/",
        headers={"Referer": f"http://testserver/settings/people/{pk}/"},
    )
    assert answer["Location"] == f"/prove/password/?next=%2Fsettings%2Fpeople%2F{pk}%2F"
    people["viewer"].refresh_from_db()
    assert people["viewer"].is_active
    assert "csrf" not in str(dict(client.session)).lower()
    page = client.get(answer["Location"]).content.decode()
    assert "Nothing was changed yet" in page


def test_a_button_pressed_after_the_session_ended_leads_back_to_its_page(
    people: dict[str, User], tenants: dict[str, Org]
) -> None:
    client, page = sign_in(), f"/orgs/{tenants['fine'].key}/"
    client.logout()
    answer = client.post(f"{page}test/", headers={"Referer": f"http://testserver{page}?range=7d"})
    assert answer["Location"] == f"/sign-in/?{urlencode({'next': page})}"
    assert "you were signed out" in client.get(answer["Location"]).content.decode()
    body = {"username": "admin", "password": PASSWORD, "next": page}
    again = client.post("/sign-in/", body, follow=True)
    assert (again.request["PATH_INFO"], again.status_code) == (page, 200)
    elsewhere = Client().post(f"{page}test/", headers={"Referer": "https://evil.example/x"})
    assert elsewhere["Location"] == "/sign-in/?next=%2F"


def test_somebody_switched_off_is_out_at_once(people: dict[str, User]) -> None:
    client = sign_in("viewer")
    people["viewer"].is_active = False
    people["viewer"].save()
    assert client.get("/").status_code == 302
