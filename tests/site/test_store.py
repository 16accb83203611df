"""The object store of the lake, from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import home
from orgwarden.site.store import store

VARIABLES = (
    "ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY", "SECRET_KEY_FILE", "SESSION_TOKEN",
    "SESSION_TOKEN_FILE", "ALLOW_HTTP",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(f"ORGWARDEN_LAKE_{name}", raising=False)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_all_is_left_to_amazons_chain() -> None:
    found = store()
    assert (found.endpoint, found.region, found.access_key, found.secret_key) == ("",) * 4
    assert found.drafts == str(home.path() / "spool")


def test_keys_may_lie_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the secret\n")
    monkeypatch.setenv("ORGWARDEN_LAKE_ENDPOINT", "https://store.example.com:9000/")
    monkeypatch.setenv("ORGWARDEN_LAKE_ACCESS_KEY", "the key")
    monkeypatch.setenv("ORGWARDEN_LAKE_SECRET_KEY_FILE", str(file))
    found = store()
    assert found.endpoint == "https://store.example.com:9000"
    assert (found.region, found.access_key, found.secret_key) == (
        "us-east-1", "the key", "the secret"
    )  # fmt: skip
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert store().region == "eu-central-1"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"ENDPOINT": "store:9000"}, "ENDPOINT"),
        ({"ENDPOINT": "https://store/bucket"}, "ENDPOINT"),
        ({"ENDPOINT": "https://k:the-secret@store"}, "ENDPOINT"),
        ({"ENDPOINT": "https://store:99999"}, "ENDPOINT"),
        ({"ENDPOINT": "http://store:9000"}, "ALLOW_HTTP"),
        ({"ACCESS_KEY": "the-secret"}, "SECRET_KEY_FILE"),
        ({"SECRET_KEY": "the-secret"}, "ACCESS_KEY"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], names: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"ORGWARDEN_LAKE_{name}", value)
    with pytest.raises(NeedsPerson) as problem:
        store()
    assert f"ORGWARDEN_LAKE_{names}" in problem.value.sentence()
    assert "the-secret" not in problem.value.sentence()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ORGWARDEN_LAKE_ENDPOINT", f"http://{host}:9000")
    assert store().endpoint == f"http://{host}:9000"
