"""Microsoft Teams: an Adaptive Card for a workflow's webhook.

Text stands in text runs, which Teams does not read as Markdown, as it does a TextBlock.
"""

from __future__ import annotations

import json
from typing import Any

from orgwarden.notify.address import WebAddress
from orgwarden.notify.content import Content, HandOver, lines, neutral
from orgwarden.notify.http import call

_MOST = 2000  # characters of one run: a message of 28 KB is refused whole


def payload(content: Content) -> dict[str, Any]:
    """The message with one card."""
    body = [_run(neutral(content.subject), weight="Bolder", size="Medium")]
    body += [_run(line) for line in lines(content)[:20]]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": "A message from Orgwarden.",
        "body": body,
    }
    if content.link:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open in Orgwarden", "url": content.link}
        ]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **look: str) -> dict[str, Any]:
    cut = text if len(text) <= _MOST else text[: _MOST - 1] + "…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": cut, **look}]}


def send(address: WebAddress, content: Content, *, hand_over: HandOver = lambda: None) -> None:
    """Post it. Raises as `http.call` does."""
    body = json.dumps(payload(content), ensure_ascii=False).encode()
    call(address, body=body, headers={"Content-Type": "application/json"}, hand_over=hand_over)
