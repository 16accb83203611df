"""Testing a connection: ask Salesforce step by step, say what each answered and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orgwarden.core.problems import Problem
from orgwarden.flows.clients import open_client
from orgwarden.records import audit
from orgwarden.records.models import Org
from orgwarden.salesforce import select


@dataclass(frozen=True)
class Step:
    """One thing a connection test looked at."""

    name: str
    ok: bool
    words: str
    fix: str = ""


def check_connection(org: Org, *, actor: str = "command") -> list[Step]:
    """Ask Salesforce step by step whether the connection works."""
    client, meter = open_client(org)
    meter.source = "test"
    steps: list[Step] = []

    def step(title: str, ask: Callable[[], str]) -> bool:
        try:
            steps.append(Step(title, True, ask()))
        except Problem as problem:
            steps.append(Step(title, False, problem.what, problem.fix))
        return steps[-1].ok

    def budget() -> str:
        usage = client.limits(lane="test").get("DailyApiRequests")
        if usage is None:
            return "Salesforce does not say how many calls are left."
        return f"{usage.remaining:,} of {usage.max:,} calls are left today."

    def reads(obj: str, field: str) -> Callable[[], str]:
        def ask() -> str:
            query = select(obj, ["Id", field]).at_most(1)
            rows = sum(p.count for p in client.query(query, lane="test"))
            return "Readable." if rows else "Readable, nothing in it yet."

        return ask

    try:
        if step("Limits", budget):
            step("Sign-ins", reads("LoginHistory", "LoginTime"))
            step("Setup audit trail", reads("SetupAuditTrail", "CreatedDate"))
            step("Event log files", reads("EventLogFile", "EventType"))
            step("Users", reads("User", "Username"))
    finally:
        meter.settle()
    passed = all(s.ok for s in steps)
    audit.record(actor, audit.Action.ORG_TESTED, org.name, {"passed": passed})
    return steps
