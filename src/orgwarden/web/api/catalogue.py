"""What can be connected and collected: platforms, features, opt-in tiers, permissions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ninja import Router

from orgwarden.catalog.features import FEATURES
from orgwarden.catalog.permissions import PERMISSIONS
from orgwarden.catalog.platforms import PLATFORMS
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.roles import Right
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation

router = Router(tags=["Catalogue"])
SEE = Right.SEE_TENANTS


@operation(router, "GET", "platforms", SEE, list[shapes.Platform])
def list_platforms(request: Asking) -> list[dict[str, Any]]:
    """The platforms that can be connected, and how many tenants of each you may see."""
    orgs = request.auth.orgs()
    return [{**asdict(p), "tenants": sum(o.platform == p.id for o in orgs)} for p in PLATFORMS]


@operation(router, "GET", "features", SEE, list[shapes.Feature])
def list_features(request: Asking) -> list[dict[str, Any]]:
    """The features a tenant can have, and the sources each reads."""
    return [asdict(feature) for feature in FEATURES]


@operation(router, "GET", "tiers", SEE, list[shapes.Tier])
def list_tiers(request: Asking) -> list[dict[str, Any]]:
    """What a tenant may opt in to beyond the base, and what is dark without it."""
    return [asdict(tier) for tier in TIERS]


@operation(router, "GET", "permissions", SEE, list[shapes.Permission])
def list_permissions(request: Asking) -> list[dict[str, Any]]:
    """The permissions that sources and tiers ask for, and what goes dark without each."""
    uses: dict[str, list[dict[str, str]]] = {}
    for source in SOURCES:
        for need in source.needs:
            uses.setdefault(need.permission, []).append(
                {"source": source.id, "without": need.without}
            )
    return [
        {
            "name": p.name,
            "label": p.label,
            "about": p.about,
            "writes": p.writes,
            "tier": p.tier,
            "needed_by": uses.get(p.name, []),
        }
        for p in PERMISSIONS
        if p.name in uses or p.tier
    ]
