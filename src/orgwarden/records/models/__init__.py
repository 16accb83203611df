"""What Orgwarden remembers outside the lake.

Cursor, coverage and last sync here are caches of what the lake's newest commit says
(`orgwarden lake rebuild-cache`); everything else exists only here.
Times are aware UTC datetimes. Reasons and fixes are sentences for people.
"""

from __future__ import annotations

from orgwarden.records.models.apps import App, AppIdentity, AppStock
from orgwarden.records.models.caching import SharedValue
from orgwarden.records.models.collecting import (
    CallHour,
    LandedFile,
    Lease,
    LeaseRow,
    OrgLimit,
    OrgUsage,
    OurJob,
    RefreshClaim,
    Run,
)
from orgwarden.records.models.connecting import (
    ConnectionTest,
    ConsentRequest,
    DeletionReceipt,
    RetiredGrant,
)
from orgwarden.records.models.console import ApiToken, AuditEntry, Membership, SavedView, Setting
from orgwarden.records.models.orgs import ConnectedClient, Credential, Org, SourceState, new_org_key
from orgwarden.records.models.telling import Destination, Incident, Message, WorkerBeat

__all__ = [
    "ApiToken",
    "App",
    "AppIdentity",
    "AppStock",
    "AuditEntry",
    "CallHour",
    "ConnectedClient",
    "ConnectionTest",
    "ConsentRequest",
    "Credential",
    "DeletionReceipt",
    "Destination",
    "Incident",
    "LandedFile",
    "Lease",
    "LeaseRow",
    "Membership",
    "Message",
    "Org",
    "OrgLimit",
    "OrgUsage",
    "OurJob",
    "RefreshClaim",
    "RetiredGrant",
    "Run",
    "SavedView",
    "Setting",
    "SharedValue",
    "SourceState",
    "WorkerBeat",
    "new_org_key",
]
