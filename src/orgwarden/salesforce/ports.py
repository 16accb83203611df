"""What the client needs from whoever uses it: an org's tokens, and leave to make a call."""

from __future__ import annotations

from typing import Protocol

from orgwarden.salesforce.oauth import Tokens
from orgwarden.salesforce.usage import Usage


class Credentials(Protocol):
    """Where the tokens of one org come from. Used by several threads at once."""

    def current(self) -> Tokens:
        """The tokens to use now. Raises GrantExpired or NeedsPerson."""
        ...

    def renew(self, stale: Tokens) -> Tokens:
        """Tokens newer than `stale`, which Salesforce has refused: somebody else's if there are
        any already, else by one refresh across all processes."""
        ...


class Meter(Protocol):
    """The API budget. Each `before` that returns is followed by exactly one `after`."""

    def before(self, lane: str, endpoint: str) -> None:
        """Called before a counted request is sent. Raises OverBudget to forbid it."""
        ...

    def after(self, endpoint: str, usage: Usage | None) -> None:
        """Called after it, failed ones included; `usage` is None where the answer told none."""
        ...
