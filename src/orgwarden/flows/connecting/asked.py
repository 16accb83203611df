"""What a person asked to be connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.records.models import ConsentRequest, Org

# Which secret a way of signing in without a browser needs.
SECRET_OF = {Org.Flow.CLIENT_CREDENTIALS: "client_secret", Org.Flow.JWT_BEARER: "private_key"}
_KINDS = {None: "", True: Org.Environment.SANDBOX.value, False: Org.Environment.PRODUCTION.value}


@dataclass(frozen=True)
class Asked:
    """Holds no secret. `org_key` names the tenant when the purpose is reconnect or edit."""

    name: str
    url: str
    client_id: str
    flow: str
    actor: str
    purpose: str = ConsentRequest.Purpose.ADD
    org_key: str = ""
    platform: str = "salesforce"
    environment: str = ""  # production, sandbox; "" when nobody was asked
    features: tuple[str, ...] = FEATURE_IDS
    tiers: tuple[str, ...] = ()
    backfill_days: int = 60
    username: str = ""  # JWT bearer: whom to act as; else the user that is expected
    web_scope: bool = False
    told_addresses: tuple[str, ...] = ()
    administrator: bool = False  # an administrator may collect, said a person
    egress_confirmed: bool = False

    @property
    def is_new(self) -> bool:
        return self.purpose in (ConsentRequest.Purpose.ADD, ConsentRequest.Purpose.QUICK)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What consent in the browser asks for; `web` only when somebody wants it."""
        return ("api", "refresh_token", *(("web",) if self.web_scope else ()))

    def payload(self) -> dict[str, Any]:
        """As JSON."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Asked:
        """From `payload()`; what an older version did not know has its default."""
        return msgspec.convert(payload, cls)


def of_org(org: Org, *, actor: str, purpose: str) -> Asked:
    """What a connected tenant is, as something asked again (reconnect, edit)."""
    jwt = org.flow == Org.Flow.JWT_BEARER
    return Asked(
        name=org.name,
        url=org.url,
        client_id=org.client.client_id,
        flow=org.flow,
        actor=actor,
        purpose=purpose,
        org_key=org.key,
        platform=org.platform,
        environment=_KINDS[org.is_sandbox],
        features=tuple(org.features),
        tiers=tuple(org.tiers),
        backfill_days=org.backfill_days,
        username=org.intended_user or (org.connected_user if jwt else ""),
        web_scope=org.web_scope,
        told_addresses=tuple(org.told_addresses),
        administrator=org.administrator_accepted,
        egress_confirmed=org.egress_confirmed_at is not None,
    )
