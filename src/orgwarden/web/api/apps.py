"""The apps that can touch the tenants, and what was decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import Q
from ninja import Query, Router, Schema
from pydantic import Field

from orgwarden.core.app_risk import level_of
from orgwarden.core.problems import NotThere
from orgwarden.core.roles import Right
from orgwarden.records.models import App as Row
from orgwarden.web import acts
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.pages import cursor, read_cursor
from orgwarden.web.api.shapes import NO_NUL, Given, PageAsked

router = Router(tags=["Apps"])
AppKey = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", description="The app's key.")]
State = Literal["enabled", "restricted", "blocked", "not_installed", "deleted", "unknown"]
Classification = Literal["unclassified", "reviewing", "sanctioned", "unsanctioned"]


class Reason(Schema):
    id: str
    points: int
    text: str


class Trace(Schema):
    """What one source says of an app. `hint`: it has the app's name and nothing else."""

    source: str
    name: str
    identities: list[str]
    rows: int
    first: datetime | None
    last: datetime | None
    hint: bool


class App(Schema):
    """One app of one tenant. Numbers are null where they could not be counted."""

    key: str
    name: str
    tenant: str
    state: str
    state_since: datetime
    classification: str
    risk: int = Field(description="0 to 100: the sum of the reasons' points.")
    level: str
    reasons: list[Reason]
    unjudged: list[Reason] = Field(description="Factors that could not be judged, and why.")
    grants: int | None
    people: int | None
    privileged_people: int | None
    namesakes: int = Field(description="Other apps of this tenant with the same name.")
    first_seen: datetime | None
    last_seen: datetime | None
    looked_at: datetime = Field(description="When stock was last taken.")
    evidence: list[Trace]


class AppsAsked(PageAsked):
    tenant: shapes.Text = ""
    state: State | None = None
    classification: Classification | None = None
    risk: int = Field(0, ge=0, le=100, description="At least this.")


@operation(router, "GET", "apps", Right.SEE_TENANTS, shapes.Page[App])
def list_apps(request: Asking, asked: Query[AppsAsked]) -> dict[str, Any]:
    """Apps, the most dangerous first."""
    rows = Row.objects.filter(org__in=request.auth.orgs(), risk__gte=asked.risk)
    if asked.tenant:
        rows = rows.filter(org__key=asked.tenant)
    for name in ("state", "classification"):
        if wanted := getattr(asked, name):
            rows = rows.filter(**{name: wanted})
    if asked.cursor:
        risk, pk = read_cursor("apps", asked.cursor)
        rows = rows.filter(Q(risk__lt=risk) | Q(risk=risk, pk__gt=pk))
    found = list(rows.select_related("org").order_by("-risk", "pk")[: asked.limit + 1])
    following = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        following = cursor("apps", [last.risk, last.pk])
    return {"items": [_told(row) for row in found[: asked.limit]], "next": following}


@operation(router, "GET", "tenants/{slug:key}/apps/{slug:app}", Right.SEE_TENANTS, App)
def get_app(request: Asking, key: shapes.Key, app: AppKey) -> dict[str, Any]:
    """One app of a tenant."""
    return _told(_found(request, app))


class Decision(Given):
    """What an app is, and why."""

    classification: Classification
    why: str = Field(min_length=1, max_length=1000, pattern=NO_NUL)


@operation(
    router, "POST", "tenants/{slug:key}/apps/{slug:app}/classify", Right.CLASSIFY_APPS, App,
    refusals=(409,),
)  # fmt: skip
def classify_app(
    request: Asking, key: shapes.Key, app: AppKey, decision: Decision
) -> dict[str, Any]:
    """Classify an app.

    It stays so when the app goes and comes back. Who and why is in the audit trail.
    """
    row = _found(request, app)
    acts.classify_app(row, decision.classification, decision.why, request.auth.name)
    return _told(_found(request, app))


def _found(request: Asking, app: str) -> Row:
    found = Row.objects.select_related("org").filter(org=request.auth.tenant, key=app).first()
    if found is None:
        raise NotThere(
            "There is no such app of this tenant.",
            fix="GET apps for those there are.",
            code="NO_APP",
        )
    return found


def _told(row: Row) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in App.model_fields if hasattr(row, name)}
    return {**plain, "tenant": row.org.key, "level": level_of(row.risk)}
