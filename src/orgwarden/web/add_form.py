"""The form that adds a tenant: what was typed, read and judged field by field.

Secrets are never part of it: they are read once and handed on, and a form that comes back does not
hold them. Where a draft keeps one, the form says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import Problem
from orgwarden.records.models import Org
from orgwarden.web import acts
from orgwarden.web.typed import addresses, whole

if TYPE_CHECKING:
    from orgwarden.flows.connecting.pending import Pending

MOST = {"name": 80, "url": 255, "client_id": 255, "client_secret": 255, "username": 255}
MOST_DAYS = 180
WAYS = (Org.Flow.JWT_BEARER, Org.Flow.CLIENT_CREDENTIALS, Org.Flow.WEB_SERVER)
_WHERE = "In Salesforce: Setup, quick find “My Domain”, current My Domain URL."


@dataclass(frozen=True)
class AddForm:
    """What was typed, without secrets, and what is wrong with it."""

    name: str = ""
    environment: str = str(Org.Environment.PRODUCTION)
    url: str = ""
    flow: str = str(Org.Flow.JWT_BEARER)
    client_id: str = ""
    username: str = ""
    features: tuple[str, ...] = FEATURE_IDS
    tiers: tuple[str, ...] = ()
    backfill_days: str = "60"
    web_scope: bool = False
    told: str = ""
    administrator: bool = False
    draft: int | None = None
    secret_kept: bool = False
    key_kept: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def first_wrong(self) -> str:
        """The field to begin at."""
        order = ("name", "environment", "url", "flow", "client_id", "client_secret", "username")
        return next((f for f in (*order, *self.errors) if f in self.errors), "")

    def asked(self, actor: str, platform: str) -> dict[str, Any]:
        """As the flows are asked."""
        return {
            "name": self.name,
            "url": self.url,
            "client_id": self.client_id,
            "flow": self.flow,
            "actor": actor,
            "platform": platform,
            "environment": self.environment,
            "features": self.features,
            "tiers": self.tiers,
            "backfill_days": int(self.backfill_days),
            "username": self.username,
            "web_scope": self.web_scope and self.flow == Org.Flow.WEB_SERVER,
            "told_addresses": addresses(self.told),
            "administrator": self.administrator,
        }


def of_draft(draft: Pending) -> AddForm:
    """A draft as the form shows it again."""
    asked = draft.asked
    return AddForm(
        name=asked.name,
        environment=asked.environment or str(Org.Environment.PRODUCTION),
        url=asked.url,
        flow=str(asked.flow),
        client_id=asked.client_id,
        username=asked.username,
        features=asked.features,
        tiers=asked.tiers,
        backfill_days=str(asked.backfill_days),
        web_scope=asked.web_scope,
        told=", ".join(asked.told_addresses),
        administrator=asked.administrator,
        draft=draft.id,
        secret_kept=draft.secret_kept,
        key_kept=bool(draft.certificate),
    )


def read(post: QueryDict, *, before: AddForm, consent_works: bool) -> AddForm:
    """What was sent. `before` is the draft it replaces, or an empty form."""
    typed = {k: post.get(k, "").strip() for k in (*MOST, "environment", "flow", "told")}
    errors = {k: f"At most {most} characters." for k, most in MOST.items() if len(typed[k]) > most}
    if not typed["name"]:
        errors["name"] = "Give the tenant a name, for example Production."
    elif Org.objects.filter(name__iexact=typed["name"]).exists():
        errors["name"] = "A tenant of this name exists. Choose another name."
    if typed["environment"] not in Org.Environment.values:
        errors["environment"] = "Choose production or sandbox."
    url = _address(typed["url"], typed["environment"], errors)
    if typed["flow"] not in WAYS:
        errors["flow"] = "Choose how Orgwarden signs in."
    elif typed["flow"] == Org.Flow.WEB_SERVER and not consent_works:
        errors["flow"] = "Consent in the browser does not work here. Choose another way."
    if typed["flow"] == Org.Flow.JWT_BEARER and not typed["username"]:
        errors["username"] = "Give the username of the integration user at Salesforce."
    features = tuple(f for f in FEATURE_IDS if f in post.getlist("features"))
    if not features:
        errors["features"] = "Choose at least one feature; without one nothing is collected."
    days = post.get("backfill_days", "60").strip()
    if not 1 <= (whole(days) or 0) <= MOST_DAYS:
        errors["backfill_days"] = f"Give a number of days from 1 to {MOST_DAYS}."
    for address in addresses(typed["told"]):
        try:
            validate_email(address)
        except ValidationError:
            errors["told"] = f"{address} is not an e-mail address."
    return AddForm(
        name=typed["name"],
        environment=typed["environment"],
        url=url,
        flow=typed["flow"],
        client_id=typed["client_id"],
        username=typed["username"],
        features=features,
        tiers=tuple(t for t in TIER_IDS if t in post.getlist("tiers")),
        backfill_days=days,
        web_scope="web_scope" in post,
        told=typed["told"],
        administrator="administrator" in post,
        draft=before.draft,
        secret_kept=before.secret_kept,
        key_kept=before.key_kept,
        errors=errors,
    )


def _address(typed: str, environment: str, errors: dict[str, str]) -> str:
    """The address as it is kept; what was typed, with an error, where it will not do."""
    if not typed:
        errors["url"] = f"Give the org's My Domain address, never a shared sign-in page. {_WHERE}"
        return ""
    if "url" in errors:
        return typed
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", typed):  # the org's own label alone
        middle = "sandbox." if environment == Org.Environment.SANDBOX else ""
        typed = f"{typed.lower()}.{middle}my.salesforce.com"
    try:
        return acts.check_address(typed, environment)
    except Problem as problem:
        where = "" if "My Domain" in problem.fix else f" {_WHERE}"
        errors["url"] = problem.sentence() + where
        return typed


def wrong(form: AddForm, problem: Problem) -> AddForm:
    """The form with what went wrong as a whole."""
    return replace(form, errors={}, problem=problem)
