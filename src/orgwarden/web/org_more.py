"""The lower half of a tenant's page: what went wrong, how it is set, what was done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings as site
from django.db.models import Count, Max, Min
from django.urls import reverse

from orgwarden.catalog.features import sources_for
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.retention import EVERY
from orgwarden.core.source import Source, cadence_of
from orgwarden.records import audit_reading
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.web import acts, words

ENTRIES, ERRORS = 25, 12
NAMED = 6  # sources of one cadence that are named one by one
_RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong, once for all the times it did. `kind` is error, failing, dark or
    failed; `since` of the first time, `times` how often a run met it in the last week."""

    kind: str
    icon: str
    where: str
    what: str
    fix: str
    since: datetime | None
    times: int


@dataclass(frozen=True)
class Entry:
    """One line of the audit chain about this tenant."""

    at: datetime
    who: str
    what: str
    detail: str


@dataclass(frozen=True)
class LastTest:
    href: str
    words: str
    at: datetime


def troubles(org: Org, states: Sequence[SourceState], now: datetime) -> tuple[Trouble, ...]:
    """The tenant's own error, then sources that fail or are dark, then what runs of the last week
    met, the newest first."""
    found = []
    if org.status == Org.Status.ERROR:
        what = words.sentence(org.problem) or "No reason was recorded."
        since = org.problem_since or org.status_since
        found.append(
            Trouble("error", "alert-octagon", "Connection", what, org.problem_fix, since, 0)
        )
    if org.clock_ahead:
        which = "ahead of" if org.clock_ahead > 0 else "behind"
        off = words.span(timedelta(seconds=abs(org.clock_ahead)))
        what = f"This host's clock is {off} {which} Salesforce's."
        fix = "Let NTP keep the host's clock; events are read by Salesforce's clock all the same."
        found.append(Trouble("failing", "alert-triangle", "Clock", what, fix, None, 0))
    for kind, icon in (("failing", "alert-triangle"), ("dark", "eye-off")):
        found += [
            Trouble(
                kind,
                icon,
                words.source_name(s.source),
                words.sentence(s.reason) or "No reason was recorded.",
                words.sentence(s.fix),
                s.since,
                0,
            )
            for s in states
            if s.state == kind
        ]
    failed = Run.objects.filter(org=org, outcome=Run.Outcome.FAILED, ended_at__gt=now - _RECENT)
    met = failed.values_list("source", "reason", "fix").annotate(
        times=Count("pk"), first=Min("ended_at"), last=Max("ended_at")
    )
    for source, reason, fix, times, first, _ in met.order_by("-last")[:ERRORS]:
        where, what = words.source_name(source), words.sentence(reason)
        found.append(Trouble("failed", "history", where, what, words.sentence(fix), first, times))
    return tuple(found[:ERRORS])


def how_often(on: Sequence[Source], minutes: Mapping[str, int]) -> str:
    """How often each source is read, the most frequent first; those of the largest group are not
    named when they are many."""
    groups: dict[timedelta, list[str]] = {}
    for source in on:
        groups.setdefault(cadence_of(source, minutes), []).append(source.title)
    largest = max(groups, key=lambda g: len(groups[g]))
    told = [
        f"{', '.join(titles)} {words.every(cadence)}"
        for cadence, titles in sorted(groups.items())
        if cadence != largest or len(titles) <= NAMED
    ]
    if len(groups[largest]) > NAMED:
        others = f"the other {len(groups[largest])}" if told else f"all {len(groups[largest])}"
        told.append(f"{others} {words.every(largest)}")
    return "; ".join(told)


def kept(keep: Mapping[str, int]) -> str:
    """For how long events are kept, in words."""
    every = keep.get(EVERY, 0)
    told = [f"everything {words.count_of(every, 'day')}" if every else "for ever"]
    for source, days in keep.items():
        if source != EVERY:
            name = words.source_name(source)
            told.append(f"{name} {words.count_of(days, 'day') if days else 'for ever'}")
    return "; ".join(told)


def settings(org: Org) -> tuple[tuple[str, str], ...]:
    """How the tenant is set, in words."""
    tiers = [t.title for t in TIERS if t.id in org.tiers]
    on = sources_for(org.features, org.tiers)
    pace = float(site.ORGWARDEN_PACE)
    hurried = "" if pace == 1 else f" ({pace:g} times as fast: ORGWARDEN_PACE)"
    scopes = ["api", *(["refresh_token"] if org.flow == Org.Flow.WEB_SERVER else [])]
    scopes += ["web"] if org.web_scope else []
    egress = org.egress_confirmed_at
    return (
        ("Opted in to", ", ".join(tiers) or "nothing more"),
        ("History", words.count_of(org.backfill_days, "day") + " back"),
        ("Kept", kept(org.keep_days)),
        ("How often", f"{how_often(on, org.cadence_minutes)}{hurried}" if on else "nothing is on"),
        ("Also told", ", ".join(org.told_addresses) or "nobody else"),
        ("Sign-in way", Org.Flow(org.flow).label if org.flow else "not known yet"),
        ("Scopes", ", ".join(scopes)),
        ("Integration user", org.intended_user or "whoever signed in"),
        ("Our addresses confirmed", words.absolute(egress) if egress else "not confirmed"),
        # Of any other tenant the audit chain says who connected it, and from where.
        *((("Connected through", "quick connect (legacy)"),) if org.legacy else ()),
    )


def grant(org: Org, now: datetime) -> str:
    """What becomes of a paused tenant's grant, and when it dies; "" while it collects."""
    if org.paused_at is None:
        return ""
    dies = acts.grant_dies_at(org)
    if dies is None:
        return "Nothing of its sign-in way dies meanwhile."
    if dies <= now:
        return f"Its grant was not used since {words.absolute(dies)} at the latest: it may be dead."
    return (
        f"If it is not used before, its grant dies on {words.absolute(dies)},"
        f" {words.ago(dies, now)}. A running worker uses it in good time."
    )


def activity(org: Org) -> tuple[Entry, ...]:
    """What was done to the tenant since it was connected, under the names it had, newest first."""
    rows = audit_reading.about(org)
    return tuple(
        Entry(r.at, words.person(r.actor), words.deed(r.action), _detail(r.detail))
        for r in rows[:ENTRIES]
    )


def _detail(detail: dict[str, object]) -> str:
    """Before and after where something was changed, else what stands there."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        was = {k: words.recorded(before.get(k)) for k in after}
        return "; ".join(f"{_key(k)}: {was[k]} → {words.recorded(v)}" for k, v in after.items())
    return "; ".join(f"{_key(k)}: {words.recorded(v)}" for k, v in detail.items())


def _key(name: str) -> str:
    return name.replace("_", " ")


def last_test(org: Org) -> LastTest | None:
    """The newest connection test that has ended."""
    test = org.tests.filter(state="done").first()
    if test is None or test.ended_at is None:
        return None
    told = {True: "Connected", False: "Not connected", None: "Not known"}[test.connected]
    return LastTest(reverse("test-result", args=[org.key, test.pk]), told, test.ended_at)
