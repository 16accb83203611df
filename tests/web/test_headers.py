"""The content security policy is on every answer, and no page needs an exception from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import orgwarden.web
from orgwarden.records.models import Org
from tests.web.conftest import SignedIn

TEMPLATES = sorted((Path(orgwarden.web.__file__).parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", ["/sign-in/", "/health/", "/", "/not-there/"])
@pytest.mark.django_db
def test_every_answer_carries_the_policy(path: str) -> None:
    answer = Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
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
