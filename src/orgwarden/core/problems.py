"""Problems, named by what the caller should do about them.

Every message is one sentence that says what happened; `fix` is one sentence that says what to do.
Neither ever holds a token, a secret or a response body that could hold one.
"""

from __future__ import annotations

from datetime import timedelta

# The fix of an error that nobody taught Orgwarden: pages offer the bundle beside it.
UNKNOWN_ERROR = (
    "This error is not in the catalogue. Download a support bundle of the tenant and report it."
)


class Problem(Exception):
    """Something went wrong that Orgwarden understands. `code` is stable and searchable
    (Salesforce's own error code where there is one)."""

    def __init__(self, what: str, *, fix: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.code = code

    def sentence(self) -> str:
        """What happened and what to do, as one line for a terminal or a page."""
        return f"{self.what} {self.fix}".strip()


class TryLater(Problem):
    """Nothing is broken: the same call may succeed after `after` (None: unknown, soon).
    `signing_in`: no token could be had, so whatever is asked next meets the same."""

    signing_in = False

    def __init__(
        self, what: str, *, after: timedelta | None = None, fix: str = "", code: str = ""
    ) -> None:
        super().__init__(what, fix=fix, code=code)
        self.after = after


class OverBudget(TryLater):
    """A call was not made because a rule of the API budget forbids it. `rule` names the rule."""

    def __init__(self, what: str, *, rule: str, after: timedelta, fix: str = "") -> None:
        super().__init__(what, after=after, fix=fix, code="OVER_BUDGET")
        self.rule = rule


class NeedsPerson(Problem):
    """Only a person can mend this; trying again changes nothing. `fix` says how."""


class GrantExpired(NeedsPerson):
    """Salesforce no longer honours our grant; somebody has to reconnect the org."""


class Contained(NeedsPerson):
    """The connected user is frozen or locked at Salesforce, and its grants are gone with it.
    Trying again from the same address would be contained again: nothing is retried by itself."""


class NotAllowed(Problem):
    """The connected user lacks a permission or the org a licence: what it hides is unknown."""


class NotThere(Problem):
    """What was asked for does not exist (any more)."""


class LostLease(Problem):
    """Another worker holds this org now: stop, keep nothing, do not commit."""


class Stopped(LostLease):
    """This process was told to end: stop here, what was committed stays."""
