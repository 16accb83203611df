"""What a person asked to be connected, and what can be said about it before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.conf import settings

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import NeedsPerson
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import Address, canonical

FIND_MY_DOMAIN = "In Salesforce: Setup, quick find “My Domain”, current My Domain URL."
MOST_BACKFILL_DAYS = 180  # what Salesforce holds of sign-ins and of the setup audit trail
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
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Asked:
        """From `payload()`; what an older version did not know has its default."""
        known = {f.name for f in fields(cls)}
        told = {k: v for k, v in payload.items() if k in known}
        values: dict[str, Any] = dict(told)
        values |= {k: tuple(v) for k, v in told.items() if isinstance(v, list)}
        return cls(**values)


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


def check(asked: Asked) -> Address:
    """The address to sign in at. Raises NeedsPerson, with the fix, for what cannot be connected."""
    if asked.is_new:
        refuse_taken(asked.name)
    if not set(asked.features) & set(FEATURE_IDS):
        raise NeedsPerson(
            "No feature is on, so nothing would be collected.",
            fix="Choose at least one feature.",
            code="NO_FEATURE",
        )
    if not set(asked.tiers) <= set(TIER_IDS):
        raise NeedsPerson("There is no such opt-in.", fix=f"Choose of {', '.join(TIER_IDS)}.")
    if asked.flow == Org.Flow.JWT_BEARER and not asked.username:
        raise NeedsPerson(
            "JWT bearer signs in as a user, and none is named.",
            fix="Give the username of the integration user.",
            code="USERNAME",
        )
    if not 1 <= asked.backfill_days <= MOST_BACKFILL_DAYS:
        raise NeedsPerson(
            f"{asked.backfill_days} days cannot be read back.",
            fix=f"Choose 1 to {MOST_BACKFILL_DAYS} days: Salesforce holds no more.",
            code="BACKFILL",
        )
    return check_address(asked.url, asked.environment)


def check_address(url: str, environment: str) -> Address:
    """The My Domain address as one a token may go to, of the kind of org that was chosen."""
    allowed = settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS
    address = canonical(url, allowed=allowed)
    if not environment or f"{address.host}:{address.port}" in allowed:
        return address  # an emulator's address says nothing; Salesforce's answer does
    if address.is_sandbox and environment == Org.Environment.PRODUCTION:
        raise NeedsPerson(
            f"{address.host} is the address of a sandbox, and Production is chosen.",
            fix="Choose Sandbox, or give the My Domain address of production, like"
            " acme.my.salesforce.com.",
            code="ENVIRONMENT",
        )
    if not address.is_sandbox and environment == Org.Environment.SANDBOX:
        raise NeedsPerson(
            f"{address.host} is not the address of a sandbox, and Sandbox is chosen.",
            fix="A sandbox has two hyphens and its name in it, like"
            f" acme--uat.sandbox.my.salesforce.com. {FIND_MY_DOMAIN}",
            code="ENVIRONMENT",
        )
    return address


def refuse_taken(name: str) -> None:
    """Raises NeedsPerson for an empty name or one that another tenant has, whatever its case."""
    if not name.strip():
        raise NeedsPerson("The tenant needs a name.", fix="Give it one.", code="NAME")
    if Org.objects.filter(name__iexact=name).exists():
        raise NeedsPerson(
            f"A tenant named {name} exists.",
            fix="Choose another name, or delete that tenant first.",
            code="NAME_TAKEN",
        )
