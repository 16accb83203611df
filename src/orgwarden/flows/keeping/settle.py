"""After records and tables were put back: nothing runs any more, caches follow, everything is due.

- Leases and claims are free. The next taker's epoch is above the table's.
- A run that was running when the backup was made has lost its process.
- Cursor and coverage are made anew from each table; every source is due, and reads from its cursor
  with its overlap: what is there already is recognised.
- A message that was on its way may have been sent since by the installation that the backup was
  made of: it is not sent again by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows import publish, runs, standing
from orgwarden.flows.lakes import lake_of
from orgwarden.lake.table import OrgLake, is_table
from orgwarden.records import audit, dump, envelope
from orgwarden.records.models import (
    ConsentRequest,
    Credential,
    Destination,
    Lease,
    Message,
    Org,
    RefreshClaim,
    RetiredGrant,
    SharedValue,
    SourceState,
    WorkerBeat,
)

ALIVE = timedelta(seconds=30)  # a worker says so every few seconds
UNSENT = "It was on its way when the backup was made; whether it was sent since is not known."
NO_SECRETS = "It was restored from a backup without the key that opens its secrets."


def refuse_running() -> None:
    """Raises NeedsPerson while a worker of this installation lives."""
    if dump.is_empty():
        return
    if WorkerBeat.objects.filter(seen_at__gt=datetime.now(UTC) - ALIVE).exists():
        raise NeedsPerson(
            "A worker of this installation runs.",
            fix="Stop orgwarden serve, web and worker, wait half a minute, then restore.",
            code="WORKER_RUNS",
        )


def settle(manifest: Manifest, *, actor: str, without_key: bool) -> list[str]:
    """Make the restored installation ready to go on. Returns the tenants to reconnect."""
    lost = _forget_secrets() if without_key else []
    with transaction.atomic():
        for table in (Lease, RefreshClaim):
            table.objects.update(holder="", expires_at=None)
        for gone in (Session, SharedValue, WorkerBeat):
            gone.objects.all().delete()
        waiting = (Message.State.WAITING, Message.State.SENDING)
        Message.objects.filter(state__in=waiting).update(
            state=Message.State.UNCLEAR, problem=UNSENT, sender=""
        )
        SourceState.objects.update(next_due_at=None)
        SourceState.objects.filter(state=SourceState.State.RUNNING).update(
            state=SourceState.State.NEVER, progress_done=0, progress_total=0
        )
        Org.objects.exclude(status=Org.Status.ERROR).update(next_due_at=None)
    for org in Org.objects.all():
        runs.left_behind(org, datetime.now(UTC))
        if is_table(lake_of(org)):
            publish.ledger(org, OrgLake.open(lake_of(org)).ledger())
    broken = audit.verify(audit.Tip(*manifest.audit_tip) if manifest.audit_tip else None)
    told = {"made_at": manifest.made_at, "events": manifest.rows, "chain_whole": broken is None}
    audit.record(actor, audit.Action.BACKUP_RESTORED, manifest.id, told)
    return lost


def _forget_secrets() -> list[str]:
    """Let go of what nobody can open any more, and say so to whoever looks at the tenants."""
    lost = []
    with transaction.atomic():
        for org in Org.objects.filter(credentials__by_reference=False).distinct():
            lost.append(org.name)
        Credential.objects.all().delete()
        ConsentRequest.objects.all().delete()
        RetiredGrant.objects.all().delete()
        Authenticator.objects.all().delete()
        Destination.objects.exclude(sealed=None).update(sealed=None, enabled=False)
    envelope.prepare_key_file()
    for org in Org.objects.all():
        problem = NeedsPerson(NO_SECRETS, fix="Reconnect the tenant.", code="KEY_MISSING")
        standing.trouble(org, problem)
    return lost
