"""What the pages ask the flows to do: the only place where `web` calls them.

The flows are imported when first used: they bring the lake's engines with them, and a page that
only reads the records should not wait for those.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.source import Kind
from orgwarden.records.models import Org

if TYPE_CHECKING:
    import pyarrow as pa

    from orgwarden.flows.check_connection import Step
    from orgwarden.lake.reading import Reader


def connect_org(
    *,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    flow: str,
    actor: str,
    features: Sequence[str],
) -> Org:
    """Connects and proves the connection; raises Problem."""
    from orgwarden.flows import connect

    return connect.connect_org(
        name=name,
        url=url,
        client_id=client_id,
        client_secret=client_secret,
        flow=flow,
        actor=actor,
        features=features,
    )


def callback_address() -> str:
    """What to register at Salesforce as callback URL; raises Problem if it would not be taken."""
    from orgwarden.flows import consent

    return consent.callback_address()


def begin_consent(
    *,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    actor: str,
    features: Sequence[str],
    session_key: str,
) -> str:
    """The address at Salesforce where consent is given."""
    from orgwarden.flows import consent

    return consent.begin_consent(
        name=name,
        url=url,
        client_id=client_id,
        client_secret=client_secret,
        actor=actor,
        features=list(features),
        session_key=session_key,
    )


def finish_consent(state: str, code: str, session_key: str) -> Org:
    """Turns the answer of a consent into a connected org; raises Problem."""
    from orgwarden.flows import consent

    return consent.finish_consent(state, code, session_key)


def test_org(org: Org, actor: str) -> list[Step]:
    """Asks Salesforce step by step whether the connection works."""
    from orgwarden.flows.check_connection import check_connection

    return check_connection(org, actor=actor)


def delete_org(org: Org, actor: str) -> list[str]:
    """Revokes our grant and removes the tenant with all that was collected; says what was done."""
    from orgwarden.flows import delete_org as flow

    return flow.delete_org(org, actor=actor)


def collect_now(org: Org, actor: str) -> bool:
    """Asks a worker to collect from the org now; True when a run in progress is joined."""
    from orgwarden.flows import collect_now as flow

    return flow.collect_now(org, actor)


def open_reader(org_keys: Sequence[str], since: datetime, until: datetime) -> Reader:
    """A reader over the events of these orgs in [since, until); raises Problem."""
    from orgwarden.lake import days, place

    return days.DaysReader(
        place.root(settings.ORGWARDEN_LAKE_URL),
        org_keys,
        since=since,
        until=until,
        whole=[s.id for s in SOURCES if s.kind is Kind.SNAPSHOT],
    )


def status_of(org: Org) -> dict[str, Any]:
    """How one org stands, as `orgwarden status --json` shows it."""
    from orgwarden.flows import status

    return status.of_org(org)


def ask_events(sql: str, orgs: Sequence[Org], *, limit: int, actor: str) -> tuple[pa.Table, bool]:
    """The rows of a person's SQL over these orgs and whether the limit cut them; raises Problem."""
    from orgwarden.flows import ask

    return ask.ask(sql, orgs, limit=limit, actor=actor)


def event_views(orgs: Sequence[Org]) -> list[dict[str, Any]]:
    """The views over these orgs with their columns."""
    from orgwarden.flows import ask

    return ask.views(orgs)
