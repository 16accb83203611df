"""Hours of collecting by an emulated org's clock, in a process of its own.

`python -m benchmarks.clockwork URL NAME HOURS` with the environment of an installation to which the
org is connected: reads everything once, then moves the org's clock from one moment at which some
source is due to the next, collects what is due, and prints as JSON what was read and what is
computed for it. What the backfill took is not counted.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

import django
import requests

MINUTE = timedelta(minutes=1)


def main(url: str, name: str, hours: int) -> dict[str, object]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")
    django.setup()
    from orgwarden.catalog.features import sources_for
    from orgwarden.catalog.volumes import VOLUMES
    from orgwarden.core.cost import Size, calls
    from orgwarden.flows.collect import collect
    from orgwarden.records.models import Org, Run, SourceState

    control = requests.Session()
    control.trust_env = False

    def counted() -> int:
        found = control.get(f"{url}/_sim/calls", timeout=60).json()
        return sum(c["count"] for c in found)

    org = Org.objects.get(name=name)
    on = sources_for(org.features, org.tiers)
    collect(org, sources=on, trigger="schedule")
    org.refresh_from_db()
    read = SourceState.objects.filter(org=org, state=SourceState.State.CURRENT)
    current = set(read.values_list("source", flat=True))
    sources = [s for s in on if s.id in current]
    files = org.landed_files.count()
    before, waited, failed, readings = counted(), 0, 0, 0
    for minute in range(hours * 60):
        due = [s for s in sources if not minute * MINUTE % s.cadence]
        if due:
            control.post(f"{url}/_sim/clock", json={"advance": waited * 60}, timeout=60)
            outcomes = collect(org, sources=due, trigger="schedule").outcomes
            readings += len(outcomes)
            failed += sum(o.outcome != Run.Outcome.DONE for o in outcomes)
            waited = 0
        waited += 1
    made = counted() - before
    files = org.landed_files.count() - files
    users = int(os.environ["BENCH_USERS"])
    licensed = any(s.id.endswith("_events") for s in sources)
    size = Size(users, round(files * 24 / hours), licensed=licensed)
    computed = calls(sources, size, VOLUMES, span=timedelta(hours=hours)).total
    return {
        "sources": len(sources),
        "readings": readings,
        "failed": failed,
        "files": files,
        "counted": made,
        "computed": computed,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
