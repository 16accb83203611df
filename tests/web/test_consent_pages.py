"""A connection on its way, page by page, over a real emulated org."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from orgwarden.flows.connecting import attempts
from orgwarden.records.models import AuditEntry, ConnectionTest, ConsentRequest, Org
from tests.flows import browser
from tests.flows.connecting.test_consent import administrator, lives
from tests.support.house import House
from tests.support.orgsim import OrgsimServer
from tests.web.test_adding import (
    ADD,
    FORM,
    admin,
    at_home,
    draft,
    house,
    migrated_records,
    sim,
)

__all__ = ["admin", "at_home", "house", "migrated_records", "sim"]


def begin(admin: Client, sim: OrgsimServer, **more: object) -> str:
    """The address of the page "Before you connect"."""
    app = sim.app()
    known = {"url": sim.url, "client_id": app["consumer_key"],
             "client_secret": app["consumer_secret"]}  # fmt: skip
    answer = admin.post(ADD, FORM | known | more)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def allow(admin: Client, page: str, **more: str) -> str:
    """Consents; the page where it goes on."""
    answer = admin.post(f"{page}consent/", {"egress": "on", **more}, follow=True)
    return answer.content.decode()


def come_back(admin: Client, back: dict[str, str]) -> str:
    """The browser on our callback; the page it ends at."""
    answer = admin.get("/connect/callback", back, follow=True)
    return answer.content.decode()


@pytest.mark.seed("Z33", "Z34", "L4", "L19", "C7", "C14", "M10")
def test_before_connecting_everything_asked_for_is_shown(
    admin: Client, at_home: House, sim: OrgsimServer
) -> None:
    at_home.settings.ORGWARDEN_EGRESS_ADDRESSES = ("198.51.100.7",)
    text = admin.get(begin(admin, sim, tiers=["sign_ins"])).content.decode()
    for words in (
        "chatter_api", "Visualforce", "API Enabled", "View Event Log Files", "LoginHistory",
        "OauthToken.AccessToken", "What is never read", "What goes dark if it is refused",
        "Could write", "198.51.100.7", "VPN", "https://localhost:3000/test",
        "Download the package", "Run As",
    ):  # fmt: skip
        assert words in text, words
    assert "Enable JWT Bearer" not in text


def test_without_configured_addresses_the_page_says_how_to_name_them(
    admin: Client, sim: OrgsimServer
) -> None:
    text = admin.get(begin(admin, sim)).content.decode()
    assert "ORGWARDEN_EGRESS_ADDRESSES" in text


@pytest.mark.seed("C14", "C16")
def test_the_package_and_the_certificate_hold_no_key_and_no_secret(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, flow="jwt-bearer", username=sim.app()["run_as"])
    certificate = admin.get(f"{page}certificate/")
    assert certificate.content.startswith(b"-----BEGIN CERTIFICATE")
    assert "attachment" in certificate["Content-Disposition"]
    package = zipfile.ZipFile(io.BytesIO(admin.get(f"{page}package/").content))
    whole = b"".join(package.read(name) for name in package.namelist())
    assert b"PRIVATE KEY" not in whole
    assert sim.app()["consumer_secret"].encode() not in whole
    assert b"PRIVATE KEY" not in admin.get(page).content
    other = begin(admin, sim, name="Other")
    assert admin.get(f"{other}certificate/").status_code == 404


@pytest.mark.seed("Z9", "Z12", "C15", "C17", "C21", "M11", "M12")
def test_client_credentials_are_signed_in_by_a_worker_and_confirmed_by_a_person(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, told="ops@acme.example")
    assert "Signing in to Acme" in allow(admin, page)
    assert "A worker asks Salesforce now" in admin.get(f"{page}?part=live").content.decode()
    assert attempts.try_due()
    assert admin.get(f"{page}?part=live")["HX-Refresh"] == "true"
    text = admin.get(page).content.decode()
    for fact in (sim.control("state")["org_id"], sim.app()["run_as"], "Enterprise Edition"):
        assert fact in text
    assert "Yes, this is Acme" in text
    answer = admin.post(f"{page}confirm/", follow=True)
    org = Org.objects.get()
    assert answer.redirect_chain[-1][0] == f"/integrations/?open=salesforce#tenant-{org.key}"
    assert "Acme is connected." in answer.content.decode()
    assert (org.added_by, org.told_addresses) == ("admin", ["ops@acme.example"])
    assert org.egress_confirmed_at is not None
    assert ConnectionTest.objects.filter(org=org).exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"org:consent:given", "org:connection:connected"} <= actions
    assert not ConsentRequest.objects.exists()


@pytest.mark.seed("L5", "L6", "L7", "D11")
def test_consent_in_the_browser_from_allow_to_the_confirmation(
    admin: Client, sim: OrgsimServer
) -> None:
    text = allow(admin, begin(admin, sim, flow="web-server"))
    assert "second factor" in text
    there = ConsentRequest.objects.get()
    from orgwarden.flows.connecting.pending import shown

    leave = shown(there).leave
    assert leave.replace("&", "&amp;") in text
    asked = {k: v[0] for k, v in parse_qs(urlsplit(leave).query).items()}
    assert asked["redirect_uri"].endswith("/connect/callback")
    text = come_back(admin, browser.consent(leave, sim.app()["run_as"]))
    assert "Is this the right org and user?" in text
    assert not Org.objects.exists()
    admin.post(f"/connect/{there.pk}/confirm/")
    org = Org.objects.get()
    assert urlsplit(org.url).netloc in admin.get("/integrations/").content.decode()


@pytest.mark.seed("L6")
def test_no_gives_the_grant_back(admin: Client, sim: OrgsimServer) -> None:
    page = begin(admin, sim)
    allow(admin, page)
    attempts.try_due()
    from orgwarden.flows.connecting.pending import opened

    token = opened(draft())["tokens"]["access_token"]
    text = admin.post(f"{page}give-up/", follow=True).content.decode()
    assert "Acme was not connected." in text
    assert "revoked" in text
    assert not lives(sim, token)
    assert not Org.objects.exists()


@pytest.mark.seed("M11")
def test_a_denied_consent_is_a_notice_in_words_and_the_draft_stays(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, flow="web-server")
    allow(admin, page)
    from orgwarden.flows.connecting.pending import shown

    leave = shown(draft()).leave
    text = come_back(admin, browser.consent(leave, administrator(sim), decision="deny"))
    assert "Not connected." in text
    assert "The sign-in was declined in Salesforce." in text
    assert AuditEntry.objects.filter(action="org:connection:failed").exists()
    assert "Acme" in admin.get("/integrations/").content.decode()  # it can be gone on with


def test_an_error_in_a_link_that_somebody_made_is_not_repeated(admin: Client) -> None:
    text = come_back(
        admin, {"error": "access_denied", "error_description": "Call 555-EVIL", "state": "made-up"}
    )
    assert "EVIL" not in text
    assert "not one that was started here" in text
    text = come_back(admin, {"state": "made-up", "code": "stolen"})
    assert "not one that was started here" in text


def test_an_administrator_is_shown_and_stored_only_when_accepted(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, flow="web-server")
    allow(admin, page)
    from orgwarden.flows.connecting.pending import shown

    text = come_back(admin, browser.consent(shown(draft()).leave, administrator(sim)))
    assert "is an administrator" in text
    refused = admin.post(f"{page}confirm/")
    assert refused.status_code == 422
    assert not Org.objects.exists()
    admin.post(f"{page}confirm/", {"accept": "on"})
    assert Org.objects.get().administrator_accepted


def test_the_wrong_kind_of_org_is_refused_and_only_giving_back_is_offered(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, environment="sandbox")
    allow(admin, page)
    attempts.try_due()
    text = admin.get(page).content.decode()
    assert "This is not what was asked for" in text
    assert "This org is production, and a sandbox was chosen." in text
    assert "Yes, this is" not in text
    assert admin.post(f"{page}confirm/", {"accept": "on"}).status_code == 422
    assert not Org.objects.exists()


@pytest.mark.seed("C19")
def test_what_is_tried_again_can_be_left_found_again_stopped_and_changed(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, client_secret="not-the-secret")
    allow(admin, page)
    attempts.try_due()
    text = admin.get(page).content.decode()
    assert "Tried 1 time" in text
    assert "The consumer key or secret is wrong." in text
    assert "up to ten minutes" in text
    here = admin.get("/integrations/").content.decode()
    assert "a worker signs in" in here
    assert f'href="{page}"' in here
    text = admin.post(f"{page}stop/", follow=True).content.decode()
    assert "Before you connect Acme" in text
    assert not attempts.try_due()


def test_nothing_is_sent_before_the_addresses_are_confirmed_and_a_key_is_there(
    admin: Client, sim: OrgsimServer
) -> None:
    page = begin(admin, sim, client_id="")
    answer = admin.post(f"{page}consent/", {"egress": "on"})
    assert answer.status_code == 422
    assert "The consumer key is missing." in answer.content.decode()
    answer = admin.post(f"{page}consent/", {"client_id": sim.app()["consumer_key"]})
    assert "fixed and no VPN or proxy" in answer.content.decode()
    assert draft().stage == "draft"
    assert not AuditEntry.objects.filter(action="org:consent:given").exists()
    allow(admin, page, client_id=sim.app()["consumer_key"])
    assert draft().stage == "trying"


def test_who_may_only_look_reaches_none_of_it(admin: Client, sim: OrgsimServer) -> None:
    page = begin(admin, sim)
    viewer = Client()
    viewer.force_login(get_user_model().objects.get(username="viewer"))
    for act in ("", "package/", "certificate/"):
        assert viewer.get(f"{page}{act}").status_code == 403
    for act in ("consent/", "confirm/", "give-up/", "stop/"):
        assert viewer.post(f"{page}{act}").status_code == 403


def test_what_salesforce_says_is_text(admin: Client, sim: OrgsimServer) -> None:
    page = begin(admin, sim, name="<b>Acme</b>")
    allow(admin, page)
    attempts.try_due()
    row = draft()
    row.found["facts"]["organization_name"] = "<script>alert(1)</script>"
    row.save()
    text = admin.get(page).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "<b>Acme" not in text


@pytest.mark.seed("L7")
def test_a_tenant_is_found_by_its_my_domain_address(admin: Client) -> None:
    for name, host in (("One", "acme.my.salesforce.com"), ("Two", "globex.my.salesforce.com")):
        Org.objects.create(name=name, url=f"https://{host}", flow="web-server", added_by="x")
    text = admin.get("/integrations/", {"q": "GLOBEX.my"}).content.decode()
    assert "globex.my.salesforce.com" in text
    assert "acme.my.salesforce.com" not in text
    assert "2 tenants" in text
    assert "No tenant fits" in admin.get("/integrations/", {"q": "initech"}).content.decode()
