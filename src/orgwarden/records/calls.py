"""Counts the API calls to each org, ours by hour and source, everybody's as Salesforce said.

Counted when a call is made, so that a run that is killed has counted what it used. Safe from any
number of threads and processes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery, Sum

from orgwarden.records.models import CallHour, Org, OrgLimit, OrgUsage


@dataclass(frozen=True)
class Usage:
    """The org's daily API calls by anyone, as Salesforce said at `at`."""

    at: datetime
    used: int
    limit: int


def the_hour(at: datetime) -> datetime:
    """The UTC hour that `at` lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def count(
    org: Org, source: str, hour: datetime, calls: int = 1, *, lane: str = "", protected: int = 0
) -> None:
    """Add `calls` made in the hour of `hour` for `source` (a catalog id, or `test`, `connect`) in
    a lane of `core.budget`; `protected` of them passed a stop in the protected lane."""
    key = {"org": org, "hour": the_hour(hour), "source": source, "lane": lane}
    row = CallHour.objects.filter(**key)
    more = {"calls": F("calls") + calls, "protected": F("protected") + protected}
    if row.update(**more):
        return
    try:
        with transaction.atomic():
            CallHour.objects.create(**key, calls=calls, protected=protected)
    except IntegrityError:  # somebody else made the first call of this hour just now
        if not row.update(**more):
            raise  # not that: the org is gone


def note_usage(org: Org, at: datetime, used: int, limit: int) -> None:
    """Keep what Salesforce said; one row an hour, in which the latest word stays."""
    row = OrgUsage.objects.filter(org=org, hour=the_hour(at))
    told = {"at": at, "used": used, "limit": limit}
    if row.filter(at__lte=at).update(**told):
        return
    # Absent, or with a later word. "Is there one?" would not do: it may have been made, with an
    # earlier word, since the update looked.
    _, made = OrgUsage.objects.get_or_create(org=org, hour=the_hour(at), defaults=told)
    if not made:
        row.filter(at__lte=at).update(**told)


def own_calls_since(org: Org, since: datetime) -> int:
    """Our calls since then, from the start of its hour: rather too many than too few."""
    rows = CallHour.objects.filter(org=org, hour__gte=the_hour(since))
    return rows.aggregate(total=Sum("calls"))["total"] or 0


def protected_calls_since(org: Org, since: datetime) -> int:
    """Those of them that only the protected lane let pass a stop."""
    rows = CallHour.objects.filter(org=org, hour__gte=the_hour(since))
    return rows.aggregate(total=Sum("protected"))["total"] or 0


def own_calls_of(orgs: Collection[Org], since: datetime) -> dict[int, int]:
    """`own_calls_since` of each that made one, by the org's row id."""
    rows = CallHour.objects.filter(org__in=orgs, hour__gte=the_hour(since))
    return dict(rows.values_list("org_id").annotate(total=Sum("calls")).order_by())


def own_calls_by_source(org: Org, since: datetime) -> dict[str, int]:
    """Our calls since the start of that hour, by source, most first."""
    rows = CallHour.objects.filter(org=org, hour__gte=the_hour(since))
    sums = rows.values("source").annotate(total=Sum("calls")).order_by("-total", "source")
    return {row["source"]: row["total"] for row in sums}


def own_calls_by_lane(org: Org, since: datetime) -> dict[str, int]:
    """Our calls since the start of that hour, by lane, most first."""
    rows = CallHour.objects.filter(org=org, hour__gte=the_hour(since))
    sums = rows.values("lane").annotate(total=Sum("calls")).order_by("-total", "lane")
    return {row["lane"]: row["total"] for row in sums}


def usage_now(org: Org) -> Usage | None:
    """The latest word of Salesforce on the org's usage; None when it has said nothing yet."""
    row = OrgUsage.objects.filter(org=org).order_by("-at").first()
    return Usage(row.at, row.used, row.limit) if row else None


def usage_of(orgs: Collection[Org]) -> dict[int, Usage]:
    """`usage_now` of each of which there is one, by the org's row id."""
    newest = OrgUsage.objects.filter(org=OuterRef("pk")).order_by("-at").values("pk")[:1]
    each = Org.objects.filter(pk__in=[o.pk for o in orgs]).values(newest=Subquery(newest))
    rows = OrgUsage.objects.filter(pk__in=each)  # each found by its index
    return {row.org_id: Usage(row.at, row.used, row.limit) for row in rows}


def note_limits(org: Org, at: datetime, limits: Mapping[str, tuple[int, int]]) -> None:
    """Keep what Salesforce said of these limits: the most and what remains, by its own names. One
    that is no longer named is forgotten."""
    OrgLimit.objects.filter(org=org).exclude(name__in=list(limits)).delete()
    OrgLimit.objects.bulk_create(
        [
            OrgLimit(org=org, name=name[:120], most=most, remaining=remaining, at=at)
            for name, (most, remaining) in limits.items()
        ],
        update_conflicts=True,
        unique_fields=["org", "name"],
        update_fields=["most", "remaining", "at"],
    )


def take(org: Org, limit: str, amount: int = 1) -> None:
    """Count what we used of a limit since Salesforce last spoke of it."""
    OrgLimit.objects.filter(org=org, name=limit).update(remaining=F("remaining") - amount)


def spend(org: Org, limit: str, at: datetime) -> None:
    """Salesforce says that nothing remains of a limit."""
    told = {"remaining": 0, "at": at}
    OrgLimit.objects.update_or_create(
        org=org, name=limit, defaults=told, create_defaults={**told, "most": 1}
    )


def limits_of(org: Org) -> dict[str, tuple[int, int]]:
    """The most and what remains of each limit we know, by Salesforce's names."""
    rows = OrgLimit.objects.filter(org=org).order_by("name")
    return {row.name: (row.most, row.remaining) for row in rows}
