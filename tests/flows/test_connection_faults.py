"""Faults of a connection that worked yesterday: told by name and fix, never retried without end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from orgwarden.flows.connecting import reconnect
from orgwarden.records.models import Org
from tests.flows.connection_faults import CONSENT, JWT, KEY, Tenant, a_sentence, log_text
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

pytestmark = pytest.mark.xdist_group("connection-faults")


@pytest.fixture
def sim(shared_orgsim: StartOrgsim) -> OrgsimServer:
    """An org that stands still, as it was when it started."""
    return shared_orgsim(users=8, days=3, speed=0, event_monitoring="none", seed=3)


@dataclass(frozen=True)
class Row:
    """`break_` makes the fault, `mend` what an administrator would do about it."""

    id: str
    break_: Callable[[Tenant], Any]
    label: str  # how the problem begins
    words: str  # … and what it says
    fix: str  # words of the fix
    code: str
    way: str = KEY
    mend: Callable[[Tenant], Any] | None = None
    probes: int = 1  # token calls an hour
    first: int = 2  # token calls of the round that finds out, at most


def user(**change: Any) -> Callable[[Tenant], Any]:
    return lambda t: t.tell("user", user=t.user, **change)


def app(**change: Any) -> Callable[[Tenant], Any]:
    def tell(t: Tenant) -> None:
        t.tell("app", **change)
        t.end_session()

    return tell


def org(**change: Any) -> Callable[[Tenant], Any]:
    return lambda t: t.tell("org", **change)


def both(*changes: Callable[[Tenant], Any]) -> Callable[[Tenant], Any]:
    def tell(t: Tenant) -> None:
        for change in changes:
            change(t)

    return tell


def evicted(t: Tenant) -> None:
    t.tell("approvals", user=t.user, count=5)


def another_certificate(t: Tenant) -> None:
    """Somebody uploads another certificate to the app."""
    from tests.orgsim.test_oauth import key_and_certificate

    t.tell("certificate", pem=key_and_certificate()[1])
    t.end_session()


def the_right_certificate(t: Tenant) -> None:
    t.sim.control("private-key")


def withdrawn(t: Tenant) -> None:
    """The administrator takes the pre-authorisation away: the user's own, and those of all
    permission sets."""
    t.tell("app", admin_approved_only=True, run_as=None)
    t.tell("change", object="SetupEntityAccess", values={"SetupEntityId": "0xI000000000000AAA"})
    t.end_session()


ENDED = "Salesforce no longer honours Orgwarden's grant"
LOCKED = "Contained by Salesforce: The connected user is locked or frozen"

ROWS = (
    Row("A4 the grant is revoked", user(signed_out=True), "Grant Expired: ", ENDED,
        "Reconnect the org", "invalid_grant", CONSENT),
    Row("A4 five newer approvals push the grant out", evicted, "Grant Expired: ", "gave way to a",
        "Reconnect the org", "invalid_grant", CONSENT),
    Row("A4 the refresh token was not used for too long",
        both(app(refresh_idle="PT1S"), lambda t: t.tell("clock", advance=5)),
        "Grant Expired: ", "ran out", "Reconnect the org", "invalid_grant", CONSENT,
        mend=app(refresh_idle=None)),
    Row("A4 the refresh token reached its greatest age",
        both(app(refresh_life="PT1S"), lambda t: t.tell("clock", advance=5)),
        "Grant Expired: ", "ran out", "Reconnect the org", "invalid_grant", CONSENT,
        mend=app(refresh_life=None)),
    Row("A4 the user was made inactive", user(active=False), "Grant Expired: ", "is inactive",
        "Activate the user", "invalid_grant", mend=user(active=True)),
    Row("A4 the pre-authorisation is withdrawn", withdrawn, "", "not pre-authorised for the app",
        "a profile or permission set that the app admits", "invalid_app_access", JWT,
        mend=lambda t: t.tell("app", admin_approved_only=False, run_as=t.user)),
    Row("A9 the app is blocked", app(blocked=True), "", "has blocked the app",
        "Unblock it", "OAUTH_APP_BLOCKED", mend=app(blocked=False)),
    Row("A9 the app was deleted", app(deleted=True), "", "does not know this consumer key",
        "Check the consumer key", "invalid_client_id", mend=app(deleted=False)),
    Row("A9 the app is not installed", app(installed=False), "", "not installed in this org",
        "Create or install the app", "OAUTH_EC_APP_NOT_FOUND", mend=app(installed=True)),
    Row("A9 the consumer secret was replaced", app(consumer_secret="another-secret-of-the-app"),
        "", "consumer key or secret is wrong", "Copy the consumer key and secret again",
        "invalid_client"),
    Row("A9 the run-as user was removed", app(run_as=None), "", "no user to run as",
        "Run As", "invalid_grant", mend=lambda t: t.tell("app", run_as=t.user)),
    Row("A9 the flow was turned off", app(flows=["refresh_token"]), "", "flow is off for this app",
        "Enable Client Credentials Flow", "invalid_grant", mend=app(flows=["client_credentials"])),
    Row("A9 the certificate was replaced", another_certificate, "", "our signed assertion",
        "certificate uploaded to the app", "invalid_grant", JWT, mend=the_right_certificate),
    Row("A9 the org is suspended", org(locked=True), "", "locked, closed or suspended",
        "Ask the org's owner", "inactive_org", mend=org(locked=False)),
    Row("A11 the sandbox was refreshed", org(refreshed=True), "", "answers as another org",
        "delete this tenant", "OTHER_ORG", probes=1),
    Row("R the user is outside the login hours", both(user(login_hours=False), Tenant.end_session),
        "", "at this hour", "login hours", "invalid_grant", mend=user(login_hours=True)),
    Row("R our address left the login ranges",
        both(user(login_from=["192.0.2.0/24"]), Tenant.end_session),
        "", "from this server's address", "login IP ranges", "invalid_grant",
        mend=user(login_from=[])),
    Row("R our address is not on the refresh token's list",
        app(refresh_addresses=["192.0.2.1"]), "", "from this server's address",
        "IP policy", "invalid_grant", CONSENT, mend=app(refresh_addresses=[])),
    Row("R Salesforce contained the user of client credentials", user(contained=True), "",
        LOCKED, "VPN, a proxy", "invalid_grant", mend=user(contained=False), probes=0),
    Row("R Salesforce contained the user of JWT bearer", user(contained=True), "",
        LOCKED, "VPN, a proxy", "invalid_grant", JWT, mend=user(contained=False), probes=0),
    Row("R the grant of a contained user is gone before anybody can say why", user(contained=True),
        "Grant Expired: ", ENDED, "If its user is frozen", "invalid_grant", CONSENT,
        mend=user(contained=False)),
    Row("R each try from a risky address contains anew",
        lambda t: t.tell("network", seen_from=["203.0.113.9"], risky=["203.0.113.0/24"]), "",
        LOCKED, "fixed address", "invalid_grant", probes=0,
        mend=both(lambda t: t.tell("network", seen_from=[], risky=[]), user(contained=False))),
    Row("R an administrator froze the user", both(user(frozen=True), Tenant.end_session), "",
        LOCKED, "Unfreeze", "invalid_grant", mend=user(frozen=False), probes=0),
)  # fmt: skip


@pytest.mark.fault("A4", "A9", "A11")
@pytest.mark.parametrize("row", ROWS, ids=[r.id for r in ROWS])
def test_a_connection_that_is_lost_is_told_by_name_and_fix_and_left_in_peace(
    house: House, sim: OrgsimServer, caplog: pytest.LogCaptureFixture, row: Row
) -> None:
    caplog.set_level("DEBUG")
    house.admit(sim)
    tenant = Tenant.settled(house, sim, row.way)
    row.break_(tenant)
    token, data = tenant.made_by(tenant.work)
    assert 1 <= token <= row.first
    assert data <= 1
    shown = tenant.shown()
    assert shown["status"] == "error"
    assert shown["problem"].startswith(row.label), shown["problem"]
    assert row.words in shown["problem"]
    assert row.fix in shown["fix"], shown["fix"]
    assert shown["code"] == row.code
    a_sentence(shown["problem"])
    a_sentence(shown["fix"])
    tenant.assert_honest()
    tenant.assert_quiet(probes=row.probes)
    assert tenant.shown()["problem"] == shown["problem"]
    tenant.assert_honest()
    tenant.assert_no_secret(log_text(caplog), caplog.text)
    if row.code != "OTHER_ORG":
        recover(tenant, row)


def recover(tenant: Tenant, row: Row) -> None:
    """An administrator mends it; a person reconnects where the grant itself is gone."""
    sim = tenant.sim
    sim.control("faults", method="DELETE")
    if row.mend is not None:
        row.mend(tenant)
        sim.control("faults", method="DELETE")
    contained = row.words == LOCKED
    if contained:
        # Even mended it is not tried again by itself: a person has to begin.
        assert tenant.made_by(tenant.work) == (0, 0)
    if row.way == CONSENT and row.label:
        reconnected_by_consent(tenant)
    elif contained or row.code == "invalid_client":
        secret = sim.app()["consumer_secret"] if row.way == KEY else ""
        reconnect.check_again(tenant.org, actor="ann", secret=secret)
    else:
        tenant.an_hour_passes()  # the next probe finds it mended
    tenant.assert_recovers()


def reconnected_by_consent(tenant: Tenant) -> None:
    from orgwarden.flows.connecting import confirm, consent, drafts
    from orgwarden.flows.connecting.asked import of_org
    from orgwarden.records.models import ConsentRequest
    from tests.flows import browser
    from tests.flows.connecting.test_consent import SESSION

    app = tenant.sim.app()
    wanted = of_org(tenant.org, actor="ann", purpose=ConsentRequest.Purpose.RECONNECT)
    begun = drafts.begin(wanted, {"client_secret": app["consumer_secret"]}, SESSION)
    back = browser.consent(consent.go(begun.id, SESSION, "ann"), app["run_as"])
    found = consent.finish(back["state"], back["code"], SESSION)
    again = confirm.confirm(found.id, SESSION, "ann", accept=True)
    assert again.pk == tenant.org.pk
    assert again.first_connected_at == tenant.org.first_connected_at
    assert Org.objects.count() == 1
