"""Every error that Orgwarden knows, as a list: code, what it means, what mends it.

The list is made from the tables that `errors` and `oauth_errors` work with, so that neither the
documentation nor a page can say anything else than what people are told.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgwarden.core.grants import labelled
from orgwarden.core.problems import (
    Contained,
    GrantExpired,
    NeedsPerson,
    NotAllowed,
    NotThere,
    Problem,
    TryLater,
)
from orgwarden.salesforce.errors import MEANINGS, SessionExpired
from orgwarden.salesforce.oauth_errors import REMEDIES

_DOES: tuple[tuple[type[Problem], str], ...] = (
    (Contained, "Stops; nothing is tried again by itself."),
    (GrantExpired, "Stops; the grant is probed once an hour with one token call."),
    (NeedsPerson, "Stops; it is probed once an hour with one token call."),
    (SessionExpired, "Renews the token once and repeats the request."),
    (NotAllowed, "Marks the source dark and goes on with the others."),
    (NotThere, "Takes it for gone and goes on."),
    (TryLater, "Tries again by itself; what was read stays."),
)


@dataclass(frozen=True)
class Known:
    """One error. `words` are part of Salesforce's description where the code alone is not
    enough; `{said}` in `what` stands for Salesforce's own words."""

    code: str
    signing_in: bool  # an error of the token endpoint or of a callback
    words: str
    what: str
    fix: str
    does: str
    label: str  # Grant Expired, Contained by Salesforce, or empty


def known() -> tuple[Known, ...]:
    """Everything in the order it is looked up: sign-in first, then the API."""
    found = [_entry(r.error or "any", True, r.words, r.kind, r.what, r.fix) for r in REMEDIES]
    found += [_entry(code, False, "", m.kind, m.what, m.fix) for code, m in MEANINGS.items()]
    return tuple(found)


def codes() -> frozenset[str]:
    """The codes in the catalogue, in capitals."""
    return frozenset(k.code.upper() for k in known())


def _entry(
    code: str, signing_in: bool, words: str, kind: type[Problem], what: str, fix: str
) -> Known:
    does = next((told for of, told in _DOES if issubclass(kind, of)), "Reports it; please tell us.")
    label = ""
    if issubclass(kind, Contained | GrantExpired):
        label = labelled(kind("")).partition(":")[0]
    return Known(code, signing_in, words, what, fix, does, label)
