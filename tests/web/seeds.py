"""Tenants as the pages meet them: one fine, one collecting, one in error, one that never synced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from orgwarden.core.roles import Role
from orgwarden.records import memberships
from orgwarden.records.models import CallHour, Org, OrgUsage, Run, SourceState

PASSWORD = "correct horse battery"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_LOGS = ("event_log_api", "event_log_login", "event_log_report", "event_log_restapi")


def people() -> dict[str, User]:
    """One person in each role for all tenants; the administrator is called admin."""
    made: dict[str, User] = {}
    for role in Role:
        name = "admin" if role is Role.ADMINISTRATOR else role.value
        made[name] = get_user_model().objects.create_user(name, password=PASSWORD)
        memberships.give(made[name], role)
    return made


def org(name: str = "Acme Production", *, now: datetime, **more: object) -> Org:
    """A healthy tenant; `more` says what differs."""
    label = name.lower().replace(" ", "-")
    values: dict[str, object] = {
        "name": name,
        "url": f"https://{label[:30]}.my.salesforce.com",
        "instance_url": f"https://{label[:30]}.my.salesforce.com",
        "salesforce_id": "00DKa0000001abcMAA",
        "organization_name": name,
        "edition": "Enterprise Edition",
        "instance_name": "EU47",
        "is_sandbox": False,
        "language": "en_US",
        "flow": Org.Flow.CLIENT_CREDENTIALS,
        "connected_user": "orgwarden.integration@acme.example",
        "features": ["app_governance", "sspm_scan"],
        "tiers": ["sign_ins"],
        "added_by": "admin",
        "first_connected_at": now - 21 * DAY,
        "connected_at": now - 21 * DAY,
        "event_monitoring": "licensed",
        "status": Org.Status.SUCCESS,
        "status_since": now - 20 * DAY,
        "last_synced_at": now - timedelta(minutes=6),
        "next_due_at": now + timedelta(minutes=9),
    }
    return Org.objects.create(**(values | more))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def sources(of: Org, now: datetime) -> None:
    """Sources in the states a page has to tell apart: current, partly, dark, failing, running."""
    begun = (now - 61 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    common = {"org": of, "since": now - 2 * DAY, "last_run_at": now - timedelta(minutes=6)}
    gap = (now - 24 * DAY).replace(hour=6)
    SourceState.objects.create(
        **common,
        source="login_history",
        state="current",
        rows=148_211,
        calls=1_204,
        backfill_from=begun,
        last_success_at=now - timedelta(minutes=6),
        next_due_at=now + timedelta(minutes=9),
        coverage={"complete": [[_iso(begun), _iso(now - timedelta(minutes=5))]], "missing": []},
    )
    SourceState.objects.create(
        **common,
        source="setup_audit_trail",
        state="current",
        rows=3_918,
        calls=611,
        backfill_from=begun,
        last_success_at=now - timedelta(minutes=6),
        next_due_at=now + timedelta(minutes=9),
        coverage={
            "complete": [[_iso(begun), _iso(gap)], [_iso(gap + 40 * HOUR), _iso(now)]],
            "missing": [[_iso(gap), _iso(gap + 40 * HOUR), "The budget stopped collection here"]],
        },
    )
    for i, source in enumerate(_LOGS):
        late = begun + 31 * DAY
        complete = [[_iso(late), _iso(now - 3 * DAY)]]
        SourceState.objects.create(
            **common,
            source=source,
            state="current",
            rows=1_400_000 >> i,
            calls=64 + i,
            backfill_from=late,
            last_success_at=now - 20 * timedelta(minutes=i + 1),
            next_due_at=now + timedelta(minutes=40),
            quarantined=3 if i == 1 else 0,
            coverage={"complete": complete, "missing": []},
        )
    SourceState.objects.create(
        **common,
        source="event_log_bulkapi",
        state="dark",
        backfill_from=begun + 31 * DAY,
        reason="The connected user lacks View Event Log Files",
        fix="Add View Event Log Files to its permission set",
    )
    SourceState.objects.create(
        **common,
        source="users",
        state="failing",
        rows=204,
        calls=40,
        backfill_from=now - DAY,
        reason="Salesforce answered 500 three times",
        fix="Nothing to do yet: the next try is in 12 minutes",
    )
    SourceState.objects.create(org=of, source="limits", state="never")


def runs(of: Org, now: datetime) -> None:
    """Two days of runs, one failed, one stopped, one dark."""
    for i in range(140):
        ended = now - timedelta(minutes=6 + 20 * i)
        outcome, reason, fix = "done", "", ""
        if i in (30, 31, 32):
            outcome, reason = "failed", "Salesforce answered 503 for two minutes"
            fix = "Nothing to do: the next run reads the same time again"
        elif i == 60:
            outcome, reason = "waiting", "76,120 of 100,000 calls are used"
        elif i == 2:
            outcome, reason = "dark", "The connected user lacks View Event Log Files"
            fix = "Add View Event Log Files to its permission set"
        source = ("login_history", "setup_audit_trail", "event_log_restapi")[i % 3]
        Run.objects.create(
            org=of,
            source="event_log_bulkapi" if outcome == "dark" else source,
            started_at=ended - timedelta(seconds=2 + i % 9),
            ended_at=ended,
            outcome=outcome,
            rows_read=120 + i * 3,
            rows_stored=90 + i * 2,
            rows_duplicate=30 + i,
            calls=2 + i % 3,
            reason=reason,
            fix=fix,
            trigger="page" if i == 0 else "schedule",
        )


def calls(of: Org, now: datetime, hours: int = 96) -> None:
    """Calls by us and by others, busier by day."""
    top = now.replace(minute=0, second=0, microsecond=0)
    total: list[int] = []
    for back in reversed(range(hours)):
        hour = top - back * HOUR
        busy = 1 + max(0, 6 - abs(hour.hour - 13))
        CallHour.objects.create(org=of, hour=hour, source="login_history", calls=8)
        CallHour.objects.create(org=of, hour=hour, source="event_log_restapi", calls=6 + busy)
        total.append(14 + busy + 260 * busy)
        OrgUsage.objects.create(
            org=of,
            hour=hour,
            at=min(hour + timedelta(minutes=50), now - timedelta(minutes=2)),
            used=sum(total[-24:]),
            limit=100_000,
        )


def tenants(now: datetime) -> dict[str, Org]:
    """Four tenants, each of its own kind."""
    made = {"fine": org(now=now)}
    sources(made["fine"], now)
    runs(made["fine"], now)
    calls(made["fine"], now)
    made["busy"] = org(
        "Acme UAT",
        now=now,
        is_sandbox=True,
        status=Org.Status.IN_PROGRESS,
        status_since=now - timedelta(minutes=4),
        first_connected_at=now - timedelta(minutes=4),
        connected_at=now - timedelta(minutes=4),
        last_synced_at=None,
        event_monitoring="none",
    )
    begun = (now - 61 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    SourceState.objects.create(
        org=made["busy"],
        source="login_history",
        state="running",
        backfill_from=begun,
        progress_done=48_200,
        progress_total=120_000,
        rows=48_200,
        since=now,
    )
    SourceState.objects.create(
        org=made["busy"],
        source="setup_audit_trail",
        state="current",
        rows=900,
        backfill_from=begun,
        last_success_at=now,
        coverage={"complete": [[_iso(begun), _iso(now)]], "missing": []},
    )
    SourceState.objects.create(org=made["busy"], source="event_log_login", state="never")
    Run.objects.create(
        org=made["busy"],
        source="login_history",
        started_at=now - timedelta(seconds=30),
        rows_read=48_200,
        calls=6,
    )
    made["broken"] = org(
        "Globex EMEA",
        now=now,
        features=["app_governance"],
        status=Org.Status.ERROR,
        status_since=now - 9 * HOUR,
        last_synced_at=now - 9 * HOUR,
        problem_code="invalid_grant",
        problem="Grant Expired: Salesforce no longer honours our refresh token",
        problem_fix="Reconnect the tenant and press Allow",
        flow=Org.Flow.WEB_SERVER,
    )
    made["new"] = org(
        "Initech",
        now=now,
        status=Org.Status.SUCCESS,
        last_synced_at=None,
        first_connected_at=now - 3 * DAY,
        connected_at=now - 3 * DAY,
    )
    return made
