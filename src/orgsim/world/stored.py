"""Stored real-time events of a licensed org, of the kinds that its Event Manager keeps."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

from orgsim.org import Org
from orgsim.settings import STORED
from orgsim.world.cast import World
from orgsim.world.rows import DAY, HOUR, MINUTE

NO_ID = "000000000000000AAA"  # of every row of a big object
MOST_SIGN_INS = 4000  # of the newest sign-ins stored as LoginEvent
REPORTS, CALLS = 3, 4  # a day


def identifier(seed: str | random.Random) -> str:
    """An EventIdentifier: it looks random, and is the same for the same options."""
    if isinstance(seed, random.Random):
        return str(uuid.UUID(bytes=seed.randbytes(16), version=4))
    return str(uuid.uuid5(uuid.NAMESPACE_OID, seed))


def build(org: Org, world: World) -> None:
    if org.options.event_monitoring != "licensed":
        return
    rng = org.random("stored events")
    sign_ins(org, rng)
    now = org.options.now_ms
    users = {p.id: p for p in world.people}
    for day in range((now - org.options.days * DAY) // DAY, now // DAY + 1):
        for kind, times in (
            ("ApiEvent", CALLS), ("ReportEvent", REPORTS), ("PermissionSetEventStore", 1),
            ("LoginAsEvent", day % 3 == 0),
        ):  # fmt: skip
            for _ in range(times):
                at = day * DAY + 7 * HOUR + rng.randrange(10 * HOUR)
                if not now - org.options.days * DAY <= at <= now - MINUTE:
                    continue
                who = rng.choice(world.people)
                of_kind = values(world, kind, rng, users)
                common = {"UserId": who.id, "Username": who.username, "SourceIp": who.home_ip}
                put(org, kind, at, rng, **common, **of_kind)


def values(world: World, kind: str, rng: random.Random, users: dict[str, Any]) -> dict[str, Any]:
    if kind == "ApiEvent":
        found = rng.choice(("Account", "Contact", "Opportunity", "Case"))
        asked = f"SELECT Id, Name FROM {found} LIMIT 200"  # noqa: S608  never run: what a log says
        return {
            "ApiType": "REST", "ApiVersion": 62.0, "Application": "Workbench", "Operation": "Query",
            "Client": "browser", "QueriedEntities": found, "RowsProcessed": 200.0,
            "RowsReturned": 200.0, "Query": asked,
            "UserAgent": "Mozilla/5.0", "PolicyOutcome": "NoAction",
        }  # fmt: skip
    if kind == "ReportEvent":
        return {
            "Name": "Pipeline this quarter", "Operation": "ReportRunFromLightning",
            "QueriedEntities": "Opportunity", "RowsProcessed": float(rng.randrange(10, 900)),
            "NumberOfColumns": 8, "Format": "Tabular", "IsScheduled": False, "Sequence": 1,
            "EventSource": "Lightning", "Scope": "organization",
        }  # fmt: skip
    if kind == "PermissionSetEventStore":
        return {
            "EventSource": "Classic", "Operation": "AssignedToUsers", "UserCount": "1",
            "ImpactedUserIds": json.dumps([rng.choice(list(users))]),
            "ParentNameList": json.dumps(["Report Exporter"]), "PermissionType": "UserPermission",
            "PermissionList": json.dumps(["ExportReport"]), "HasExternalUsers": False,
        }  # fmt: skip
    return {
        "LoginAsCategory": "OrgAdmin", "DelegatedUsername": world.people[0].username,
        "Application": "Browser", "LoginType": "Application", "UserType": "Standard",
    }  # fmt: skip


def sign_ins(org: Org, rng: random.Random) -> None:
    """LoginEvent beside LoginHistory."""
    history = org.store["LoginHistory"]
    place = history.type.position
    users = org.store["User"]
    for row in history.rows[-min(len(history.rows), MOST_SIGN_INS) :]:
        at = users.find(row[place["UserId"]])
        put(
            org,
            "LoginEvent",
            row[place["LoginTime"]],
            rng,
            UserId=row[place["UserId"]],
            Username=users.value(at, "Username") if at is not None else None,
            LoginHistoryId=row[0],
            LoginKey=row[0][-16:],
            SessionLevel="STANDARD",
            PolicyOutcome="NoAction",
            **{
                name: row[place[name]]
                for name in (
                    "SourceIp", "LoginType", "LoginSubType", "Status", "Browser", "Platform",
                    "CountryIso", "Application", "LoginUrl", "TlsProtocol", "CipherSuite",
                )
            },
        )  # fmt: skip


def put(org: Org, kind: str, at: int, rng: random.Random, **more: Any) -> None:
    """One stored event; seen some seconds after it happened."""
    assert kind in STORED
    table = org.store[kind]
    made = {"Id": NO_ID, "EventIdentifier": identifier(rng), "EventDate": at, "CreatedDate": at}
    table.add(table.make(made | more))
