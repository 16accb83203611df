"""Editing a tenant: the form prefilled with what is, the page closed after saving (seed Z30).

No new consent: the sign-in way and the scopes are changed by reconnecting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from orgwarden.catalog.features import FEATURES, featured, sources_for
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.problems import Problem
from orgwarden.core.retention import EVERY
from orgwarden.core.roles import Right
from orgwarden.core.source import cadence_of
from orgwarden.records.models import Org
from orgwarden.web import access, acts, frame, words
from orgwarden.web.typed import addresses, whole


@dataclass(frozen=True)
class Choice:
    id: str
    title: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Cadence:
    id: str
    title: str
    minutes: str
    usual: str
    on: bool


@dataclass(frozen=True)
class Keep:
    """For how many days a source is kept; "" is as long as the others, "*" are all others."""

    id: str
    title: str
    days: str


@dataclass(frozen=True)
class EditPage:
    key: str
    name: str
    back: str
    reconnect: str
    way: str
    typed: Mapping[str, str]
    features: tuple[Choice, ...]
    tiers: tuple[Choice, ...]
    cadences: tuple[Cadence, ...]
    keeps: tuple[Keep, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.EDIT_TENANTS)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """`/orgs/<key>/edit/`."""
    org = get_object_or_404(Org, key=key)
    if request.method != "POST":
        return _form(request, org, _as_typed(org))
    typed, wanted, errors = _read(request)
    if not errors:
        try:
            changed = acts.edit_org(org, request.user.get_username(), **wanted)
        except Problem as problem:
            errors = {getattr(problem, "field", "") or "problem": problem.sentence()}
        else:
            told = f"{wanted['name']} is saved." if changed else "Nothing was changed."
            messages.success(request, told)
            here = frame.address(reverse("integrations"), {"open": "salesforce"})
            return redirect(f"{here}#tenant-{org.key}")
    return _form(request, org, typed, errors, status=422)


def _as_typed(org: Org) -> dict[str, Any]:
    """The form as it would have been typed for the tenant as it is."""
    every = {s.id: cadence_of(s, org.cadence_minutes) for s in featured([f.id for f in FEATURES])}
    return {
        "name": org.name,
        "backfill_days": str(org.backfill_days),
        "told_addresses": "\n".join(org.told_addresses),
        "features": tuple(org.features),
        "tiers": tuple(org.tiers),
        "cadence": {i: str(int(c.total_seconds() // 60)) for i, c in every.items()},
        "keep": {source: str(days) for source, days in org.keep_days.items()},
    }


def _read(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What was typed, what is wanted by it, and what cannot be read."""
    errors: dict[str, str] = {}
    typed: dict[str, Any] = {
        name: request.POST.get(name, "").strip()
        for name in ("name", "backfill_days", "told_addresses")
    }
    typed["features"] = tuple(request.POST.getlist("features"))
    typed["tiers"] = tuple(request.POST.getlist("tiers"))
    typed["cadence"] = _by_source(request, "cadence-")
    typed["keep"] = _by_source(request, "keep-")
    minutes: dict[str, int] = {}
    for source, text in typed["cadence"].items():
        if (number := whole(text)) is not None:
            minutes[source] = number
        elif text:
            errors["cadence_minutes"] = f"{words.source_name(source)}: give whole minutes."
    keep: dict[str, int] = {}
    for source, text in typed["keep"].items():
        if (number := whole(text)) is not None:
            keep[source] = number
        elif text:
            named = "All sources" if source == EVERY else words.source_name(source)
            errors["keep_days"] = f"{named}: give whole days."
    days = whole(typed["backfill_days"])
    if days is None:
        errors["backfill_days"] = "Give a whole number of days."
    wanted = {
        "name": typed["name"],
        "features": typed["features"],
        "tiers": typed["tiers"],
        "backfill_days": days or 0,
        "cadence_minutes": minutes,
        "keep_days": keep,
        "told_addresses": addresses(typed["told_addresses"]),
    }
    return typed, wanted, errors


def _by_source(request: HttpRequest, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): str(value).strip()
        for name, value in request.POST.items()
        if name.startswith(prefix)
    }


def _form(
    request: HttpRequest,
    org: Org,
    typed: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    on = sources_for(typed["features"], typed["tiers"])
    page = EditPage(
        key=org.key,
        name=org.name,
        back=reverse("org", args=[org.key]),
        reconnect=reverse("reconnect", args=[org.key]),
        way=Org.Flow(org.flow).label if org.flow else "not known",
        typed=typed,
        features=tuple(Choice(f.id, f.title, f.words, f.id in typed["features"]) for f in FEATURES),
        tiers=tuple(Choice(t.id, t.title, t.why, t.id in typed["tiers"]) for t in TIERS),
        cadences=tuple(
            Cadence(s.id, s.title, typed["cadence"].get(s.id, ""), words.span(s.cadence), s in on)
            for s in featured([f.id for f in FEATURES])
        ),
        keeps=tuple(
            Keep(source, title, typed["keep"].get(source, ""))
            for source, title in (
                (EVERY, "All sources"),
                *((s.id, s.title) for s in featured([f.id for f in FEATURES])),
            )
        ),
        errors=errors,
        problem=errors.get("problem", ""),
    )
    return frame.show(
        request,
        "web/edit_org.html",
        page,
        title=f"Edit {org.name}",
        here="integrations",
        status=status,
    )
