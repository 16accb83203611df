"""Tenants connected by consent in a browser, and what Salesforce was asked meanwhile."""

from __future__ import annotations

from typing import Any

from orgwarden.flows.connecting import confirm, consent, reconnect
from orgwarden.records.models import Org
from tests.flows import browser
from tests.flows.connecting.test_consent import SESSION, begin
from tests.support.orgsim import OrgsimServer


def by_consent(sim: OrgsimServer, name: str = "prod", **more: Any) -> Org:
    """A tenant whose tokens are renewed with a refresh token."""
    back = browser.consent(begin(sim, name, **more), sim.app()["run_as"])
    found = consent.finish(back["state"], back["code"], SESSION)
    return confirm.confirm(found.id, SESSION, "ann", accept=True)


def again(org: Org, sim: OrgsimServer, *, username: str = "", **more: str) -> Org:
    """Reconnect as a person does: draft, consent, confirm."""
    draft = reconnect.begin(org, actor="bob", session_key=SESSION, **more)
    address = consent.go(draft, SESSION, "bob")
    back = browser.consent(address, username or sim.app()["run_as"])
    found = consent.finish(back["state"], back["code"], SESSION)
    return confirm.confirm(found.id, SESSION, "bob", accept=True)


def token_calls(sim: OrgsimServer) -> int:
    """How often the token endpoint was asked."""
    calls = sim.control("calls", params={"all": "1"})
    return sum(c["count"] for c in calls if "oauth2/token" in c["endpoint"])


def all_calls(sim: OrgsimServer) -> int:
    """Every call, counted by Salesforce or not."""
    return sum(c["count"] for c in sim.control("calls", params={"all": "1"}))


def is_honoured(sim: OrgsimServer, token: str) -> bool:
    """Whether the org knows this token still."""
    app = sim.app()
    answer = sim.session.post(
        f"{sim.url}/services/oauth2/introspect",
        {
            "token": token,
            "client_id": app["consumer_key"],
            "client_secret": app["consumer_secret"],
        },
        timeout=30,
    )
    return bool(answer.json()["active"])
