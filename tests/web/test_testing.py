"""The page of a connection test: queued, shown while it runs, kept."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from orgwarden.core.roles import Role
from orgwarden.records import memberships
from orgwarden.records.models import ConnectionTest, Org
from tests.web.conftest import SignedIn

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
LINES = [
    ("sign_in", "Sign-in", "pass", "Signed in as ada@acme.example.", ""),
    ("permission:ViewSetup", "View Setup and Configuration", "fail", "Missing.", "Give it."),
    ("session_lock", "Sessions locked to an address", "unknown", "Not read.", "Opt in."),
    ("language", "Language of the user", "warn", HOSTILE, "Set it to English."),
]
SOURCES = [
    ("users", "Users", "works", "", ""),
    ("setup_audit_trail", "Setup audit trail", "dark", "The user lacks View Setup.", "Give it."),
    ("login_history", "Sign-ins", "off", "Not opted in to.", "Opt in."),
]


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in("admin")


def made(org: Org, **more: object) -> ConnectionTest:
    now = timezone.now()
    values: dict[str, object] = {
        "org": org, "asked_at": now, "asked_by": "ada", "started_at": now,
        "ended_at": now + timedelta(seconds=2), "state": "done", "connected": True, "calls": 9,
        "lines": [
            {"id": i, "title": t, "verdict": v, "words": w, "fix": f, "seconds": 0.2, "calls": 1}
            for i, t, v, w, f in LINES
        ],
        "sources": [
            {"source": i, "title": t, "verdict": v, "because": b, "fix": f}
            for i, t, v, b, f in SOURCES
        ],
    }  # fmt: skip
    return ConnectionTest.objects.create(**(values | more))


@pytest.mark.seed("M13", "C25")
def test_pressing_test_queues_one_and_leads_to_its_page(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    answer = admin.post(f"/orgs/{org.key}/test/", follow=True)
    [queued] = org.tests.all()
    assert answer.redirect_chain == [(f"/orgs/{org.key}/tests/{queued.pk}/", 302)]
    page = answer.content.decode()
    assert (queued.state, queued.asked_by) == ("waiting", "admin")
    assert "Waiting for a worker." in page
    assert f'hx-get="/orgs/{org.key}/tests/{queued.pk}/?part=live"' in page
    assert "Look again" in page  # without script
    admin.post(f"/orgs/{org.key}/test/")
    assert org.tests.count() == 1  # the one on its way is joined


def test_waiting_for_a_test_does_not_keep_the_session_alive(
    admin: Client, tenants: dict[str, Org]
) -> None:
    page = admin.post(f"/orgs/{tenants['fine'].key}/test/", follow=True).content.decode()
    [address] = re.findall(r'id="test"[^>]* hx-get="([^"]+)"', page)
    session = admin.session
    session["seen_at"] -= 20 * 60
    session.save()
    part = admin.get(address).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    assert admin.session["seen_at"] == session["seen_at"]


@pytest.mark.seed("C25", "M13")
def test_a_result_says_connected_and_each_thing_with_its_fix(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    page = admin.get(f"/orgs/{org.key}/tests/{made(org).pk}/").content.decode()
    assert "Connected! 1 of 2 sources work." in page
    assert "Dark: Setup audit trail (The user lacks View Setup)." in page
    assert "hx-get" not in page.partition('id="test"')[2]  # done: nothing asks again
    for words in ("Dark.", "Fail.", "Not known.", "Warning.", "Off.", "1 passed", "0.2 s, 1 call"):
        assert words in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_test_that_was_cut_off_says_that_nothing_is_known(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    lost = made(org, state="running", ended_at=None, connected=None, lines=[], sources=[],
                started_at=timezone.now() - timedelta(hours=1))  # fmt: skip
    page = admin.get(f"/orgs/{org.key}/tests/{lost.pk}/").content.decode()
    assert "Cut off" in page
    assert "Nothing is known" in page
    assert "hx-trigger" not in page.partition('id="test"')[2]


@pytest.mark.seed("M13")
def test_a_result_can_be_downloaded_as_json_and_text(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    address = f"/orgs/{org.key}/tests/{made(org).pk}/result"
    answer = admin.get(f"{address}.json")
    told = json.loads(answer.content)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert told["connected"] is True
    assert [e["verdict"] for e in told["entries"]] == [
        "pass", "fail", "unknown", "warn", "works", "dark", "off",
    ]  # fmt: skip
    text = admin.get(f"{address}.txt")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert "[fail] View Setup and Configuration: Missing." in text.content.decode()
    assert admin.get(f"{address}.exe").status_code == 404


def test_a_test_of_another_tenant_is_not_there(admin: Client, tenants: dict[str, Org]) -> None:
    other = made(tenants["fine"])
    assert admin.get(f"/orgs/{tenants['broken'].key}/tests/{other.pk}/").status_code == 404


def test_a_viewer_sees_results_and_cannot_start_one(
    signed_in: SignedIn, tenants: dict[str, Org]
) -> None:
    org, viewer = tenants["fine"], signed_in("viewer")
    page = viewer.get(f"/orgs/{org.key}/tests/{made(org).pk}/")
    assert page.status_code == 200
    assert "Test again" not in page.content.decode()
    assert viewer.post(f"/orgs/{org.key}/test/").status_code == 403


def test_whoever_may_test_the_tenant_may_test_again(
    people: dict[str, User], tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    org = tenants["fine"]
    memberships.give(people["viewer"], Role.ADMINISTRATOR, org)
    page = signed_in("viewer").get(f"/orgs/{org.key}/tests/{made(org).pk}/").content.decode()
    assert "Test again" in page
