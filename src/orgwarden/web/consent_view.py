"""A connection on its way as its pages show it: what is asked for, what answered, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from orgwarden.catalog.app_steps import steps
from orgwarden.catalog.asked import Table, permissions_table
from orgwarden.catalog.features import FEATURES
from orgwarden.catalog.platforms import BY_ID
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.problems import Problem
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.web import acts, words

if TYPE_CHECKING:
    from orgwarden.flows.connecting.pending import Pending

WAYS = {
    Org.Flow.JWT_BEARER: "JWT bearer",
    Org.Flow.CLIENT_CREDENTIALS: "Client credentials",
    Org.Flow.WEB_SERVER: "Consent in the browser",
}
STEP_OF = {"draft": 2, "failed": 2, "away": 3, "trying": 3, "answered": 4}
VERBS = {
    ConsentRequest.Purpose.ADD: "Add",
    ConsentRequest.Purpose.QUICK: "Quick connect",
    ConsentRequest.Purpose.RECONNECT: "Reconnect",
    ConsentRequest.Purpose.EDIT: "Change the sign-in way of",
}
_STALLED = 15  # seconds without a first try: no worker is running


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    mono: bool = False
    unknown: bool = False


@dataclass(frozen=True)
class Against:
    """What speaks against storing the grant."""

    what: str
    fix: str
    may_accept: bool


@dataclass(frozen=True)
class ConnectionPage:
    """Everything a page about a connection on its way prints."""

    id: int
    name: str
    verb: str
    is_new: bool
    platform: str
    stage: str
    step: int
    flow: str
    way: str
    host: str
    asked: tuple[Fact, ...]
    table: Table
    trouble: Problem | None
    good_until: datetime
    # Before
    client_id: str
    secret_kept: bool
    needs_secret: bool
    egress_confirmed: bool
    certificate: str
    certificate_ends: datetime | None
    callback: str
    why_no_consent: str
    egress: tuple[str, ...]
    edit: str  # where the form is changed
    leave: str
    steps: tuple[str, ...]
    # While it is tried
    tries: int
    next_try: str  # in 12 seconds
    began_at: datetime | None
    stalled: bool
    # What answered
    facts: tuple[Fact, ...]
    against: tuple[Against, ...]
    refused: bool


def page_of(pending: Pending, now: datetime) -> ConnectionPage:
    """All of it decided and spelled."""
    asked = pending.asked
    flow = Org.Flow(asked.flow)
    callback, why_not = "", ""
    try:
        callback = acts.callback_address()
    except Problem as problem:
        why_not = problem.sentence()
    trouble = pending.trouble
    began = pending.began_at
    return ConnectionPage(
        id=pending.id,
        name=asked.name,
        verb=VERBS[ConsentRequest.Purpose(asked.purpose)],
        is_new=asked.is_new,
        platform=BY_ID[asked.platform].title,
        stage=str(pending.stage),
        step=STEP_OF[str(pending.stage)],
        flow=str(flow),
        way=WAYS[flow],
        host=words.host(asked.url),
        asked=_asked(pending),
        table=permissions_table(asked.features, asked.tiers, asked.web_scope, str(flow)),
        trouble=Problem(trouble["what"], fix=trouble["fix"], code=trouble["code"])
        if trouble
        else None,
        good_until=pending.good_until,
        client_id=asked.client_id,
        secret_kept=pending.secret_kept,
        egress_confirmed=asked.egress_confirmed,
        needs_secret=flow != Org.Flow.JWT_BEARER,
        certificate=pending.certificate,
        certificate_ends=acts.certificate_ends(pending.certificate)
        if pending.certificate
        else None,
        callback=callback,
        why_no_consent=why_not if flow == Org.Flow.WEB_SERVER else "",
        egress=settings.ORGWARDEN_EGRESS_ADDRESSES,
        edit=_edit(pending),
        leave=pending.leave,
        steps=steps(str(flow)),
        tries=pending.tries,
        next_try=_next(pending.due_at, now),
        began_at=began,
        stalled=bool(began and not pending.tries and (now - began).total_seconds() > _STALLED),
        facts=_facts(pending),
        against=tuple(Against(o.what, o.fix, o.may_accept) for o in pending.objections),
        refused=pending.refused,
    )


def _next(due_at: datetime | None, now: datetime) -> str:
    if due_at is None or due_at <= now:
        return "now"
    return f"in {words.span(due_at - now)}"


def _edit(pending: Pending) -> str:
    """The page with what can still be changed."""
    asked = pending.asked
    if asked.purpose == ConsentRequest.Purpose.ADD:
        return f"{reverse(f'add-{asked.platform}')}?draft={pending.id}"
    if asked.purpose == ConsentRequest.Purpose.QUICK:
        return reverse("quick-connect")
    return reverse("org", args=[asked.org_key])


def _asked(pending: Pending) -> tuple[Fact, ...]:
    asked = pending.asked
    features = [f.title for f in FEATURES if f.id in asked.features]
    tiers = [t.title for t in TIERS if t.id in asked.tiers]
    kind = Org.Environment(asked.environment).label if asked.environment else "Not asked"
    return (
        Fact("My Domain address", words.host(asked.url), mono=True),
        Fact("Environment", kind),
        Fact("Sign-in way", WAYS[Org.Flow(asked.flow)]),
        Fact(
            "Integration user",
            asked.username or "Whoever Salesforce answers with",
            mono=bool(asked.username),
        ),
        Fact("Enabled features", ", ".join(features)),
        Fact("Opted in to", ", ".join(tiers) or "Nothing more"),
        Fact("History", words.count_of(asked.backfill_days, "day") + " back"),
        Fact("Also told", ", ".join(asked.told_addresses) or "Nobody else"),
    )


def _facts(pending: Pending) -> tuple[Fact, ...]:
    found = pending.found
    if found is None:
        return ()
    kind = {True: "Sandbox", False: "Production", None: ""}[found.is_sandbox]
    rights = {True: "Yes", False: "No", None: ""}[found.administrator]
    told = (
        ("Org", found.organization_name, False),
        ("Org id", found.organization_id, True),
        ("User", found.username, True),
        ("User's profile", found.profile, False),
        ("Administrator", rights, False),
        ("Edition", found.edition, False),
        ("Kind", kind, False),
        ("Address", words.host(found.url or pending.asked.url), True),
        ("Instance", found.instance_name, True),
    )
    return tuple(
        Fact(label, value or "Salesforce did not say", mono and bool(value), not value)
        for label, value, mono in told
    )


@dataclass(frozen=True)
class OnItsWay:
    """A connection that was begun in this browser and left."""

    name: str
    words: str
    href: str


_WHERE = {
    "draft": "nothing was sent yet.",
    "failed": "it failed and can be mended.",
    "away": "consent is waited for.",
    "trying": "a worker signs in.",
    "answered": "Salesforce has answered, and waits for your yes.",
}


def on_their_way(session_key: str | None) -> tuple[OnItsWay, ...]:
    """What this browser has begun and not finished, newest first."""
    return tuple(
        OnItsWay(p.asked.name, _WHERE[str(p.stage)], reverse("connection", args=[p.id]))
        for p in (acts.on_their_way(session_key) if session_key else ())
    )
