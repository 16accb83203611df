"""What the API sends and takes, as declared shapes. Times are ISO 8601 in UTC, null when never."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

T = TypeVar("T")
# What PostgreSQL takes: no NUL.
NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Key = Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,32}$", description="The tenant's key.")]
TestId = Annotated[str, Field(pattern=r"^[0-9a-f]{1,15}-[0-9a-f]{20}$", description="Its `id`.")]


class Given(Schema):
    """What callers send: a name that is not expected is refused, or typing errors were lost."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(Schema):
    field: str
    detail: str


class ProblemDocument(Schema):
    """Why something was refused (RFC 9457), and what to do."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What happened.")
    fix: str = Field(description="What to do; may be empty.")
    code: str = Field(description="Stable, to search for.")
    errors: list[FieldProblem] | None = Field(None, description="For 422: what does not fit.")


class Page(Schema, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="The `cursor` of the next page; null: this was the last.")


class PageAsked(Given):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=200, description="Most items to send.")
    cursor: str = Field("", max_length=400, description="`next` of the page before.")


# --- tenants


class Waiting(Schema):
    reason: str
    rule: str
    until: datetime


class Tenant(Schema):
    """A connected org."""

    key: str = Field(description="Names the tenant in addresses; never changes.")
    name: str
    platform: str
    environment: str = Field(description="What the person who connected it said.")
    address: str = Field(description="The My Domain address.")
    organization_id: str
    organization_name: str
    edition: str
    instance: str
    is_sandbox: bool | None = Field(description="What Salesforce said; null: not known yet.")
    sign_in: str = Field(description="client-credentials, web-server or jwt-bearer.")
    connected_user: str
    features: list[str]
    tiers: list[str]
    legacy: bool
    status: str = Field(description="in_progress, success or error.")
    status_since: datetime | None
    problem: str | None = Field(description="Why the status is error.")
    fix: str | None
    code: str | None
    waiting: Waiting | None = Field(description="What collection waits for.")
    paused_at: datetime | None
    paused_by: str | None
    added_by: str
    first_connected_at: datetime | None
    connected_at: datetime | None
    ready_at: datetime | None
    last_synced_at: datetime | None
    backfill_days: int
    cadence_minutes: dict[str, int] = Field(description="By source, where not the default.")
    keep_days: dict[str, int] = Field(description="How long events are kept; none: for ever.")
    told_addresses: list[str] = Field(description="E-mail addresses of this tenant's messages.")


class Progress(Schema):
    done: int
    total: int = Field(description="0: not known.")


class Source(Schema):
    """How one source of a tenant stands."""

    id: str
    title: str
    state: str = Field(description="never, running, current, waiting, dark, failing or off.")
    since: datetime | None
    reason: str | None
    fix: str | None
    rows: int
    quarantined: int
    calls: int
    complete_to: datetime | None
    backfill_from: datetime | None
    progress: Progress
    last_run: datetime | None
    last_success: datetime | None
    next_due: datetime | None


class Span(Schema):
    """[from, to)."""

    model_config = ConfigDict(populate_by_name=True)
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class Gap(Span):
    why: str


class Coverage(Schema):
    """Which spans of a source are complete, which are missing, and why."""

    source: str
    title: str
    complete: list[Span]
    missing: list[Gap]


class Budget(Schema):
    """The org's daily API calls, by anyone and by us, against the three limits."""

    used: int | None = Field(description="By anyone, as Salesforce last said; null: not known.")
    limit: int | None
    as_of: datetime | None
    own_24h: int
    floor: float = Field(description="The last share of the limit that is never taken.")
    stop: float = Field(description="Collection stops when this share is used by anyone.")
    own: float = Field(description="The share we use at most.")
    hours: list[HourOfCalls] = Field(description="Our own calls of the last 24 hours.")


class HourOfCalls(Schema):
    hour: datetime
    calls: int


class Run(Schema):
    """One collection of one source."""

    source: str
    trigger: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    rows_read: int
    rows_stored: int
    rows_duplicate: int
    rows_quarantined: int
    calls: int
    bytes: int
    reason: str
    fix: str


