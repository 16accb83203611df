"""simple-salesforce, unchanged, against the emulator: over plain http and over TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from orgsim import tls
from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrgServer]:
    """The org over https, with an authority of its own."""
    org = standin.make_org(speed=0, tls=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORGSIM_HOME", str(tmp_path_factory.mktemp("authority")))
        with standin.serving(org, tls=True) as server:
            yield server


@pytest.fixture
def sf(secure: OrgServer) -> Iterator[Salesforce]:
    """The library as anybody would use it, told which authority to trust."""
    with requests.Session() as session:
        session.verify = str(tls.home() / "ca.pem")
        session.trust_env = False
        answer = session.get(f"{secure.base_url}/_sim/token?user=anna@example.org", timeout=10)
        yield Salesforce(
            instance_url=secure.base_url,
            session_id=answer.json()["access_token"],
            session=session,
            version="62.0",
        )


def test_a_query_answers_records_with_attributes(sf: Salesforce) -> None:
    answer = sf.query("SELECT Id, Name, Manager.Name FROM User WHERE Username = 'bert@example.org'")
    assert answer["totalSize"] == 1
    assert answer["done"] is True
    (bert,) = answer["records"]
    assert bert["attributes"]["type"] == "User"
    assert bert["Manager"]["Name"] == "Anna Example"


def test_query_more_goes_on_where_query_stopped(sf: Salesforce) -> None:
    first = sf.query("SELECT Id FROM LoginHistory")
    assert (len(first["records"]), first["done"]) == (2000, False)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = sf.query_more(second["nextRecordsUrl"].split("/")[-1])
    assert (len(second["records"]), len(third["records"])) == (2000, 500)
    assert third["done"] is True


def test_query_all_reads_every_page(sf: Salesforce) -> None:
    answer = sf.query_all("SELECT Id, LoginTime FROM LoginHistory", include_deleted=True)
    assert len({r["Id"] for r in answer["records"]}) == answer["totalSize"] == standin.LOGINS


def test_child_subqueries_are_nested_results(sf: Salesforce) -> None:
    answer = sf.query(
        "SELECT Name, (SELECT PermissionSet.Name FROM PermissionSetAssignments) FROM User"
    )
    children = answer["records"][0]["PermissionSetAssignments"]
    assert children["totalSize"] == 1
    assert children["records"][0]["PermissionSet"]["Name"].startswith("X00e")


def test_bulk_2_query_reads_every_row_in_pages(sf: Salesforce) -> None:
    pages = list(sf.bulk2.LoginHistory.query("SELECT Id, Status FROM LoginHistory", 1500))
    lines = [line for page in pages for line in page.splitlines()[1:]]
    assert len(pages) == 3
    assert len(set(lines)) == standin.LOGINS


def test_tooling_limits_describe_and_identity(sf: Salesforce) -> None:
    answer = sf.toolingexecute("query", params={"q": "SELECT Score FROM SecurityHealthCheck"})
    assert answer["entityTypeName"] == "SecurityHealthCheck"
    limits = sf.limits()
    assert limits["DailyApiRequests"]["Max"] == 100_000
    described = sf.LoginHistory.describe()
    assert {f["name"] for f in described["fields"]} >= {"Id", "LoginTime", "UserId"}
    assert sf.api_usage["api-usage"].total == 100_000
    assert {o["name"] for o in sf.describe()["sobjects"]} >= {"User", "LoginHistory"}
    url = sf.restful("")["identity"]
    assert sf._call_salesforce("GET", url).json()["username"] == "anna@example.org"


def test_errors_are_the_library_s_own(sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Nope'"):
        sf.query("SELECT Nope FROM User")


def test_over_http_the_library_s_addresses_have_to_be_told_so(server: OrgServer) -> None:
    caller = Caller(server, "anna@example.org")
    with requests.Session() as session:
        session.trust_env = False
        sf = Salesforce(
            instance_url=server.base_url, session_id=caller.token, session=session, version="62.0"
        )
        sf.base_url = sf.base_url.replace("https://", "http://")
        assert sf.query("SELECT COUNT() FROM LoginHistory")["totalSize"] == standin.LOGINS
