"""`/settings/tokens/`: a token is shown once, to its person, and revoked by those who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.core import token_text
from orgwarden.records import api_tokens
from orgwarden.records.models import ApiToken, AuditEntry
from tests.web.conftest import SignedIn

LIST, NEW = "/settings/tokens/", "/settings/tokens/new/"
FORM = {"name": "nightly", "scopes": ["read", "query"], "days": "30"}


def made(client: Client, **more: Any) -> str:
    answer = client.post(NEW, FORM | more)
    assert answer.status_code == 200
    found = re.search(r'id="token-text">(\w+)<', answer.content.decode())
    assert found is not None
    return found[1]


def token_of(person: User, name: str = "theirs") -> ApiToken:
    return api_tokens.create(
        person, name=name, scopes=["read"], lasts=timedelta(days=3), by=person.get_username()
    )[0]


def test_the_text_is_on_the_answer_alone(people: dict[str, User], signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    assert "You have no API token" in client.get(LIST).content.decode()
    answer = client.post(NEW, FORM)
    text = made(client)
    assert token_text.is_whole(text)
    assert answer.headers["Cache-Control"] == "no-store"
    page = client.get(LIST).content.decode()
    assert text not in page
    assert f"{text[:9]}…" in page
    assert text not in repr(dict(client.session))
    assert text not in repr(list(AuditEntry.objects.values()))
    row = ApiToken.objects.get(start=text[:9])
    assert (row.person, row.scopes) == (people["analyst"], ["read", "query"])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"name": " "}, "needs a name"),
        ({"scopes": []}, "no scope"),
        ({"scopes": ["root"]}, "no scope root"),
        ({"days": "366"}, "1 to 365 days"),
        ({"days": "9" * 30}, "1 to 365 days"),
        ({"days": "9" * 5000}, "1 to 365 days"),
        ({"days": "-1"}, "1 to 365 days"),
        ({"days": "٣"}, "1 to 365 days"),
    ],
)
def test_a_form_that_does_not_fit_comes_back_with_the_reason(
    signed_in: SignedIn, more: dict[str, Any], says: str
) -> None:
    answer = signed_in("analyst").post(NEW, FORM | more)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert ApiToken.objects.count() == 0


def test_who_may_hold_none_is_refused(signed_in: SignedIn) -> None:
    for who in ("viewer", "auditor"):
        for address in (LIST, NEW):
            assert signed_in(who).get(address).status_code == 403
        assert signed_in(who).post(NEW, FORM).status_code == 403
    assert ApiToken.objects.count() == 0


def test_one_revokes_ones_own_and_whoever_manages_tokens_anybodys(
    people: dict[str, User], signed_in: SignedIn
) -> None:
    mine, theirs = token_of(people["analyst"]), token_of(people["responder"])
    analyst, admin = signed_in("analyst"), signed_in("admin")
    page = analyst.get(LIST).content.decode()
    assert "Tokens of others" not in page
    assert theirs.start not in page
    assert analyst.post(f"{LIST}{theirs.pk}/revoke/").status_code == 404
    assert analyst.get(f"{LIST}{mine.pk}/revoke/").status_code == 405
    assert analyst.post(f"{LIST}{mine.pk}/revoke/").status_code == 302
    assert theirs.start in admin.get(LIST).content.decode()
    assert admin.post(f"{LIST}{theirs.pk}/revoke/").status_code == 302
    assert ApiToken.objects.filter(revoked_at=None).count() == 0


def test_making_one_asks_again_who_is_there(people: dict[str, User]) -> None:
    client = Client()
    client.force_login(people["analyst"])  # and nothing proved since
    for answer in (client.get(NEW), client.post(NEW, FORM)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/prove/")
    assert ApiToken.objects.count() == 0


def test_a_hostile_name_is_text(people: dict[str, User], signed_in: SignedIn) -> None:
    made(signed_in("analyst"), name="<script>alert(1)</script>")
    for who in ("analyst", "admin"):
        page = signed_in(who).get(LIST).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_the_reference_lists_every_operation(signed_in: SignedIn) -> None:
    page = signed_in("viewer").get("/settings/api/").content.decode()
    for said in ("/api/v1/tenants/{key}/collect", "query_events", "list_audit", "administer"):
        assert said in page
