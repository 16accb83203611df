"""What the pages ask the flows to do: the only place where `web` calls them.

The flows are imported when first used: they bring the lake's engines with them, and a page that
only reads the records should not wait for those.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from orgwarden.records.models import Org


def connect_org(
    *, name: str, url: str, client_id: str, client_secret: str, flow: str, actor: str, **more: Any
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
        **more,
    )


def begin_consent(**asked: Any) -> str:
    """The address at Salesforce where consent is given."""
    from orgwarden.flows import consent

    return consent.begin_consent(**asked)


def finish_consent(state: str, code: str, session_key: str) -> Org:
    """Turns the answer of a consent into a connected org; raises Problem."""
    from orgwarden.flows import consent

    return consent.finish_consent(state, code, session_key)


def test_org(org: Org) -> Any:
    """Asks Salesforce step by step whether the connection works; a list of results."""
    from orgwarden.flows import connect

    return connect.check_connection(org)


def delete_org(org: Org, actor: str) -> None:
    """Revokes our grant and removes the tenant with all that was collected."""
    from orgwarden.flows import connect

    connect.delete_org(org, actor=actor)


def collect_now(org: Org, actor: str) -> None:
    """Asks a worker to collect from the org now."""
    from orgwarden.flows import collect

    collect.request(org, actor)


def open_reader(org_keys: list[str]) -> Any:
    """A reader over the events of these orgs; raises Problem."""
    from orgwarden.lake import place, reading

    return reading.open_reader(place.root(settings.ORGWARDEN_LAKE_URL), org_keys)
