"""Judgements about the org: does it answer, which edition, what it logs, how it is set."""

from __future__ import annotations

from orgwarden.catalog.app_steps import CC
from orgwarden.catalog.preflight.facts import Facts, Line, NotRead, Verdict, unknown
from orgwarden.catalog.sources.event_log_types import FREE

WITH_API = ("Performance", "Enterprise", "Unlimited")
ADD_ON = (
    "Professional Edition has no REST API unless it was added. Ask your Salesforce account team"
    " for API access, or upgrade to Enterprise Edition."
)


def sign_in(facts: Facts) -> Line:
    id, title, probe = "sign_in", "Sign-in", "identity"
    who = facts.who
    if isinstance(who, NotRead):
        return Line(id, title, Verdict.FAIL, who.what, who.fix, probe)
    if facts.organization_id and who.organization_id != facts.organization_id:
        return Line(
            id, title, Verdict.FAIL,
            f"Salesforce answers as org {who.organization_id}, not {facts.organization_id}.",
            "If the sandbox was refreshed, delete this tenant and connect the new one.", probe,
        )  # fmt: skip
    if facts.intended_user and who.username.lower() != facts.intended_user.lower():
        return Line(
            id, title, Verdict.FAIL,
            f"Salesforce answers as {who.username}, not as {facts.intended_user}.",
            "Set the run-as user in the app's policies, or sign in as the intended user.", probe,
        )  # fmt: skip
    words = f"Signed in as {who.username} to org {who.organization_id}."
    return Line(id, title, Verdict.PASS, words, "", probe)


def rest(facts: Facts) -> Line:
    id, title, probe = "rest", "REST API", "sources"
    if isinstance(facts.reached, NotRead):
        fix = ADD_ON if facts.reached.code == "API_DISABLED_FOR_ORG" else facts.reached.fix
        return Line(id, title, Verdict.FAIL, facts.reached.what, fix, probe)
    return Line(id, title, Verdict.PASS, "The REST API answers.", "", probe)


def calls(facts: Facts) -> Line:
    id, title, probe = "calls", "API calls", "limits"
    if isinstance(facts.calls_left, NotRead):
        return unknown(id, title, facts.calls_left, probe)
    remaining, limit = facts.calls_left
    words = f"{remaining:,} of {limit:,} calls are left today."
    if remaining * 10 <= limit:
        return Line(
            id, title, Verdict.WARN, words,
            "The last 10 % are never taken: collecting waits until calls are free again.", probe,
        )  # fmt: skip
    return Line(id, title, Verdict.PASS, words, "", probe)


def edition(facts: Facts) -> Line:
    id, title, probe = "edition", "Edition", "sources"
    if isinstance(facts.organization, NotRead):
        if facts.organization.code == "API_DISABLED_FOR_ORG":
            return Line(id, title, Verdict.FAIL, facts.organization.what, ADD_ON, probe)
        return unknown(id, title, facts.organization, probe)
    said = str(facts.organization.get("OrganizationType") or "")
    if said.startswith(WITH_API):
        return Line(id, title, Verdict.PASS, f"{said}: has the REST API.", "", probe)
    if said.startswith("Developer"):
        if facts.flow == CC:
            return Line(
                id, title, Verdict.WARN,
                f"{said}: the permission API Only User does not exist here, so the user of the"
                " client credentials can sign in to pages too.",
                "Fine for a trial. Otherwise connect by JWT bearer or by consent.", probe,
            )  # fmt: skip
        return Line(id, title, Verdict.PASS, f"{said}: has the REST API.", "", probe)
    if said.startswith("Professional"):
        return Line(
            id, title, Verdict.WARN,
            f"{said}: the REST API is an add-on here. It answers now, so the org has it.",
            "Keep the add-on: without it everything goes dark.", probe,
        )  # fmt: skip
    return Line(
        id, title, Verdict.UNKNOWN,
        f"{said or 'The edition'} is not one of the editions known to have the REST API:"
        " Performance, Enterprise, Unlimited, Developer.",
        "Ask your Salesforce account team whether the edition includes API access.", probe,
    )  # fmt: skip


def environment(facts: Facts) -> Line:
    id, title, probe = "environment", "Sandbox or production", "sources"
    if isinstance(facts.organization, NotRead):
        return unknown(id, title, facts.organization, probe)
    is_sandbox = facts.organization.get("IsSandbox")
    if not isinstance(is_sandbox, bool):
        return unknown(id, title, NotRead("Salesforce does not say which it is."), probe)
    found = "sandbox" if is_sandbox else "production"
    if found != facts.environment:
        return Line(
            id, title, Verdict.WARN,
            f"The tenant was added as {facts.environment}; Salesforce says {found}.",
            "Check the address, or edit the tenant's environment.", probe,
        )  # fmt: skip
    return Line(id, title, Verdict.PASS, f"It is a {found} org, as intended.", "", probe)


