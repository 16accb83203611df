"""What every command owes: help with an example, one sentence for what is wrong, exit codes."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orgwarden import __version__
from orgwarden.cli.acting import commands
from orgwarden.cli.main import app
from tests.support.command import ORGWARDEN, Installation
from tests.support.orgsim import OrgsimServer

COMMANDS = tuple(path for path, _ in commands(app))
GROUPS = tuple(group.name for group in app.registered_groups)
STRANGE = (  # what was typed, and a part of the sentence that answers it
    (("collect", "nobody"), "no tenant named nobody"),
    (("org", "show", "nobody"), "no tenant named nobody"),
    (("org", "delete", "nobody", "--yes"), "no tenant named nobody"),
    (("events", "query", "SELECT 1", "--org", "nobody"), "no tenant named nobody"),
    (("lake", "verify", "nobody"), "no tenant named nobody"),
    (("collect", "prod", "--source", "weather"), "no source weather"),
    (("events", "query", "SELECT 1", "--format", "xml"), "no format xml"),
    (("org", "delete", "prod"), "--yes"),
    (("org", "connect", "x", "--url", "https://x.my.salesforce.com", "--client-id", "y"),
     "--client-secret-stdin"),
    (("org", "connect", "x", "--url", "https://x.my.salesforce.com", "--client-id", "y",
      "--client-secret-stdin"), "input was empty"),
    (("org", "connect", "x", "--url", "https://x.my.salesforce.com", "--client-id", "y",
      "--flow", "magic"), "no flow magic"),
)  # fmt: skip


def helped(*words: str) -> str:
    """What `--help` prints, in this process: seventeen times the start would take a minute."""
    ended = CliRunner().invoke(app, [*words, "--help"])
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    words = " ".join(re.sub(r"[│╭╮╰╯─]", " ", helped(*command.split())).split())
    assert f"Example: orgwarden {command}" in words


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_80_columns_breaks_where_the_terminal_does_and_cuts_no_option(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 80)
    text = helped(*command.split())
    assert not re.findall(r"--[\w-]*…|default: [^]]*…", text)
    assert "--no-" not in text
    prose = [line.strip() for line in text.partition("╭")[0].splitlines()]
    for line, after in pairwise(prose):
        if line and after:
            assert len(line) + 1 + len(after.split()[0]) > 76, (line, after)


def test_the_version_is_told_in_both_ways() -> None:
    for words in (["--version"], ["version"]):
        ended = CliRunner().invoke(app, words)
        assert (ended.exit_code, ended.output) == (0, f"{__version__}\n")


def test_the_list_of_commands_is_whole() -> None:
    told = set()
    for group in ("", *GROUPS):
        text = helped(*group.split())
        names = re.findall(r"^│ ([a-z][a-z-]+) ", text.split("Commands", 1)[1], re.M)
        assert names
        told |= {f"{group} {name}".strip() for name in names}
    assert told - set(GROUPS) == set(COMMANDS)


def test_help_needs_no_installation_and_makes_none(fresh: Installation) -> None:
    ended = fresh.run("collect", "--help", exits=0)
    assert "Example" in ended.text
    assert ended.err == ""
    assert not fresh.home.exists()


@pytest.mark.parametrize(("typed", "answer"), STRANGE, ids=lambda v: " ".join(v[:3]))
def test_what_cannot_be_done_is_answered_in_one_sentence_with_the_fix(
    collected: Installation, typed: tuple[str, ...], answer: str
) -> None:
    ended = collected.run(*typed)
    assert ended.code == 2
    assert ended.out == b""
    assert answer in ended.sentence
    assert ended.sentence.count(". ") >= 1  # what is wrong, then what to do
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "typed",
    [
        ("collect", "--nonsense"),
        ("nonsense",),
        ("org", "connect", "x"),
        ("web", "--port", "99999"),
        ("serve", "--port", "many"),
        ("events", "query"),
    ],
    ids=" ".join,
)
def test_usage_errors_end_with_2_and_print_nothing_to_standard_output(
    fresh: Installation, typed: tuple[str, ...]
) -> None:
    ended = fresh.run(*typed)
    assert ended.code == 2
    assert ended.out == b""
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "command", ["status", "worker", "web", "collect", "org connect", "events query"]
)
def test_an_installation_that_was_never_made_is_told_to_run_init(
    fresh: Installation, command: str
) -> None:
    more: dict[str, tuple[str, ...]] = {
        "org connect": ("x", "--url", "https://x.my.salesforce.com", "--client-id", "y",
                        "--client-secret-stdin"),
        "events query": ("SELECT 1",),
    }  # fmt: skip
    ended = fresh.run(*command.split(), *more.get(command, ()), stdin="secret", timeout=60)
    assert ended.code == 1
    assert "orgwarden init" in ended.sentence
    assert ended.err.count("\n") == 1
    assert not fresh.home.exists()  # looking does not make anything


def test_init_is_idempotent_and_shows_a_made_up_password_once(fresh: Installation) -> None:
    first = fresh.run("init", "--json", exits=0).json
    assert first["created"] is True
    assert len(first["password"]) >= 20
    assert first["admin"] == "admin"
    before = {p: p.read_bytes() for p in fresh.home.rglob("key*") if p.is_file()}
    second = fresh.run("init", "--json", exits=0).json
    assert (second["created"], second["password"]) == (False, None)
    assert {p: p.read_bytes() for p in fresh.home.rglob("key*") if p.is_file()} == before
    assert fresh.home.stat().st_mode & 0o077 == 0


def test_the_first_administrator_comes_from_the_environment(fresh: Installation) -> None:
    named = {"ORGWARDEN_ADMIN_USER": "ann", "ORGWARDEN_ADMIN_PASSWORD": "a long enough pass phrase"}
    ended = fresh.run("init", env=named, exits=0)
    assert "ann" in ended.err
    assert "pass phrase" not in ended.err + ended.text


def test_the_version_is_told_without_an_installation(fresh: Installation) -> None:
    told = fresh.run("version", exits=0)
    assert fresh.run("version", "--json", exits=0).json == {"version": told.text.strip()}
    assert not fresh.home.exists()


def test_a_broken_pipe_is_no_error_message(collected: Installation) -> None:
    sql = "SELECT * FROM range(100000)"
    with subprocess.Popen(
        [str(ORGWARDEN), "events", "query", sql, "--format", "csv"],
        env=collected.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
    assert said == b""


def test_wrong_settings_are_named_in_one_sentence(collected: Installation) -> None:
    for variable, value in (
        ("ORGWARDEN_PUBLIC_URL", "nowhere"),
        ("ORGWARDEN_DATABASE_URL", "mysql://localhost/x"),
        ("ORGWARDEN_ALLOWED_SALESFORCE_HOSTS", "not a host"),
        ("ORGWARDEN_LOG_LEVEL", "LOUD"),
    ):
        ended = collected.run("status", env={variable: value})
        assert ended.code == 1
        assert variable in ended.sentence
    lake = {"ORGWARDEN_LAKE_URL": "gopher://x/y"}
    ended = collected.run("events", "query", "SELECT 1", env=lake)
    assert "ORGWARDEN_LAKE_URL" in ended.sentence


def test_a_damaged_database_is_told_in_one_sentence(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    (fresh.home / "records.sqlite3").write_bytes(b"this is no database" * 1000)
    for leftover in ("-wal", "-shm"):
        Path(f"{fresh.home / 'records.sqlite3'}{leftover}").unlink(missing_ok=True)
    ended = fresh.run("status")
    assert ended.code == 1
    assert "database" in ended.sentence
