"""The content security policy is on every answer, and no page needs an exception from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

import orgwarden.web
from orgwarden.records.models import Membership, Org
from tests.web.conftest import SignedIn

TEMPLATES = sorted((Path(orgwarden.web.__file__).parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", ["/sign-in/", "/health/", "/", "/not-there/"])
@pytest.mark.django_db
def test_every_answer_carries_the_policy(path: str) -> None:
    answer = Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert policy.startswith(
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    )
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer["Permissions-Policy"]


def test_pages_are_kept_out_of_caches(tenants: dict[str, Org], signed_in: SignedIn) -> None:
    assert "no-store" in signed_in("viewer").get("/")["Cache-Control"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_no_template_holds_inline_script_style_or_foreign_addresses(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(src|href)=[\"']https?:", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_a_form_may_lead_to_the_tenants_own_salesforce_address_only(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    fine = tenants["fine"]
    policy = signed_in("viewer").get(f"/orgs/{fine.key}/")["Content-Security-Policy"]
    assert f"form-action 'self' {fine.url};" in policy
    assert tenants["broken"].url not in policy
    overview = signed_in("viewer").get("/")["Content-Security-Policy"]
    assert "form-action 'self';" in overview


def test_the_policy_tells_nobody_the_address_of_a_tenant_they_may_not_see(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    fine, broken = tenants["fine"], tenants["broken"]
    viewer = signed_in("viewer")
    Membership.objects.filter(person__username="viewer").update(org=fine)
    assert fine.url in viewer.get(f"/orgs/{fine.key}/")["Content-Security-Policy"]
    answer = viewer.get(f"/orgs/{broken.key}/")
    assert answer.status_code == 404
    assert "form-action 'self';" in answer["Content-Security-Policy"]


def test_a_report_that_is_nested_deeply_is_only_not_understood(db: None) -> None:
    body = "[" * 8000
    answer = Client().post("/csp-report/", body, content_type="application/csp-report")
    assert answer.status_code == 204


@pytest.mark.parametrize("url", ["https://x.example; script-src *", "https://]]>", "", "https://"])
def test_an_address_that_is_no_origin_does_not_get_into_the_policy(
    url: str, tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    Org.objects.filter(pk=tenants["fine"].pk).update(url=url)
    policy = signed_in("viewer").get(f"/orgs/{tenants['fine'].key}/")["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "form-action 'self';" in policy


def test_a_form_may_lead_to_the_single_sign_on_provider(
    db: None, settings: pytest.FixtureRequest
) -> None:
    settings.ORGWARDEN_OIDC_FORM_HOSTS = ("https://login.example",)  # type: ignore[attr-defined]
    assert (
        "form-action 'self' https://login.example;"
        in Client().get("/sign-in/")["Content-Security-Policy"]
    )


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil"])
def test_another_host_is_refused(host: str) -> None:
    assert Client(HTTP_HOST=host).get("/health/").status_code == 400


REPORT = {
    "csp-report": {
        "document-uri": "http://testserver/orgs/abc/?secret=1",
        "effective-directive": "script-src-elem",
        "blocked-uri": "inline\nforged line" + "x" * 500,
    }
}


@pytest.mark.django_db
def test_what_a_browser_refused_is_logged_shortened(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().post(
        "/csp-report/", json.dumps(REPORT), content_type="application/csp-report"
    )
    assert answer.status_code == 204
    [line] = [r.getMessage() for r in caplog.records if "refused something" in r.getMessage()]
    assert "script-src-elem on http://testserver/orgs/abc/" in line
    assert "secret" not in line
    assert "\n" not in line
    assert len(line) < 400


@pytest.mark.django_db
def test_reports_are_limited_in_size_and_number_and_nonsense_is_no_fault() -> None:
    client = Client()

    def sent(body: str) -> int:
        return client.post("/csp-report/", body, content_type="application/csp-report").status_code

    assert sent("x" * 20_000) == 413
    assert {sent(b) for b in ("[]", "[1]", "{}", '{"csp-report": 1}', "\x00")} == {204}
    assert 429 in {sent("{}") for _ in range(25)}