def event_monitoring(facts: Facts) -> Line:
    id, title, probe = "event_monitoring", "Shield or Event Monitoring", "sources"
    if isinstance(facts.log_files, NotRead):
        return unknown(id, title, facts.log_files, probe)
    if not facts.log_files:
        return Line(
            id, title, Verdict.UNKNOWN,
            "There is no log file yet, so the licence cannot be told from them.",
            "Test again in a day: files come the day after.", probe,
        )  # fmt: skip
    paid = sorted({str(f.get("EventType")) for f in facts.log_files} - FREE)
    hourly = any(f.get("Interval") == "Hourly" for f in facts.log_files)
    if paid:
        every = "hourly and daily" if hourly else "daily"
        words = f"Present: {every} files of {len(paid)} paid types, kept 30 days."
        return Line(id, title, Verdict.PASS, words, "", probe)
    return Line(
        id, title, Verdict.WARN,
        f"Not present: only the free types ({', '.join(sorted(FREE))}) as daily files kept"
        " 1 day. What pages, reports and API calls people made is dark. All else works without it.",
        "Ask Salesforce for Event Monitoring or Shield if you need those.", probe,
    )  # fmt: skip


def log_generation(facts: Facts) -> Line:
    id, title = "log_generation", "Log generation"
    if not isinstance(facts.log_files, NotRead) and facts.log_files:
        newest = max(str(f.get("CreatedDate") or "") for f in facts.log_files)
        words = f"On: the newest log file was made {newest[:16].replace('T', ' ')} UTC."
        return Line(id, title, Verdict.PASS, words, "", "sources")
    setting = facts.setting("EventSettings")
    if isinstance(setting, NotRead):
        return unknown(id, title, setting, "settings")
    if setting.get("enableEventLogGeneration") is True:
        words = "On, and no file has been made yet."
        return Line(id, title, Verdict.PASS, words, "", "settings")
    return Line(
        id, title, Verdict.FAIL, "Off: Salesforce makes no event log files.",
        "In Setup, Event Monitoring Settings, turn on Generate event log files.", "settings",
    )  # fmt: skip


def event_storage(facts: Facts) -> Line:
    id, title, probe = "event_storage", "Storage of each event", "settings"
    setting = facts.setting("RealTimeEventSettings")
    if isinstance(setting, NotRead):
        return unknown(id, title, setting, probe)
    events = setting.get("realTimeEvents") or ()
    if isinstance(events, dict):
        events = (events,)
    on = sorted(str(e.get("entityName")) for e in events if e.get("isEnabled") is True)
    off = sorted(str(e.get("entityName")) for e in events if e.get("isEnabled") is not True)
    if not on and not off:
        return Line(
            id, title, Verdict.UNKNOWN, "The org lists no real-time events.",
            "They come with Event Monitoring.", probe,
        )  # fmt: skip
    words = f"Stored: {', '.join(on) or 'none'}. Not stored: {', '.join(off) or 'none'}."
    if off:
        fix = "In Setup, Event Manager, turn storage on for the events you need."
        return Line(id, title, Verdict.WARN, words, fix, probe)
    return Line(id, title, Verdict.PASS, words, "", probe)


def session_lock(facts: Facts) -> Line:
    id, title, probe = "session_lock", "Sessions locked to an address", "settings"
    setting = facts.setting("SecuritySettings")
    if isinstance(setting, NotRead):
        return unknown(id, title, setting, probe)
    session = setting.get("sessionSettings")
    locked = session.get("lockSessionsToIp") if isinstance(session, dict) else None
    if not isinstance(locked, bool):
        return unknown(id, title, NotRead("Salesforce does not say."), probe)
    if not locked:
        return Line(id, title, Verdict.PASS, "Off: a change of address ends no session.", "", probe)
    return Line(
        id, title, Verdict.WARN,
        "On: if calls leave from several addresses, Salesforce ends our sessions.",
        "Keep it on if our address is fixed; it protects your people. Otherwise let calls leave"
        " from one address and list it in the app's IP ranges, rather than turning it off.", probe,
    )  # fmt: skip


def deliveries(facts: Facts) -> Line:
    id, title, probe = "content_deliveries", "Content Deliveries", "ours"
    setting = facts.setting("ContentSettings")
    off = not isinstance(setting, NotRead) and setting.get("enableContentDistribution") is False
    fix = (
        "In Setup, Salesforce Files, General Settings, tick Content Deliveries feature can be"
        " enabled for users."
    )
    if off:
        return Line(
            id, title, Verdict.WARN, "Off: public links to files cannot be listed.", fix, "settings"
        )
    if facts.deliveries is None:
        words = "On: public links to files (ContentDistribution) can be asked for."
        return Line(id, title, Verdict.PASS, words, "", probe)
    if facts.deliveries.refused:
        words = "Off, or not shown to the connected user: public links to files cannot be listed."
        return Line(id, title, Verdict.WARN, words, fix, probe)
    return unknown(id, title, facts.deliveries, probe)
