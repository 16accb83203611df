"""Consent in the browser: proven by a state that is used once, here, within ten minutes."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.consent import GOOD_FOR, begin_consent, callback_address, finish_consent
from orgwarden.records import credentials
from orgwarden.records.models import ConsentRequest, Org, Run
from tests.flows.browser import consent
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

SESSION = "the-browser-session"


def begin(sim: OrgsimServer, name: str = "prod", *, session: str = SESSION) -> str:
    app = sim.app()
    return begin_consent(
        name=name,
        url=sim.url,
        client_id=app["consumer_key"],
        client_secret=app["consumer_secret"],
        actor="ann",
        session_key=session,
    )


def test_a_person_consents_and_the_org_is_connected_and_collected(
    at_home: House, sim: OrgsimServer
) -> None:
    address = begin(sim)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == callback_address()
    assert set(asked["scope"].split()) == {"api", "refresh_token"}
    secret = sim.app()["consumer_secret"]
    assert secret not in address
    back = consent(address, sim.app()["run_as"])
    org = finish_consent(back["state"], back["code"], SESSION)
    assert (org.flow, org.connected_user) == (Org.Flow.WEB_SERVER, sim.app()["run_as"])
    assert credentials.newest(org, "refresh_token") is not None
    assert {o.outcome for o in at_home.collect(org).outcomes} == {Run.Outcome.DONE}
    assert not ConsentRequest.objects.exists()


def test_a_state_is_good_once_for_its_session_and_ten_minutes(
    at_home: House, sim: OrgsimServer
) -> None:
    back = consent(begin(sim), sim.app()["run_as"])

    def refused(state: str, session: str) -> bool:
        with pytest.raises(NeedsPerson) as raised:
            finish_consent(state, back["code"], session)
        return raised.value.code == "CONSENT_STATE"

    assert refused("a-state-nobody-made", SESSION)
    assert refused("", SESSION)
    assert refused(back["state"], "another-session")
    assert refused(back["state"], "")
    assert not Org.objects.exists()
    request = ConsentRequest.objects.get()
    ConsentRequest.objects.update(created_at=request.created_at - GOOD_FOR - timedelta(seconds=1))
    assert refused(back["state"], SESSION)
    ConsentRequest.objects.update(created_at=request.created_at)
    finish_consent(back["state"], back["code"], SESSION)
    assert refused(back["state"], SESSION)
    assert Org.objects.count() == 1


def test_a_code_without_its_verifier_is_worth_nothing(at_home: House, sim: OrgsimServer) -> None:
    mine = consent(begin(sim, "mine"), sim.app()["run_as"])
    other = begin(sim, "other", session="the-thief")
    state = parse_qs(urlsplit(other).query)["state"][0]
    with pytest.raises(NeedsPerson):
        finish_consent(state, mine["code"], "the-thief")
    assert not Org.objects.exists()


def test_a_person_who_denies_connects_nothing(at_home: House, sim: OrgsimServer) -> None:
    ann = sim.control("ledger", params={"source": "User"})
    assert ann
    from tests.support.landed import log_types

    assert log_types(sim)  # the org answers
    back = consent(begin(sim), administrator(sim), decision="deny")
    assert back["error"] == "access_denied"
    assert not Org.objects.exists()


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
    return next(n for n in names if n != sim.app()["run_as"])


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
    assert not ConsentRequest.objects.exists()
