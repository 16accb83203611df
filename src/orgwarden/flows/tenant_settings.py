"""The settings of a tenant that people edit, and what is wrong with them before they are stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import NeedsPerson
from orgwarden.core.retention import EVERY, LEAST_DAYS, MOST_DAYS
from orgwarden.flows.connecting.checks import LONGEST_NAME, MOST_BACKFILL_DAYS
from orgwarden.lake.quarantine import Quarantine
from orgwarden.notify.mail import checked_address
from orgwarden.records.models import Org

LEAST_MINUTES, MOST_MINUTES = 3, 24 * 60


@dataclass(frozen=True)
class Settings:
    """What can be edited of a tenant. `cadence_minutes` holds what is not the default; for
    `keep_days` see `core.retention`."""

    name: str
    features: tuple[str, ...]
    tiers: tuple[str, ...]
    backfill_days: int
    cadence_minutes: Mapping[str, int]
    told_addresses: tuple[str, ...]
    keep_days: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, org: Org) -> Settings:
        return cls(
            org.name,
            tuple(org.features),
            tuple(org.tiers),
            org.backfill_days,
            dict(org.cadence_minutes),
            tuple(org.told_addresses),
            dict(org.keep_days),
        )


class Wrong(NeedsPerson):
    """A setting that does not fit; `field` names it."""

    def __init__(self, field: str, what: str, *, fix: str) -> None:
        super().__init__(what, fix=fix, code="SETTING")
        self.field = field


def taken(name: str) -> Wrong:
    return Wrong("name", f"A tenant named {name} exists.", fix="Choose another name.")


def checked(org: Org, wanted: Settings) -> Settings:
    """The settings as they are stored. Raises `Wrong` for the first that does not fit."""
    name = wanted.name.strip()
    if not name or len(name) > LONGEST_NAME:
        what = f"The tenant needs a name of 1 to {LONGEST_NAME} characters."
        raise Wrong("name", what, fix="Give it one.")
    if Org.objects.filter(name__iexact=name).exclude(pk=org.pk).exists():
        raise taken(name)
    if not 1 <= wanted.backfill_days <= MOST_BACKFILL_DAYS:
        raise Wrong(
            "backfill_days",
            f"{wanted.backfill_days} days cannot be read back.",
            fix=f"Choose 1 to {MOST_BACKFILL_DAYS} days: Salesforce holds no more.",
        )
    features = _known("features", wanted.features, FEATURE_IDS)
    if not features:
        raise Wrong(
            "features", "No feature is on, so nothing would be collected.", fix="Choose one."
        )
    cadence = {}
    for source, minutes in wanted.cadence_minutes.items():
        if source not in BY_ID or not LEAST_MINUTES <= minutes <= MOST_MINUTES:
            raise Wrong(
                "cadence_minutes",
                f"{source} cannot be read every {minutes} minutes.",
                fix=f"Choose {LEAST_MINUTES} to {MOST_MINUTES} minutes.",
            )
        if timedelta(minutes=minutes) != BY_ID[source].cadence:
            cadence[source] = minutes
    for address in wanted.told_addresses:
        try:
            checked_address(address)
        except NeedsPerson as problem:
            what = f"{address} is not an e-mail address."
            raise Wrong("told_addresses", what, fix=problem.fix) from None
    told = tuple(dict.fromkeys(wanted.told_addresses))
    tiers = _known("tiers", wanted.tiers, TIER_IDS)
    keep = _kept(wanted.keep_days)
    return Settings(name, features, tiers, wanted.backfill_days, cadence, told, keep)


def _kept(wanted: Mapping[str, int]) -> dict[str, int]:
    """Without what says nothing: 0 where for ever holds anyway."""
    for source, days in wanted.items():
        if source not in (EVERY, Quarantine.SOURCE) and source not in BY_ID:
            raise Wrong(
                "keep_days", f"There is no source {source}.", fix="Name one of the page Sources."
            )
        if days and not LEAST_DAYS <= days <= MOST_DAYS:
            raise Wrong(
                "keep_days",
                f"Events cannot be kept for {days} days.",
                fix=f"Choose {LEAST_DAYS} to {MOST_DAYS} days, or 0 for ever.",
            )
    every = wanted.get(EVERY, 0)
    return {s: d for s, d in sorted(wanted.items()) if d or (every and s != EVERY)}


def _known(field: str, chosen: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := sorted(set(chosen) - set(known)):
        raise Wrong(field, f"There is no {unknown[0]}.", fix=f"Choose of {', '.join(known)}.")
    return tuple(k for k in known if k in chosen)
