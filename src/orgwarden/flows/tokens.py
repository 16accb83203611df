"""An org's tokens for the client: read from the envelope, fetched by one process at a time.

A rotated refresh token is stored before the access token that came with it is used, and the one
before it is forgotten in the same breath: an old one is never sent again, because Salesforce may
take that for theft and end the whole family (fact sheet 1.4). `at` is called with the name of each
point a test may want to stop at: `asking`, `answered`, `rotated` (the refresh token is durable),
`kept` (the access token too).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows import keeper
from orgwarden.flows.means import REAL, Means, nowhere, wall
from orgwarden.records import credentials
from orgwarden.records.models import Org
from orgwarden.salesforce import (
    Secret,
    Tokens,
    Transport,
    canonical,
    client_credentials,
    jwt_bearer,
    refresh,
)


class OrgCredentials:
    """Implements `salesforce.Credentials` for one org. Safe for several threads."""

    def __init__(
        self,
        org: Org,
        transport: Transport,
        at: Callable[[str], None] = nowhere,
        *,
        means: Means = REAL,
    ) -> None:
        self._org, self._transport, self._at, self._means = org, transport, at, means
        self._lock = threading.Lock()
        self._seen = 0  # the version of the access token handed out
        self._tokens: Tokens | None = None

    def current(self) -> Tokens:
        with self._lock:
            if self._tokens is None:
                self._tokens = self._newer_than(0)
            return self._tokens

    def renew(self, stale: Tokens) -> Tokens:
        with self._lock:
            if self._tokens is None or self._tokens.access_token == stale.access_token:
                self._tokens = self._newer_than(self._seen)
            return self._tokens

    def probe(self) -> None:
        """One token call, whatever is stored: raises what Salesforce says of the grant now."""
        with self._lock:
            stored = credentials.newest(self._org, "access_token")
            self._tokens = self._newer_than(stored.version if stored else 0)

    def renew_here(self, seen: int) -> credentials.Stored:
        """Fetch in this process what is newer than version `seen`, unless somebody just did."""
        return credentials.single_flight(self._org, seen=seen, refresh=self._fetch)

    def _stored(self, seen: int) -> credentials.Stored:
        if self._org.flow != Org.Flow.WEB_SERVER:
            return self.renew_here(seen)
        with keeper.alone(self._org):
            stored = credentials.newest(self._org, "access_token")
            if stored is None or stored.version <= seen:
                self._means.keeper(self._org, seen)
                stored = credentials.newest(self._org, "access_token")
        if stored is None or stored.version <= seen:
            raise RuntimeError(f"the keeper of org {self._org.key} stored no access token")
        return stored

    def _newer_than(self, seen: int) -> Tokens:
        stored = self._stored(seen)
        self._seen = stored.version
        self._org.refresh_from_db(fields=["instance_url", "url", "salesforce_id"])
        return Tokens(
            access_token=Secret(stored.value),
            refresh_token=None,
            instance_url=self._org.instance_url or self._org.url,
            identity_url="",
            scope=(),
            issued_at=None,
        )

    def _fetch(self) -> None:
        """Ask Salesforce for tokens the org's way and store them, the refresh token first."""
        org = self._org
        address = canonical(org.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
        client_id = org.client.client_id
        self._at("asking")
        if org.flow == Org.Flow.CLIENT_CREDENTIALS:
            secret = Secret(credentials.need(org, "client_secret"))
            tokens = client_credentials(self._transport, address, client_id, secret)
        elif org.flow == Org.Flow.JWT_BEARER:
            key = Secret(credentials.need(org, "private_key"))
            now = self._means.clock()
            tokens = jwt_bearer(self._transport, address, client_id, org.connected_user, key, now)
        else:
            stored = credentials.newest(org, "client_secret")
            client_secret = Secret(stored.value) if stored else None
            token = Secret(credentials.need(org, "refresh_token"))
            tokens = refresh(self._transport, address, client_id, client_secret, token)
        self._at("answered")
        keep(org, tokens, self._at, clock=self._means.clock)


def keep(
    org: Org,
    tokens: Tokens,
    at: Callable[[str], None] = nowhere,
    *,
    clock: Callable[[], datetime] = wall,
) -> None:
    """Store new tokens. Refuses tokens of another org than the one connected."""
    told = organization_in(tokens.identity_url)
    if org.salesforce_id and told and told != org.salesforce_id:
        raise NeedsPerson(
            f"{org.name} now answers as another org ({told}, not {org.salesforce_id}).",
            fix="If the sandbox was refreshed, delete this tenant and connect the new one.",
            code="OTHER_ORG",
        )
    if tokens.refresh_token is not None:
        credentials.store(org, "refresh_token", tokens.refresh_token.reveal())
    at("rotated")
    org.grant_used_at = clock()
    org.instance_url = tokens.instance_url
    Org.objects.filter(pk=org.pk).update(
        grant_used_at=org.grant_used_at, instance_url=tokens.instance_url
    )
    credentials.store(org, "access_token", tokens.access_token.reveal())
    at("kept")


def organization_in(identity_url: str) -> str:
    """The org id in `…/id/{org}/{user}`; empty if there is none."""
    parts = identity_url.rstrip("/").rsplit("/", 2)
    return parts[-2] if len(parts) == 3 and parts[-2].startswith("00D") else ""