class TestLine(Schema):
    """One thing a test looked at."""

    id: str
    title: str
    verdict: str = Field(description="pass, warn, fail or unknown.")
    words: str
    fix: str
    seconds: float | None = None
    calls: int | None = None


class TestedSource(Schema):
    source: str
    title: str
    verdict: str = Field(description="works, partly, dark, off or unknown.")
    because: str
    fix: str


class Test(Schema):
    """A test of the connection."""

    id: str
    address: str
    state: str = Field(description="waiting, running, done or lost.")
    connected: bool | None = Field(description="Sign-in and API work; null: not known (yet).")
    headline: str
    asked_at: datetime
    asked_by: str
    started_at: datetime | None
    ended_at: datetime | None
    calls: int
    lines: list[TestLine]
    sources: list[TestedSource]


class Incident(Schema):
    """Something that stops or blinds collecting."""

    id: str
    tenant: str | None = Field(description="Its key; null: the installation.")
    kind: str
    subject: str
    words: str
    fix: str
    opened_at: datetime
    ended_at: datetime | None


Budget.model_rebuild()


# --- what was done


class Done(Schema):
    """What a request did, in sentences."""

    done: list[str]


class Collecting(Schema):
    joined: bool = Field(description="A run was in progress and is joined.")


# --- events


class Event(Schema):
    """One event in the columns that are the same for all sources."""

    time: datetime
    tenant: str
    source: str
    actor_id: str | None
    actor: str | None
    action: str | None
    object: str | None
    target: str | None
    ip: str | None
    country: str | None
    app: str | None
    client: str | None
    outcome: str | None
    event_uid: str


class Rows(Schema):
    """The answer to a question in SQL."""

    columns: list[str]
    rows: list[list[Any]]
    cut: bool = Field(description="There were more rows than `limit`.")


class ViewColumn(Schema):
    name: str
    meaning: str


class View(Schema):
    """What can be asked in SQL."""

    view: str
    title: str
    about: str
    rows: int
    columns: list[ViewColumn]


# --- the installation


class AuditLine(Schema):
    """One entry of the audit chain; `digest` covers `previous`."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    digest: str


class Person(Schema):
    username: str
    email: str
    active: bool
    roles: list[str]
    last_sign_in: datetime | None


class Token(Schema):
    """An API token; its text is kept nowhere."""

    start: str = Field(description="Its first characters.")
    name: str
    scopes: list[str]
    state: str = Field(description="active, expired or revoked.")
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    last_used_from: str


class Destination(Schema):
    """Somewhere messages go. Web addresses are secrets and are not shown."""

    name: str
    kind: str
    address: str = Field(description="Of e-mail; empty otherwise.")
    enabled: bool
    last_ok_at: datetime | None
    last_problem: str
    last_problem_at: datetime | None


class Platform(Schema):
    id: str
    title: str
    words: str
    tenants: int


class Feature(Schema):
    id: str
    title: str
    words: str
    sources: list[str]


class Tier(Schema):
    id: str
    title: str
    why: str
    without: str
    permissions: list[str]


class Permission(Schema):
    """A user permission at Salesforce that a source or a tier asks for."""

    name: str
    label: str
    about: str
    writes: bool = Field(description="It allows changes, whether or not we make any.")
    tier: str = Field(description="The opt-in that adds it; empty: the base.")
    needed_by: list[PermissionUse]


class PermissionUse(Schema):
    source: str
    without: str = Field(description="What goes dark without it.")


Permission.model_rebuild()


class Health(Schema):
    """Whether it works, as far as the caller may see."""

    status: str = Field(
        description="ok, or failing: a tenant is in error, an incident is open, or no worker runs."
    )
    version: str
    tenants: int
    in_error: int
    in_progress: int
    open_incidents: int
    oldest_sync_at: datetime | None = Field(description="Null: none, or one never synced.")
    never_synced: int
