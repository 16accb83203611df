"""A signed webhook, as standardwebhooks.com describes it.

`webhook-id` stays the same when a message is sent again, so that a receiver can leave out what it
has; `webhook-signature` is HMAC-SHA256 over id, time and body with the destination's secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from orgwarden.core.problems import NeedsPerson
from orgwarden.notify.address import WebAddress
from orgwarden.notify.content import Content, HandOver, neutral
from orgwarden.notify.http import call

PREFIX = "whsec_"


def new_secret() -> str:
    """A signing secret to be given to the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked_secret(text: str) -> str:
    """A secret somebody brought along: `whsec_` and base64 of 24 to 64 bytes."""
    try:
        size = len(base64.b64decode(text.removeprefix(PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not text.startswith(PREFIX) or not 24 <= size <= 64:
        raise NeedsPerson(
            "That is not a signing secret.",
            fix="Leave it empty for a new one, or give whsec_ and base64 of 24 to 64 bytes.",
            code="SIGNING_SECRET",
        )
    return text


def payload(content: Content) -> bytes:
    """The body: what happened as JSON, in plain text fields."""
    names = {"ready": "tenant.ready", "test": "test"}
    value = {
        "type": names.get(content.event, content.event),
        "timestamp": content.at,
        "data": {
            "subject": neutral(content.subject),
            "words": [neutral(w) for w in content.words],
            "fix": neutral(content.fix),
            "facts": {neutral(k): neutral(v) for k, v in content.facts},
            "link": content.link,
            "kind": content.kind,
            "tenant": content.tenant,
            "incident": content.incident,
        },
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def send(
    address: WebAddress,
    secret: str,
    content: Content,
    *,
    message_id: str,
    hand_over: HandOver = lambda: None,
) -> None:
    """Sign and send. Raises as `http.call` does."""
    body, now = payload(content), datetime.now(UTC)
    signed = Webhook(secret).sign(message_id, now, body.decode())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
    }
    call(address, body=body, headers=headers, hand_over=hand_over)
