"""`orgwarden token …`, and commands that run as the person of `ORGWARDEN_TOKEN`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from orgwarden.cli.acting import FREE, RULES, commands
from orgwarden.cli.main import app
from orgwarden.core.roles import CHANGING, Right
from tests.support.command import Installation

pytestmark = pytest.mark.xdist_group("tokens-cli")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("tokens"))
    made.init()
    return made


def token(installation: Installation, *scopes: str) -> str:
    words = [w for s in scopes for w in ("--scope", s)]
    made = installation.run("token", "create", "admin", "--name", "test", *words, "--json", exits=0)
    text: str = made.json["token"]
    return text


def audit(installation: Installation) -> list[tuple[str, str, dict[str, object]]]:
    with sqlite3.connect(installation.home / "records.sqlite3") as connection:
        rows = connection.execute("SELECT actor, action, detail FROM records_auditentry").fetchall()
    connection.close()
    return [(actor, action, json.loads(detail)) for actor, action, detail in rows]


def test_every_command_says_what_right_it_needs_or_that_it_needs_none() -> None:
    named = {path for path, _ in commands(app)}
    assert named == FREE | set(RULES), "a new command needs a row in cli/acting.py"
    assert not FREE & set(RULES)
    assert all(rule.right in CHANGING or not rule.changes for rule in RULES.values())


def test_a_token_is_printed_once_listed_without_its_text_and_revoked(
    installation: Installation,
) -> None:
    made = installation.run(
        "token", "create", "admin", "--name", "nightly", "--scope", "read,collect", exits=0
    )
    text = made.text.strip()
    assert text.startswith("ow_")
    assert "shown once" in made.err
    listed = installation.run("token", "list", "admin", "--json", exits=0)
    [row] = [t for t in listed.json if t["name"] == "nightly"]
    assert text not in listed.text
    assert row["state"] == "active"
    assert row["scopes"] == ["read", "collect"]
    assert text.startswith(row["start"])
    assert text.encode() not in (installation.home / "records.sqlite3").read_bytes()
    installation.run("token", "revoke", row["start"], exits=0)
    refused = installation.run("lake", "compact", env={"ORGWARDEN_TOKEN": text}, exits=1)
    assert "was revoked" in refused.sentence


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", "--name", "x", "--scope", "read"), "no person nobody"),
        (("admin", "--name", "x"), "needs a scope"),
        (("admin", "--name", "x", "--scope", "root"), "no scope root"),
        (("admin", "--name", " ", "--scope", "read"), "needs a name"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(
    installation: Installation, words: tuple[str, ...], says: str
) -> None:
    assert says in installation.run("token", "create", *words).sentence


def test_with_a_token_a_command_runs_as_its_person_and_the_audit_chain_says_by_which(
    installation: Installation,
) -> None:
    text = token(installation, "query")
    env = {"ORGWARDEN_TOKEN": text}
    installation.run("events", "query", "SELECT count(*) AS n FROM activity", env=env, exits=0)
    actor, action, detail = audit(installation)[-1]
    assert (actor, action) == ("admin", "console:events:queried")
    assert detail["via"] == f"test ({text[:9]}…)"
    listed = installation.run("token", "list", "--json", exits=0).json
    assert next(t for t in listed if t["start"] == text[:9])["last_used_from"] == "command line"


def test_a_token_without_the_scope_is_refused_with_the_fix(installation: Installation) -> None:
    env = {"ORGWARDEN_TOKEN": token(installation, "read")}
    refused = installation.run("org", "delete", "prod", "--yes", env=env, exits=1).sentence
    assert "no scope manage" in refused
    assert "this one has read" in refused


def test_a_token_that_was_copied_badly_is_refused_before_anything_runs(
    installation: Installation,
) -> None:
    text = token(installation, "manage")
    refused = installation.run("lake", "compact", env={"ORGWARDEN_TOKEN": text[:-1]}, exits=1)
    assert "whole API token" in refused.sentence
    assert text[:-1] not in refused.err


def test_where_a_token_is_required_changes_need_one_and_looking_does_not(
    installation: Installation,
) -> None:
    required = {"ORGWARDEN_REQUIRE_TOKEN": "1"}
    for words in (
        ("lake", "compact"),
        ("collect",),
        ("token", "create", "admin", "--name", "x", "--scope", "read"),
    ):
        refused = installation.run(*words, env=required, exits=1).sentence
        assert "need an API token" in refused
        assert "ORGWARDEN_TOKEN" in refused
    installation.run("status", "--json", env=required, exits=0)
    installation.run("events", "query", "SELECT 1 AS one", env=required, exits=0)
    with_token = required | {"ORGWARDEN_TOKEN": token(installation, "manage")}
    installation.run("lake", "compact", env=with_token, exits=0)


def test_without_a_token_the_person_at_the_host_is_the_operator(
    installation: Installation,
) -> None:
    installation.run("events", "query", "SELECT 1 AS one", exits=0)
    actor, _, detail = audit(installation)[-1]
    assert actor.startswith("command:")
    assert "via" not in detail


def test_no_token_is_left_in_the_home_or_in_what_was_printed_later(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "home", ORGWARDEN_LOG_LEVEL="DEBUG")
    installation.init()
    text = token(installation, "manage", "query")
    installation.printed = b""
    env = {"ORGWARDEN_TOKEN": text}
    installation.run("lake", "compact", env=env, exits=0)
    installation.run("events", "query", "SELECT nonsense", env=env)
    installation.run("org", "delete", "prod", "--yes", env=env)
    for file in (f for f in installation.home.rglob("*") if f.is_file()):
        assert text.encode() not in file.read_bytes()
    assert text.encode() not in installation.printed


def test_only_a_token_that_may_administer_makes_tokens(installation: Installation) -> None:
    words = ("token", "create", "admin", "--name", "x", "--scope", "administer")
    env = {"ORGWARDEN_TOKEN": token(installation, "manage")}
    assert "no scope administer" in installation.run(*words, env=env, exits=1).sentence
    assert RULES["token create"].right is Right.MANAGE_TOKENS
