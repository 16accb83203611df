"""Secrets that lie elsewhere are read when used, and named but never shown in errors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import references


def test_a_file_a_variable_and_a_command_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret file"
    file.write_text("from-the-file\n")
    monkeypatch.setenv("THE_SECRET", "from-the-variable")
    assert references.read(f"file:{file}") == "from-the-file"
    assert references.read("env:THE_SECRET") == "from-the-variable"
    assert references.read(f"command:{sys.executable} -c 'print(\"told\")'") == "told"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("file:/nowhere/at/all", "cannot be read"),
        ("file:relative", "not a whole path"),
        ("file:/etc/\x00", "holds a NUL"),
        ("env:NOBODY_SET_THIS", "is not set"),
        ("command:/nowhere/at/all", "does not run"),
        ("command:", "does not run"),
        ("command:'unfinished", "does not run"),
        ("command:false", "ended with 1"),
        ("command:true", "is empty"),
        ("vault:x", "no reference"),
    ],
)
def test_what_cannot_be_read_says_so_with_the_fix(reference: str, says: str) -> None:
    with pytest.raises(NeedsPerson) as raised:
        references.read(reference)
    assert says in raised.value.what
    assert raised.value.fix


def test_what_a_failed_command_printed_is_not_repeated() -> None:
    with pytest.raises(NeedsPerson) as raised:
        references.read(f"command:{sys.executable} -c 'print(\"hush\"); raise SystemExit(3)'")
    assert "hush" not in raised.value.sentence()


@pytest.mark.parametrize(
    ("reference", "fits"),
    [
        ("file:/etc/orgwarden/secrets/prod", True),
        ("file:/etc/orgwarden/secrets/../../shadow", False),
        ("file:/etc/orgwarden/secrets//prod", False),
        ("file:/etc/shadow", False),
        ("env:ORGWARDEN_SECRET_PROD", True),
        ("env:HOME", False),
        ("command:/usr/bin/vault read prod", True),
        ("command:/usr/bin/vault read prod --and-more", False),
        ("command:/bin/sh", False),
        ("a-plain-secret", False),
    ],
)
def test_a_page_takes_only_references_that_the_operator_named(reference: str, fits: bool) -> None:
    named = (
        "file:/etc/orgwarden/secrets/", "env:ORGWARDEN_SECRET_", "command:/usr/bin/vault read prod"
    )  # fmt: skip
    assert references.allowed(reference, named) is fits
    assert not references.allowed(reference, ())
