"""What every answer and every refusal of the API looks like, and what it costs to have one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from orgwarden.core.roles import Role
from orgwarden.web.api import application, problems
from tests.web.api.callers import operations, person, token

KEYS = {"type", "title", "status", "detail", "fix", "code"}


def ask(client: Client, method: str, path: str, text: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {text}"} if text else {}
    return client.generic(method, path, headers=headers, **more)


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == problems.KIND
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.json()
    assert set(told) >= KEYS
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["detail"].endswith(".")
    return told


def test_the_document_is_public_and_complete() -> None:
    answer = Client().get("/api/v1/openapi.json")
    document = answer.json()
    assert document == json.loads(json.dumps(application.document()))
    assert document["openapi"].startswith("3.1")
    assert len(operations()) >= 25
    for methods in document["paths"].values():
        for told in methods.values():
            assert told["summary"]
            assert told["security"] == [{"ApiToken": []}]
            for status, response in told["responses"].items():
                [kind] = response["content"]
                assert kind == (problems.KIND if int(status) >= 400 else "application/json")
    assert Client().post("/api/v1/openapi.json").status_code == 405


@pytest.mark.parametrize("path", ["", "nothing", "tenants/", "openapi.json/x", "a%0Ab", "%00", "é"])
def test_an_unknown_address_is_a_problem_document(path: str) -> None:
    told = assert_problem(Client().get(f"/api/v1/{path}"), 404)
    assert told["code"] == "NO_OPERATION"


def test_a_method_that_is_not_there_names_those_that_are() -> None:
    answer = Client().put("/api/v1/tenants")
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "GET"


@pytest.mark.django_db
def test_what_was_sent_wrong_is_named() -> None:
    text = token(person("ann", Role.ADMINISTRATOR))
    client = Client()
    told = assert_problem(ask(client, "GET", "/api/v1/incidents?limit=0&open=maybe", text), 422)
    assert {e["field"] for e in told["errors"]} == {"query.limit", "query.open"}
    told = assert_problem(ask(client, "GET", "/api/v1/incidents?opne=true", text), 422)
    assert told["code"] == "PARAMETER"
    assert "opne" in told["detail"]
    assert "open" in told["fix"]
    query = "/api/v1/events/query"
    for body in ("{", '"text"', "[]", "\xff", ""):
        kind = "application/json"
        answer = ask(client, "POST", query, text, data=body.encode("latin-1"), content_type=kind)
        assert_problem(answer, 400 if body in ("{", "\xff") else 422)
    body = json.dumps({"sql": "SELECT 1", "surprise": 1})
    told = assert_problem(
        ask(client, "POST", query, text, data=body, content_type="application/json"), 422
    )
    assert told["errors"][0]["field"].endswith("surprise")


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_refused() -> None:
    text = token(person("ann", Role.ADMINISTRATOR))
    body = b'{"sql": "' + b"x" * 3_000_000 + b'"}'
    answer = ask(
        Client(), "POST", "/api/v1/events/query", text, data=body, content_type="application/json"
    )
    assert_problem(answer, 413)


@pytest.mark.django_db
def test_answers_carry_the_headers_of_every_page_and_no_cookie() -> None:
    text = token(person("ann", Role.ADMINISTRATOR))
    answer = ask(Client(), "GET", "/api/v1/tenants", text)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.cookies == {}


def test_pages_and_commands_do_not_load_what_the_api_is_made_of() -> None:
    code = """
import django, sys
django.setup()
from django.test import Client as Any
from orgwarden.records.setup import prepare_database
prepare_database()
def Client():
    return Any(headers={"Host": "localhost"})
import orgwarden.cli.main
assert Client().get("/sign-in/").status_code == 200
print([m for m in ("ninja", "pydantic") if m in sys.modules])
assert Client().get("/api/v1/openapi.json").status_code == 200
assert "ninja" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.support.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
