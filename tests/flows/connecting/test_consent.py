"""Consent in the browser: proven by a state that is used once, here, within ten minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.connecting import confirm, consent, drafts, pending
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.pending import GOOD_FOR, Pending
from orgwarden.records import credentials
from orgwarden.records.models import AuditEntry, ConsentRequest, Org, Run
from tests.flows import browser
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

SESSION = "the-browser-session"


def draft(sim: OrgsimServer, name: str = "prod", *, session: str = SESSION, **more: Any) -> Pending:
    app = sim.app()
    values: dict[str, Any] = {
        "name": name,
        "url": sim.url,
        "client_id": app["consumer_key"],
        "flow": Org.Flow.WEB_SERVER,
        "actor": "ann",
        "egress_confirmed": True,
        "tiers": ("sign_ins",),
    }
    asked = Asked(**(values | more))
    return drafts.begin(asked, {"client_secret": app["consumer_secret"]}, session)


def begin(sim: OrgsimServer, name: str = "prod", *, session: str = SESSION, **more: Any) -> str:
    """The address at Salesforce."""
    return consent.go(draft(sim, name, session=session, **more).id, session, "ann")


def come_back(sim: OrgsimServer, address: str) -> Pending:
    back = browser.consent(address, sim.app()["run_as"])
    return consent.finish(back["state"], back["code"], SESSION)


@pytest.mark.seed("L3", "L4", "L5", "L6", "D11", "M10")
def test_a_person_consents_sees_what_answered_confirms_and_the_org_is_collected(
    at_home: House, sim: OrgsimServer
) -> None:
    address = begin(sim)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == consent.callback_address()
    assert set(asked["scope"].split()) == {"api", "refresh_token"}
    secret = sim.app()["consumer_secret"]
    assert secret not in address
    given = AuditEntry.objects.get(action="org:consent:given")
    assert (given.actor, given.subject) == ("ann", "prod")
    found = come_back(sim, address)
    assert not Org.objects.exists()
    assert found.found is not None
    assert found.found.organization_id == sim.control("state")["org_id"]
    assert found.found.username == sim.app()["run_as"]
    assert found.found.edition
    assert found.objections == ()
    org = confirm.confirm(found.id, SESSION, "ann")
    assert (org.flow, org.connected_user) == (Org.Flow.WEB_SERVER, sim.app()["run_as"])
    assert credentials.newest(org, "refresh_token") is not None
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    assert not ConsentRequest.objects.exists()


@pytest.mark.seed("L6")
def test_who_says_no_has_the_grant_given_back_and_nothing_stored(
    at_home: House, sim: OrgsimServer
) -> None:
    found = come_back(sim, begin(sim))
    row = ConsentRequest.objects.get()
    token = pending.opened(row)["tokens"]["access_token"]
    assert lives(sim, token)
    done = confirm.refuse(found.id, SESSION, "ann")
    assert "revoked" in done
    assert not lives(sim, token)
    assert not Org.objects.exists()
    assert not ConsentRequest.objects.exists()


def test_who_does_not_answer_within_ten_minutes_has_said_no(
    at_home: House, sim: OrgsimServer
) -> None:
    found = come_back(sim, begin(sim))
    token = pending.opened(ConsentRequest.objects.get())["tokens"]["access_token"]
    late = datetime.now(UTC) + GOOD_FOR + timedelta(seconds=1)
    with pytest.raises(NeedsPerson):
        confirm.confirm(found.id, SESSION, "ann", now=late)
    assert confirm.tidy(now=late)
    assert not lives(sim, token)
    left = pending.find(found.id, SESSION)
    assert left.trouble is not None
    assert left.trouble["code"] == "NOT_CONFIRMED"
    assert "tokens" not in pending.opened(ConsentRequest.objects.get())


def test_an_answer_whose_key_is_missing_holds_up_no_other(
    at_home: House, sim: OrgsimServer
) -> None:
    come_back(sim, begin(sim))
    ConsentRequest.objects.update(sealed=b"of another installation's key, so it does not open")
    second = come_back(sim, begin(sim, "second"))
    token = pending.opened(ConsentRequest.objects.get(pk=second.id))["tokens"]["access_token"]
    late = datetime.now(UTC) + GOOD_FOR + timedelta(seconds=1)
    assert confirm.tidy(now=late)
    assert not lives(sim, token)
    assert not confirm.tidy(now=late)  # nor is it looked at again at once, and again
    assert ConsentRequest.objects.count() == 2


def lives(sim: OrgsimServer, token: str) -> bool:
    answer = sim.session.get(
        f"{sim.url}/services/data/v62.0/limits", headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code == 200


def test_a_confirmation_is_good_once_and_for_its_session(at_home: House, sim: OrgsimServer) -> None:
    found = come_back(sim, begin(sim))
    with pytest.raises(NeedsPerson):
        confirm.confirm(found.id, "another-session", "eve")
    confirm.confirm(found.id, SESSION, "ann")
    with pytest.raises(NeedsPerson):
        confirm.confirm(found.id, SESSION, "ann")
    assert Org.objects.count() == 1


def test_a_grant_that_is_stored_outlives_a_request_that_was_not_forgotten(
    at_home: House, sim: OrgsimServer
) -> None:
    found = come_back(sim, begin(sim))
    row = ConsentRequest.objects.get()
    org = confirm.confirm(found.id, SESSION, "ann")
    row.save(force_insert=True)  # as if the process had died between the two
    assert confirm.tidy(now=datetime.now(UTC) + GOOD_FOR * 2)
    assert not ConsentRequest.objects.exists()
    assert lives(sim, credentials.need(org, "access_token"))


def test_a_state_is_good_once_for_its_session_and_ten_minutes(
    at_home: House, sim: OrgsimServer
) -> None:
    back = browser.consent(begin(sim), sim.app()["run_as"])
    now = datetime.now(UTC)

    def refused(state: str, session: str, at: datetime = now) -> bool:
        with pytest.raises(NeedsPerson) as raised:
            consent.finish(state, back["code"], session, now=at)
        return raised.value.code == "CONSENT_STATE"

    assert refused("a-state-nobody-made", SESSION)
    assert refused("", SESSION)
    assert refused(back["state"], "another-session")
    assert refused(back["state"], "")
    assert refused(back["state"], SESSION, now + GOOD_FOR + timedelta(seconds=5))
    found = consent.finish(back["state"], back["code"], SESSION)
    assert refused(back["state"], SESSION)
    confirm.confirm(found.id, SESSION, "ann")
    assert Org.objects.count() == 1


def test_a_code_without_its_verifier_is_worth_nothing(at_home: House, sim: OrgsimServer) -> None:
    mine = browser.consent(begin(sim, "mine"), sim.app()["run_as"])
    other = begin(sim, "other", session="the-thief")
    state = parse_qs(urlsplit(other).query)["state"][0]
    with pytest.raises(NeedsPerson):
        consent.finish(state, mine["code"], "the-thief")
    assert not Org.objects.exists()


@pytest.mark.seed("M11")
def test_a_denied_consent_is_told_only_to_the_session_that_asked_and_is_in_the_audit_log(
    at_home: House, sim: OrgsimServer
) -> None:
    back = browser.consent(begin(sim), administrator(sim), decision="deny")
    assert back["error"] == "access_denied"
    with pytest.raises(NeedsPerson) as raised:
        consent.refused(back["state"], "another-session", back["error"], "<b>lies</b>")
    assert "lies" not in raised.value.sentence()
    shown, problem = consent.refused(
        back["state"], SESSION, back["error"], back["error_description"]
    )
    assert "declined" in problem.what
    assert shown.trouble is not None
    entry = AuditEntry.objects.get(action="org:connection:failed")
    assert (entry.actor, entry.detail["code"]) == ("ann", "access_denied")
    assert not Org.objects.exists()
    # What was typed is still there, and a new try has a new state.
    assert consent.go(shown.id, SESSION, "ann")


def administrator(sim: OrgsimServer) -> str:
    """An administrator who has not allowed the app yet."""
    answer = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={
            "q": "SELECT Username FROM User WHERE IsActive = true"
            " AND Profile.Name = 'System Administrator'"
        },
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    )
    names = [str(r["Username"]) for r in answer.json()["records"]]
    name = next(n for n in names if n != sim.app()["run_as"])
    sim.control("user", {"user": name, "signed_out": True})  # an earlier test may have allowed it
    return name


def test_an_administrator_as_collecting_user_is_refused_unless_a_person_accepts_it(
    at_home: House, sim: OrgsimServer
) -> None:
    back = browser.consent(begin(sim), administrator(sim))
    found = consent.finish(back["state"], back["code"], SESSION)
    assert [o.code for o in found.objections] == ["ADMINISTRATOR"]
    with pytest.raises(NeedsPerson) as raised:
        confirm.confirm(found.id, SESSION, "ann")
    assert raised.value.code == "ADMINISTRATOR"
    org = confirm.confirm(found.id, SESSION, "ann", accept=True)
    assert org.administrator_accepted


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"environment": "sandbox"}, "ENVIRONMENT"),
        ({"username": "somebody.else@example.com"}, "OTHER_USER"),
    ],
)
def test_the_wrong_kind_of_org_or_another_user_is_shown_and_cannot_be_confirmed(
    at_home: House, sim: OrgsimServer, more: dict[str, str], code: str
) -> None:
    found = come_back(sim, begin(sim, **more))
    assert [o.code for o in found.objections] == [code]
    assert found.refused
    with pytest.raises(NeedsPerson) as raised:
        confirm.confirm(found.id, SESSION, "ann", accept=True)
    assert raised.value.code == code
    assert not Org.objects.exists()


def test_the_verifier_and_the_secret_wait_sealed(at_home: House, sim: OrgsimServer) -> None:
    begin(sim)
    request = ConsentRequest.objects.get()
    secret = sim.app()["consumer_secret"]
    assert secret.encode() not in bytes(request.sealed)
    assert secret not in str(request.payload)


def test_salesforce_would_not_come_back_to_plain_http(at_home: House, sim: OrgsimServer) -> None:
    at_home.settings.ORGWARDEN_PUBLIC_URL = "http://console.example.com"
    with pytest.raises(NeedsPerson) as raised:
        begin(sim)
    assert "ORGWARDEN_PUBLIC_URL" in raised.value.fix
    assert ConsentRequest.objects.get().stage == "draft"


@pytest.mark.seed("Z34", "C16")
def test_the_scope_web_is_asked_for_only_when_somebody_wants_it(
    at_home: House, sim: OrgsimServer
) -> None:
    asked = parse_qs(urlsplit(begin(sim, web_scope=True)).query)["scope"][0].split()
    assert asked == ["api", "refresh_token", "web"]
    assert "web" not in parse_qs(urlsplit(begin(sim, "two")).query)["scope"][0].split()


def test_nothing_is_sent_before_our_addresses_are_confirmed(
    at_home: House, sim: OrgsimServer
) -> None:
    with pytest.raises(NeedsPerson) as raised:
        begin(sim, egress_confirmed=False)
    assert raised.value.code == "EGRESS"
    assert not AuditEntry.objects.filter(action="org:consent:given").exists()


def test_a_grant_that_a_tenant_uses_is_not_revoked_when_it_is_given_again(
    at_home: House, sim: OrgsimServer
) -> None:
    org = confirm.confirm(come_back(sim, begin(sim)).id, SESSION, "ann")
    again = come_back(sim, begin(sim, "second"))
    assert [o.code for o in again.objections] == ["SAME_ORG"]
    row = ConsentRequest.objects.get()
    secrets = pending.opened(row)
    secrets["tokens"]["refresh_token"] = credentials.need(org, "refresh_token")
    row.sealed = pending.sealed(row, secrets)
    row.save()
    assert "because prod uses it" in confirm.refuse(again.id, SESSION, "ann")
    sim.control("clock", {"advance": "PT5H"})
    assert at_home.outcome(org, "organization").outcome == Run.Outcome.DONE


@pytest.mark.seed("Z28")
def test_another_collecting_user_on_reconnect_is_shown_and_accepted_by_a_person(
    at_home: House, sim: OrgsimServer
) -> None:
    from orgwarden.flows.connecting.asked import of_org

    org = confirm.confirm(come_back(sim, begin(sim)).id, SESSION, "ann")
    asked = of_org(org, actor="ann", purpose=ConsentRequest.Purpose.RECONNECT)
    assert (asked.username, asked.environment) == ("", "production")
    started = drafts.begin(asked, {"client_secret": sim.app()["consumer_secret"]}, SESSION)
    back = browser.consent(consent.go(started.id, SESSION, "ann"), administrator(sim))
    found = consent.finish(back["state"], back["code"], SESSION)
    assert [o.code for o in found.objections] == ["NEW_USER", "ADMINISTRATOR"]
    before = org.first_connected_at
    again = confirm.confirm(found.id, SESSION, "ann", accept=True)
    assert (again.pk, again.first_connected_at) == (org.pk, before)
    assert again.connected_user == administrator(sim)
