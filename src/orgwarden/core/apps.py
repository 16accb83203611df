"""Which app is which: the traces that apps leave in an org, put together as one row per app.

1. Traces that share an identity are of one app. An identity is an id that Salesforce gave: an entry
   of the app menu, the app itself, a consumer key. A name is none: anybody may choose it.
2. Grants that carry no identity are of apps that are not installed. They are told apart by name,
   because there is nothing else, and are never put to an installed app of the same name.
3. What only mentions a name, as a sign-in does, is shown at every app of that name, as a hint. If
   no app has the name, it is an app that is known by a mention only. Without a name it says
   nothing and is left out.
Pure functions on frozen values; all times are aware UTC.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Known(StrEnum):
    """What an identity is an id of. The order is that of their worth as an app's key."""

    APP = "app"  # ConnectedApplication.Id, ExternalClientApplication.Id
    MENU_ITEM = "menu_item"  # OauthToken.AppMenuItemId
    CONSUMER_KEY = "consumer_key"
    NAME = "name"  # stands in where a grant has no id; never joins
    MENTION = "mention"  # stands in for an app that is only a name in a log


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """One id of an app, as Salesforce wrote it."""

    known: Known
    value: str


class Mark(StrEnum):
    """What a trace says of its app."""

    INSTALLED = "installed"
    OPEN = "open"  # every user may let it act for them
    RESTRICTED = "restricted"  # only people whom an administrator approved
    BLOCKED = "blocked"
    NEVER_ENDS = "never_ends"  # its refresh tokens work until they are revoked
    ENDS = "ends"
    GRANTED = "granted"  # somebody let it act for them
    SEEN = "seen"  # a log mentions it


@dataclass(frozen=True, slots=True)
class Trace:
    """What one source says of one app. `count`: rows behind it. `first` and `last`: when it acted,
    None where the source does not say."""

    source: str
    name: str
    identities: frozenset[Identity] = frozenset()
    marks: frozenset[Mark] = frozenset()
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @property
    def mentions_only(self) -> bool:
        """Whether it is no more than a name somewhere."""
        return not self.identities and Mark.GRANTED not in self.marks


@dataclass(frozen=True, slots=True)
class App:
    """One app of an org. `hints` carry its name and may be another's."""

    name: str
    identities: frozenset[Identity]
    traces: tuple[Trace, ...]
    hints: tuple[Trace, ...] = ()
    namesakes: int = 0  # other apps of the same name
    perhaps_blocked: bool = False  # one of them is blocked by a key, and this one's is not known

    @property
    def marks(self) -> frozenset[Mark]:
        return frozenset().union(*(t.marks for t in self.traces))

    @property
    def best(self) -> Identity:
        """The identity that tells it best."""
        return min(self.identities, key=lambda i: (list(Known).index(i.known), i.value))

    @property
    def first(self) -> datetime | None:
        """When it was first seen to act or to be let in, as far as its own traces say."""
        return min((t.first for t in self.traces if t.first), default=None)

    @property
    def last(self) -> datetime | None:
        return max((t.last for t in self.traces if t.last), default=None)


@dataclass
class _Group:
    identities: set[Identity] = field(default_factory=set)
    traces: list[Trace] = field(default_factory=list)


def folded(name: str) -> str:
    """A name as a reader sees it: without case, width and surrounding space."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def apps_of(traces: Iterable[Trace]) -> tuple[App, ...]:
    """One value per app, by name and identity."""
    known, mentions = _by_identity(traces)
    groups = [(g.identities, tuple(g.traces)) for g in known]
    named = _by_name(mentions)
    there = {folded(name) for _, own in groups for name in _names(own)}
    groups += [
        ({Identity(Known.MENTION, name)}, tuple(own))
        for name, own in named.items()
        if folded(name) not in there
    ]
    hints: dict[str, list[Trace]] = defaultdict(list)
    for trace in mentions:
        if folded(trace.name) in there:
            hints[folded(trace.name)].append(trace)
    bearers: dict[str, set[int]] = defaultdict(set)
    for number, (_, own) in enumerate(groups):
        for name in _names(own):
            bearers[folded(name)].add(number)
    shut = {n for n, (_, own) in enumerate(groups) if any(Mark.BLOCKED in t.marks for t in own)}
    found = []
    for number, (identities, own) in enumerate(groups):
        names = sorted({folded(n) for n in _names(own)})
        others = set().union(*(bearers[name] for name in names)) - {number}
        keyed = any(i.known is Known.CONSUMER_KEY for i in identities)
        found.append(
            App(
                _name(own),
                frozenset(identities),
                own,
                tuple(h for name in names for h in hints[name]),
                len(others),
                perhaps_blocked=not keyed and bool(others & shut),
            )
        )
    return tuple(sorted(found, key=lambda a: (folded(a.name), a.best)))


def _by_identity(traces: Iterable[Trace]) -> tuple[list[_Group], list[Trace]]:
    """Traces that share an identity, transitively; and those that only mention a name."""
    at: dict[Identity, _Group] = {}
    mentions = []
    for trace in traces:
        if trace.mentions_only:
            if trace.name:
                mentions.append(trace)
            continue
        identities = trace.identities or {Identity(Known.NAME, trace.name)}
        group = _Group()
        for met in {id(g): g for i in identities if (g := at.get(i))}.values():
            group.identities |= met.identities
            group.traces += met.traces
        group.identities |= identities
        group.traces.append(trace)
        at |= dict.fromkeys(group.identities, group)
    return list({id(g): g for g in at.values()}.values()), mentions


def _by_name(traces: Iterable[Trace]) -> dict[str, list[Trace]]:
    found: dict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        found[trace.name].append(trace)
    return found


def _names(traces: Sequence[Trace]) -> set[str]:
    return {t.name for t in traces if t.name}


def _name(traces: Sequence[Trace]) -> str:
    """What the org's own list calls it; else what most of its rows do."""
    named = [t for t in traces if t.name]
    if not named:
        return ""
    return max(named, key=lambda t: (Mark.INSTALLED in t.marks, t.count, t.name)).name


class State(StrEnum):
    """How an app stands in its org."""

    ENABLED = "enabled"
    RESTRICTED = "restricted"
    BLOCKED = "blocked"
    NOT_INSTALLED = "not_installed"
    DELETED = "deleted"
    UNKNOWN = "unknown"


STATES: dict[str, str] = {  # as pages and commands spell them
    State.ENABLED: "Enabled",
    State.RESTRICTED: "Restricted",
    State.BLOCKED: "Blocked",
    State.NOT_INSTALLED: "Not installed",
    State.DELETED: "Deleted",
    State.UNKNOWN: "Unknown",
}


def state_of(app: App, *, installed_known: bool) -> State:
    """How it stands by the org's own policy; unknown where its policy or the lists of installed
    apps could not be read, and where a block may be its own."""
    marks = app.marks
    if Mark.BLOCKED in marks:
        return State.BLOCKED
    if app.perhaps_blocked:
        return State.UNKNOWN
    if Mark.INSTALLED not in marks:
        return State.NOT_INSTALLED if installed_known else State.UNKNOWN
    if Mark.RESTRICTED in marks:
        return State.RESTRICTED
    return State.ENABLED if Mark.OPEN in marks else State.UNKNOWN
