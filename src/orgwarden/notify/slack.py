"""Slack's incoming webhooks: blocks of plain text, in which no markup and no mention is read."""

from __future__ import annotations

import json
from typing import Any

from orgwarden.notify.address import WebAddress
from orgwarden.notify.content import Content, HandOver, lines, neutral
from orgwarden.notify.http import call

_HEADER, _SECTION = 150, 3000  # characters Slack takes


def payload(content: Content) -> dict[str, Any]:
    """`text` is what a notification shows; it is read as markup, so it is escaped."""
    subject = neutral(content.subject)
    body = "\n".join(lines(content))
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(subject, _HEADER)},
        {"type": "section", "text": _plain(body or subject, _SECTION)},
    ]
    if content.link:
        button = {"type": "button", "text": _plain("Open in Orgwarden", 75), "url": content.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {
        "text": escaped(subject),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escaped(text: str) -> str:
    """Text that Slack shows as it is: without these three there is no link and no mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, most: int) -> dict[str, Any]:
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}


def send(address: WebAddress, content: Content, *, hand_over: HandOver = lambda: None) -> None:
    """Post it. Raises as `http.call` does."""
    body = json.dumps(payload(content), ensure_ascii=False).encode()
    call(address, body=body, headers={"Content-Type": "application/json"}, hand_over=hand_over)
