"""Checks: what can be said against a connection that is asked for before anything is sent."""

from __future__ import annotations

from django.conf import settings

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.connecting.asked import Asked
from orgwarden.notify.mail import checked_address
from orgwarden.records.models import Org
from orgwarden.salesforce import Address, canonical

FIND_MY_DOMAIN = "In Salesforce: Setup, quick find “My Domain”, current My Domain URL."
LONGEST_NAME = 80
MOST_BACKFILL_DAYS = 180  # what Salesforce holds of sign-ins and of the setup audit trail


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
    for told in asked.told_addresses:
        checked_address(told)
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
    """Raises NeedsPerson for a name that is empty, too long or another tenant's, whatever its
    case."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise NeedsPerson(
            f"The tenant needs a name of 1 to {LONGEST_NAME} characters.",
            fix="Give it one.",
            code="NAME",
        )
    if Org.objects.filter(name__iexact=name).exists():
        raise NeedsPerson(
            f"A tenant named {name} exists.",
            fix="Choose another name, or delete that tenant first.",
            code="NAME_TAKEN",
        )
