"""A client for one org: its address, its tokens, its budget."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from orgwarden.flows.limits_probe import look_if_stopped
from orgwarden.flows.means import REAL, Means
from orgwarden.flows.metering import OrgMeter
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records.models import Org
from orgwarden.salesforce import Address, Client, Transport, canonical


@cache
def transport() -> Transport:
    """The one transport of this process: connections are kept and shared."""
    return Transport(allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)


def address_of(org: Org) -> Address:
    """Raises NeedsPerson if, as this process is set, no token may go to the org's address."""
    return canonical(org.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)


def open_client(org: Org, means: Means = REAL, *, asked: bool = False) -> tuple[Client, OrgMeter]:
    """`asked`: a person waits for it, so what was left alone is tried again. Raises what
    `address_of` raises."""
    meter, road = OrgMeter(org, now=means.clock), means.transport or transport()
    address = address_of(org)
    if asked:
        road.forgive(address)
    client = Client(road, address, OrgCredentials(org, road, means=means), meter)
    look_if_stopped(org, client, means.clock())
    return client, meter
