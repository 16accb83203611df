"""What a connection test found out, and what it says of it. Plain values; no judgement here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105  a word
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Works(StrEnum):
    """How a source stands after a test."""

    WORKS = "works"
    PARTLY = "partly"
    DARK = "dark"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NotRead:
    """Something that could not be read, and why. Never an empty result."""

    what: str
    fix: str = ""
    code: str = ""
    refused: bool = False  # Salesforce said no, rather than that we could not ask


@dataclass(frozen=True, slots=True)
class Who:
    """Whom Salesforce says we are."""

    organization_id: str
    user_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing tested. `probe` names the question it was read from; time and calls are its."""

    id: str
    title: str
    verdict: Verdict
    words: str
    fix: str = ""
    probe: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    source: str
    title: str
    verdict: Works
    because: str = ""
    fix: str = ""


NOT_ASKED = NotRead("It was not asked, because the connection does not work so far.")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """Everything the judgements look at. `settings` maps a settings type of the Metadata API to
    its contents; `sources` a source's id to the problem its object met, None when it answered;
    `lacking` a source's id to the fields Salesforce does not show."""

    flow: str
    features: tuple[str, ...]
    tiers: tuple[str, ...]
    environment: str = "production"
    intended_user: str = ""
    user_name: str = ""  # as connected; for the fixes
    organization_id: str = ""  # as connected
    administrator_accepted: bool = False
    who: Who | NotRead = NOT_ASKED
    reached: NotRead | None = NOT_ASKED  # None: REST answered
    calls_left: tuple[int, int] | NotRead = NOT_ASKED  # remaining, daily limit
    organization: Row | NotRead = NOT_ASKED
    user: Row | NotRead = NOT_ASKED
    held: frozenset[str] | NotRead = NOT_ASKED
    known: frozenset[str] = frozenset()  # permissions this org has at all; empty: not asked
    licence_allows: frozenset[str] | NotRead = NOT_ASKED
    set_licences: tuple[str, ...] = ()
    page_sign_ins: tuple[str, ...] | NotRead = NOT_ASKED  # times, newest first
    log_files: tuple[Row, ...] | NotRead = NOT_ASKED
    deliveries: NotRead | None = NOT_ASKED  # None: ContentDistribution can be asked
    libraries: int | NotRead = NOT_ASKED  # how many content libraries are seen
    settings: Mapping[str, Row | NotRead] = field(default_factory=dict)
    sources: Mapping[str, NotRead | None] = field(default_factory=dict)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def setting(self, kind: str) -> Row | NotRead:
        return self.settings.get(
            kind,
            NotRead(
                "Not read: Metadata is not opted in to.",
                "Edit the tenant and opt in to Metadata, or look it up in Setup.",
            ),
        )


def unknown(id: str, title: str, because: NotRead, probe: str) -> Line:
    return Line(id, title, Verdict.UNKNOWN, because.what, because.fix, probe)
