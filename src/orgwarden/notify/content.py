"""What a message says, before it takes the form of any destination.

Rules of this package: text may come from Salesforce and is hostile, so every form shows it as text
and nothing else; a destination's address is often a secret and is named by its host alone; nothing
is sent twice by a sender of this package, whoever calls it decides about another try.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from orgwarden.core.problems import TryLater
from orgwarden.core.redaction import redacted

HandOver = Callable[[], None]
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"}
_LONGEST = 2000


class Unclear(TryLater):
    """The message was handed over and no answer came: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Content:
    """`event` is ready, incident.opened, incident.ended or test; `kind` an incident's kind.
    `facts` are name and value, `link` leads to the page about it, `at` is ISO 8601 UTC."""

    event: str
    subject: str
    words: tuple[str, ...]
    at: str
    fix: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""
    kind: str = ""
    tenant: str = ""  # its key, for machines
    incident: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The form the outbox keeps."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Content:
        """What `to_json` gave."""
        return msgspec.convert(value, cls)


def neutral(text: str) -> str:
    """`text` on one line, without secrets, with what cannot be seen or would turn the text round
    shown as its code point; at most 2,000 characters."""
    shown = "".join(
        " "
        if c in "\r\n\t\v\f\u0085\u2028\u2029"
        else f"⟨U+{ord(c):04X}⟩"
        if unicodedata.category(c) in _INVISIBLE
        else c
        for c in redacted(text)
    )
    shown = " ".join(shown.split(" ")).strip()
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def lines(content: Content) -> list[str]:
    """The body in plain lines: words, fix, facts; the link is left to the form."""
    found = [neutral(w) for w in content.words if w]
    if content.fix:
        found.append(f"What to do: {neutral(content.fix)}")
    found += [f"{neutral(name)}: {neutral(value)}" for name, value in content.facts if value]
    return found
