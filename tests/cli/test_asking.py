"""The commands before a connection: a survey, and the package of the app."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.support.command import Installation
from tests.support.orgsim import OrgsimServer


def test_a_survey_needs_no_installation_and_leaves_none(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    app = still_org.app()
    words = ("survey", still_org.url, "--client-id", app["consumer_key"], "--client-secret-stdin")
    found = fresh.run(*words, "--json", stdin=app["consumer_secret"], exits=0).json
    assert found["connected"] is True
    assert found["calls_made"] < 50
    told = fresh.run(*words, stdin=app["consumer_secret"], exits=0)
    assert "Connected!" in told.text
    assert "calls a day" in told.text
    assert app["consumer_secret"] not in told.text + told.err


def test_a_survey_without_a_secret_says_how_to_give_it(fresh: Installation) -> None:
    ended = fresh.run("survey", "https://acme.my.salesforce.com", "--client-id", "x", exits=2)
    assert "--client-secret-stdin" in ended.err


@pytest.mark.seed("C14", "M5", "D4")
def test_the_package_is_written_with_the_steps_beside_it(
    fresh: Installation, tmp_path: Path
) -> None:
    output = tmp_path / "app.zip"
    words = ("org", "package", "--flow", "client-credentials", "--run-as", "bot@acme.example")
    ended = fresh.run(
        *words, "--egress", "198.51.100.7", "--tier", "metadata", "--output", str(output), exits=0
    )
    assert ended.text.startswith("1. ")
    with zipfile.ZipFile(output) as archive:
        names = archive.namelist()
    assert "metadata/permissionsets/Orgwarden_Metadata.permissionset" in names
    assert "metadata/permissionsets/Orgwarden_Sign_ins.permissionset" not in names


def test_a_private_key_is_not_packed(fresh: Installation, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n")
    output = tmp_path / "app.zip"
    ended = fresh.run("org", "package", "--certificate", str(key), "--output", str(output), exits=2)
    assert "private key" in ended.err
    assert not output.exists()


def test_a_source_that_is_off_says_so_when_it_is_asked_for(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    app = still_org.app()
    connected = fresh.run(
        "org", "connect", "prod", "--url", still_org.url, "--client-id", app["consumer_key"],
        "--client-secret-stdin", stdin=app["consumer_secret"], exits=0,
    )  # fmt: skip
    assert "not opted in to: login_history" in connected.err
    assert "orgwarden org edit prod --tier sign_ins" in connected.err
    ended = fresh.run("collect", "prod", "--source", "login_history", exits=0)
    assert "Sign-ins of all users was not opted in to" in ended.err
    fresh.run("collect", "prod", exits=0)
    states = {s["id"]: s for s in fresh.org("prod")["sources"]}
    assert states["login_history"]["state"] == "off"
    assert fresh.org("prod")["status"] == "success"
    ended = fresh.run(
        "org", "connect", "x", "--url", "y", "--client-id", "z", "--tier", "t", exits=2
    )
    assert "There is no tier t." in ended.err
