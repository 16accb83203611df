"""Webhook, Slack and Teams: signed where that is possible, hostile text stays text everywhere."""

from __future__ import annotations

import base64
import json

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from orgwarden.core.problems import NeedsPerson
from orgwarden.notify import slack, teams, webhook
from orgwarden.notify.address import web_address
from orgwarden.notify.content import Content
from tests.notify.texts import HOSTILE
from tests.support.mailbox import Inbox

AT = "2026-11-22T00:00:00Z"


def content(text: str) -> Content:
    return Content(
        "incident.opened", text, (text,), AT, text, (("Tenant", text), (text, "x")),
        "https://orgwarden.example/orgs/k/", "error", "k", 1,
    )  # fmt: skip


def test_a_webhook_is_signed_and_its_id_stays(inbox: Inbox) -> None:
    secret = webhook.new_secret()
    place = web_address(f"{inbox.url}/in", frozenset({inbox.named}))
    for _ in range(2):
        webhook.send(place, secret, content("prod"), message_id="msg-1")
    first, second = inbox.got
    told = Webhook(secret).verify(first.body, first.headers)
    assert told["type"] == "incident.opened"
    assert told["data"]["tenant"] == "k"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "msg-1"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(first.body.replace(b"prod", b"test"), first.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook.new_secret()).verify(first.body, first.headers)


@pytest.mark.parametrize(
    "text", ["", "secret", "whsec_", "whsec_!!!", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_a_weak_signing_secret_is_refused(text: str) -> None:
    with pytest.raises(NeedsPerson):
        webhook.checked_secret(text)
    assert webhook.checked_secret(webhook.new_secret())


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_slack_reads_no_markup_and_no_mention(text: str) -> None:
    made = slack.payload(content(text))
    assert "<" not in made["text"]
    assert ">" not in made["text"]
    assert made["mrkdwn"] is False
    texts = [b["text"] for b in made["blocks"] if "text" in b]
    assert {t["type"] for t in texts} == {"plain_text"}
    assert len(made["blocks"][0]["text"]["text"]) <= 150
    assert len(made["blocks"][1]["text"]["text"]) <= 3000
    assert "canary" not in json.dumps(made)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_teams_gets_text_runs_in_which_no_markdown_is_read(text: str) -> None:
    made = teams.payload(content(text))
    card = made["attachments"][0]["content"]
    assert {b["type"] for b in card["body"]} == {"RichTextBlock"}
    assert {r["type"] for b in card["body"] for r in b["inlines"]} == {"TextRun"}
    assert [a["url"] for a in card["actions"]] == ["https://orgwarden.example/orgs/k/"]
    assert len(json.dumps(made)) < 28_000
    assert "canary" not in json.dumps(made)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_webhooks_text_holds_nothing_invisible(text: str) -> None:
    told = json.loads(webhook.payload(content(text)))
    assert told["data"]["subject"].isprintable()
    assert "canary" not in json.dumps(told)
