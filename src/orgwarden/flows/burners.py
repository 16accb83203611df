"""Who used the org's calls when they ran short: what the limits resource says of each app, else
what the org's own log of API calls holds of the last day it covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orgwarden.catalog.sources.event_log_file import id_of
from orgwarden.core.spans import text_of
from orgwarden.flows.work import Work
from orgwarden.lake.reading import Reader
from orgwarden.records.models import Org
from orgwarden.salesforce.answers import Limit

LOG = id_of("ApiTotalUsage")
MOST = 8  # apps that are named
DAY = timedelta(days=1)
SHORT = ("stop", "resume", "floor", "salesforce")  # rules that mean that calls ran short
_BY_APP = f"""
    SELECT coalesce(nullif("app", ''), nullif("client", ''), nullif("actor", ''), 'not named')
           AS app, count(*) AS calls, max("time") AS until
    FROM {LOG}
    WHERE "time" > (SELECT max("time") FROM {LOG}) - INTERVAL 1 DAY
      AND coalesce("COUNTS_AGAINST_API_LIMIT", '1') IN ('1', 'true')
    GROUP BY 1 ORDER BY calls DESC, app LIMIT {MOST}
"""  # noqa: S608  both are constants


def note(work: Work, rule: str) -> None:
    """Keep who used the calls, when `rule` says that they ran short and it was not noted lately."""
    if rule not in SHORT:
        return
    now = work.means.clock()
    org = Org.objects.get(pk=work.org.pk)
    told = org.burners.get("at")
    if told and org.burners.get("apps") and told > text_of(now - timedelta(hours=1)):
        return
    keep(org, from_log(work, now))


def keep(org: Org, found: dict[str, Any]) -> None:
    """Store it; what the org said of its apps is not replaced by an older log."""
    Org.objects.filter(pk=org.pk).update(burners=found)


def from_limits(limits: Mapping[str, Limit], now: datetime) -> dict[str, Any] | None:
    """What the limits resource says of single apps; None where it says nothing of them."""
    daily = limits.get("DailyApiRequests")
    used = {n: u for n, u in (daily.by_app if daily else {}).items() if u > 0}
    if not used:
        return None
    most = sorted(used.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return {
        "at": text_of(now),
        "source": "limits",
        "until": text_of(now),
        "apps": [[name, calls] for name, calls in most],
    }


def from_log(work: Work, now: datetime) -> dict[str, Any]:
    """The apps with the most calls on the last day of the org's log: {"at", "source", "until",
    "apps": [[name, calls], …]}. No apps where there is no such log, which is not "nobody"."""
    found: dict[str, Any] = {"at": text_of(now), "source": "log", "until": None, "apps": []}
    with Reader(work.lake.place.parent, [work.org.key]) as reader:
        if LOG not in reader.sources():
            return found
        rows = reader.run(_BY_APP).to_pylist()
    found["apps"] = [[row["app"], row["calls"]] for row in rows]
    if rows:
        found["until"] = text_of(max(row["until"] for row in rows))
    return found
