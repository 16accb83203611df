"""`orgwarden notify`: destinations from the command line, without a secret in a process list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.canaries import assert_absent
from tests.support.command import Installation
from tests.support.mailbox import Inbox, Mailbox

CANARY = "T0CANARY0B0CANARY0x9f8e7d6c5b4a"


@pytest.fixture
def made(tmp_path: Path, inbox: Inbox, mailbox: Mailbox) -> Installation:
    installation = Installation(
        tmp_path / "home",
        ORGWARDEN_ALLOWED_NOTIFY_HOSTS=inbox.named,
        ORGWARDEN_SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}",
        ORGWARDEN_MAIL_FROM="orgwarden@example.org",
    )
    installation.init()
    return installation


def test_destinations_are_added_tried_listed_and_deleted(
    made: Installation, inbox: Inbox, mailbox: Mailbox
) -> None:
    add = ("notify", "add")
    made.run(*add, "team", "--kind", "email", "--address", "team@example.com", exits=0)
    told = made.run(
        *add, "pager", "--kind", "webhook", "--address-stdin", "--json",
        stdin=f"{inbox.url}/in/{CANARY}\n", exits=0,
    ).json  # fmt: skip
    assert told["signing_secret"].startswith("whsec_")
    assert told["to"] == inbox.named
    made.run("notify", "test", "team", exits=0)
    made.run("notify", "test", "pager", exits=0)
    assert mailbox.recipients == ["team@example.com"]
    assert inbox.got[0].path == f"/in/{CANARY}"
    inbox.answers = [503]
    failed = made.run("notify", "test", "pager", exits=1)
    assert "answered 503" in failed.sentence
    listed = made.run("notify", "list", "--json", exits=0).json
    assert [(d["name"], d["kind"], d["last_delivery"] is not None) for d in listed] == [
        ("pager", "webhook", True),
        ("team", "email", True),
    ]
    assert "answered 503" in listed[0]["last_problem"]
    assert "pager" in made.run("notify", "list", exits=0).text
    made.run("notify", "delete", "PAGER", exits=0)
    assert [d["name"] for d in made.run("notify", "list", "--json", exits=0).json] == ["team"]
    assert_absent([CANARY], made.home, made.printed)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "x", "--kind", "pigeon"), "There is no kind pigeon."),
        (("add", "x", "--kind", "slack", "--address", "https://x.example"), "standard input only"),
        (("add", "x", "--kind", "email"), "No address was given."),
        (("test", "nobody"), "There is no destination nobody."),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(
    made: Installation, words: tuple[str, ...], says: str
) -> None:
    assert says in made.run("notify", *words, exits=2).sentence


def test_an_address_inside_is_refused_in_one_sentence(made: Installation) -> None:
    refused = made.run(
        "notify", "add", "x", "--kind", "slack", "--address-stdin",
        stdin=f"https://169.254.169.254/{CANARY}", exits=1,
    )  # fmt: skip
    assert "ORGWARDEN_ALLOWED_NOTIFY_HOSTS" in refused.sentence
    assert CANARY not in refused.err


def test_a_wrong_mail_setting_names_its_variable(made: Installation) -> None:
    env = {"ORGWARDEN_SMTP_URL": f"smtp://ada:{CANARY}@mail.example.com"}
    refused = made.run("notify", "list", env=env, exits=1)
    assert "ORGWARDEN_SMTP_URL cannot be used" in refused.sentence
    assert CANARY not in refused.err
