"""What messages say: sentences about a tenant and an incident, with a link to the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from orgwarden.catalog.sources import BY_ID, source_of
from orgwarden.core.incidents import TITLES, Kind
from orgwarden.core.spans import text_of
from orgwarden.notify.content import Content
from orgwarden.records.models import Incident, Org, SourceState

Facts = tuple[tuple[str, str], ...]


def page_of(org: Org | None) -> str:
    """The address of the page about it."""
    return f"{settings.ORGWARDEN_PUBLIC_URL}/" + (f"orgs/{org.key}/" if org else "integrations/")


def title_of(source: str) -> str:
    """A source as people know it."""
    try:
        return source_of(source).title
    except KeyError:
        return source.replace("_", " ")


def _tenant(org: Org) -> Facts:
    return (("Tenant", org.name), ("Org id", org.salesforce_id), ("Address", org.url))


def ready(org: Org, states: Sequence[SourceState], now: datetime) -> Content:
    """Every enabled source has finished once."""
    whole = [s for s in states if s.source in BY_ID and s.state != SourceState.State.OFF]
    dark = [s for s in whole if s.state == SourceState.State.DARK]
    words = (
        f"The first full pull of {org.name} has finished: {len(whole) - len(dark)} of"
        f" {len(whole)} sources work" + (f", {len(dark)} dark." if dark else ".")
    )
    told = tuple((f"{title_of(s.source)} is dark", f"{s.reason} {s.fix}".strip()) for s in dark)
    return Content(
        event="ready",
        subject=f"{org.name} is ready for review",
        words=(words, "It is collected by itself from now on."),
        at=text_of(now),
        facts=(*_tenant(org), *told),
        link=page_of(org),
        tenant=org.key,
    )


def headline(incident: Incident) -> str:
    """An incident in a line: what, and of which tenant."""
    title = TITLES[Kind(incident.kind)]
    name = incident.org.name if incident.org else ""
    if incident.subject:
        title = f"{title}, {title_of(incident.subject)}"
    return f"{name}: {title}" if name else title


def opened(incident: Incident, now: datetime) -> Content:
    """It lasts, so people are told."""
    return Content(
        event="incident.opened",
        subject=headline(incident),
        words=(incident.words,),
        fix=incident.fix,
        at=text_of(now),
        facts=(
            *(_tenant(incident.org) if incident.org else ()),
            ("Since", f"{incident.opened_at:%Y-%m-%d %H:%M} UTC"),
        ),
        link=page_of(incident.org),
        kind=incident.kind,
        tenant=incident.org.key if incident.org else "",
        incident=incident.pk,
    )


def ended(incident: Incident, why: str, now: datetime) -> Content:
    """It is over."""
    over = incident.quiet_since or now
    lasted = int((over - incident.opened_at).total_seconds() // 60)
    spent = f"{lasted // 60} h {lasted % 60} min" if lasted >= 60 else f"{lasted} min"
    return Content(
        event="incident.ended",
        subject=f"Over: {headline(incident)}",
        words=(why, f"It had begun with: {incident.words}"),
        at=text_of(now),
        facts=(
            *(_tenant(incident.org) if incident.org else ()),
            ("From", f"{incident.opened_at:%Y-%m-%d %H:%M} UTC"),
            ("To", f"{over:%Y-%m-%d %H:%M} UTC"),
            ("Lasted", spent),
        ),
        link=page_of(incident.org),
        kind=incident.kind,
        tenant=incident.org.key if incident.org else "",
        incident=incident.pk,
    )


def trial(name: str, actor: str, now: datetime) -> Content:
    """A test of a destination."""
    return Content(
        event="test",
        subject=f"Test of {name}",
        words=(f"{actor} sent this to see that messages arrive here. Nothing is wrong.",),
        at=text_of(now),
        link=f"{settings.ORGWARDEN_PUBLIC_URL}/settings/notifications/",
    )
