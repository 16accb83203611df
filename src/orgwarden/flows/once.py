"""Tokens and a budget that live in memory only: of an org that nobody has connected yet."""

from __future__ import annotations

from datetime import timedelta

from orgwarden.core.budget import Rules
from orgwarden.core.problems import GrantExpired, NeedsPerson, OverBudget
from orgwarden.salesforce import Tokens, Usage


class OnceOnly:
    """Implements `salesforce.Credentials` and the meter for one `Client`. The tokens are never
    renewed, calls are counted and at most `most`, and the last ones of the org's day stay free."""

    def __init__(self, tokens: Tokens, most: int) -> None:
        self._tokens, self._most, self._usage = tokens, most, Usage(0, 0)
        self.made = 0

    def current(self) -> Tokens:
        return self._tokens

    def renew(self, stale: Tokens) -> Tokens:
        del stale
        raise GrantExpired(
            "Salesforce refuses the token of this sign-in.", fix="Sign in again.", code="REFUSED"
        )

    def before(self, lane: str, endpoint: str) -> None:
        floor = Rules().floor
        if self._usage.limit and self._usage.used >= self._usage.limit * (100 - floor) / 100:
            raise OverBudget(
                f"The last {floor} % of the org's calls stay free.",
                rule="floor",
                after=timedelta(hours=1),
            )
        if self.made >= self._most:
            raise NeedsPerson(f"{endpoint} failed too often.", fix="Begin again.", code=lane)
        self.made += 1

    def after(self, endpoint: str, usage: Usage | None) -> None:
        self._usage = usage or self._usage
