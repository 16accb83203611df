"""A survey of an org nobody has connected yet: a first report, nothing scheduled, nothing stored.

It signs in, asks what a connection test asks and who has which licence, and works out what would
be collected, what would be dark and why, and how many calls a day that takes. Under 50 calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from orgwarden.catalog import preflight
from orgwarden.catalog.features import sources_for
from orgwarden.catalog.permissions import label_of
from orgwarden.catalog.preflight import Facts, NotRead, Works
from orgwarden.catalog.preflight.rights import asked
from orgwarden.core.source import Kind, Source
from orgwarden.flows.clients import transport
from orgwarden.flows.connecting.asked import SECRET_OF, Asked
from orgwarden.flows.connecting.attempts import sign_in
from orgwarden.flows.once import OnceOnly
from orgwarden.flows.preflight.probing import LANE, Probing
from orgwarden.flows.preflight.read import gather
from orgwarden.records.models import Org
from orgwarden.salesforce import Client, canonical
from orgwarden.salesforce import select as select_from

MOST_CALLS = 45
LICENCES = ("Name", "Status", "TotalLicenses", "UsedLicenses")


def survey(
    url: str,
    *,
    client_id: str,
    secret: str,
    flow: str,
    username: str,
    features: Sequence[str],
    tiers: Sequence[str],
) -> dict[str, Any]:
    """The report. Raises Problem when nobody can sign in at all."""
    address = canonical(url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
    signing = Asked(address.host, address.url, client_id, flow, actor="", username=username)
    tokens = sign_in(signing, {SECRET_OF[Org.Flow(flow)]: secret}, datetime.now(UTC))
    once = OnceOnly(tokens, MOST_CALLS)
    client = Client(transport(), address, once, once)
    sandbox = "sandbox" if address.is_sandbox else "production"
    facts = Facts(
        flow=flow, features=tuple(features), tiers=tuple(tiers), environment=sandbox,
        user_name=username or "the connected user",
    )  # fmt: skip
    probing = Probing(client, once, facts)
    gather(probing)
    licences = probing.timed(
        "licences",
        lambda: client.records(select_from("UserLicense", LICENCES), dict[str, Any], lane=LANE),
    )
    return _report(probing.facts, address.url, licences, once.made)


def _report(
    facts: Facts, url: str, licences: list[dict[str, Any]] | NotRead, made: int
) -> dict[str, Any]:
    lines, sources = preflight.lines(facts), preflight.sources(facts)
    org = None if isinstance(facts.organization, NotRead) else facts.organization
    live = {s.source for s in sources if s.verdict in (Works.WORKS, Works.PARTLY)}
    on = [s for s in sources_for(facts.features, facts.tiers) if s.id in live]
    daily = {s.id: calls_a_day(s, facts) for s in on}
    held = facts.held
    return {
        "url": url,
        "connected": preflight.connected(lines),
        "headline": preflight.headline(preflight.connected(lines), sources),
        "organization": org and {k: v for k, v in org.items() if k != "attributes"},
        "tests": [
            {"id": x.id, "name": x.title, "verdict": str(x.verdict)}
            | {"words": x.words, "fix": x.fix}
            for x in lines
        ],
        "sources": [
            {"id": s.source, "name": s.title, "verdict": str(s.verdict)}
            | {"words": s.because, "fix": s.fix}
            for s in sources
        ],
        "permissions_missing": None
        if isinstance(held, NotRead)
        else [label_of(n) for n in asked(facts) if n not in held],
        "licences": None
        if isinstance(licences, NotRead)
        else [{"name": r.get("Name"), "total": r.get("TotalLicenses")}
              | {"used": r.get("UsedLicenses"), "status": r.get("Status")} for r in licences],
        "licences_problem": licences.what if isinstance(licences, NotRead) else None,
        "calls_a_day": {"total": sum(daily.values()) + COLLECTIONS, "by_source": daily},
        "calls_made": made,
    }  # fmt: skip


COLLECTIONS = 96  # each collection, every 15 minutes, asks once what the user may


def calls_a_day(source: Source, facts: Facts) -> int:
    """A careful guess: one call a run; for log files one more for each of the last full day."""
    runs = int(timedelta(days=1) / source.cadence)
    if source.kind is not Kind.LOG_FILES or isinstance(facts.log_files, NotRead):
        return runs
    days = Counter(str(f.get("LogDate") or "")[:10] for f in facts.log_files)
    return runs + max(days.values(), default=0)
