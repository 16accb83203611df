"""The outer shape of REST: XML, gzip both ways, suffixes, slashes, methods, versions, counts."""

from __future__ import annotations

import gzip
import json
from xml.etree import ElementTree

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim.conftest import Caller

XML = {"Accept": "application/xml"}
QUERY = "SELECT Id, LoginTime, AuthenticationServiceId FROM LoginHistory ORDER BY LoginTime LIMIT 3"


def test_errors_and_answers_are_xml_when_asked_for(anna: Caller) -> None:
    answer = anna.get("sobjects/Nothing", headers=XML)
    assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root[0].tag) == ("Errors", "Error")
    assert root.findtext("Error/errorCode") == "NOT_FOUND"
    assert root.findtext("Error/message") == "The requested resource does not exist"
    root = ElementTree.fromstring(anna.get("query.xml", params={"q": QUERY}).content)
    assert (root.tag, root.findtext("totalSize"), root.findtext("done")) == (
        "QueryResult", "3", "true")  # fmt: skip
    first = root.find("records")
    assert first is not None
    assert first.get("type") == "LoginHistory"
    assert ElementTree.fromstring(anna.get("limits", headers=XML).content).tag == "LimitsSnapshot"
    unknown = requests.get(f"{anna.url}/services/data/v62.0/limits", headers=XML, timeout=10)
    assert (unknown.status_code, ElementTree.fromstring(unknown.content).tag) == (401, "Errors")


def test_json_wins_where_both_are_accepted(anna: Caller) -> None:
    both = {"Accept": "application/json, application/xml;q=0.9"}
    assert anna.get("limits", headers=both).json()
    assert anna.get("limits.json", headers=XML).json()
    pretty = anna.get("limits", headers={"X-PrettyPrint": "1"}).text
    assert pretty.startswith('{\n  "ActiveScratchOrgs"')


@pytest.mark.parametrize("path", ["", "/", ".json"])
def test_the_version_list_with_and_without_slash(server: OrgServer, path: str) -> None:
    answer = requests.get(f"{server.base_url}/services/data{path}", timeout=10)
    assert answer.json()[0]["version"] == "31.0"
    assert answer.json()[-1] == {
        "label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}  # fmt: skip
    assert "Sforce-Limit-Info" not in answer.headers


@pytest.mark.parametrize("number", [30, 31, 36, 45, 62, 68, 69])
def test_versions(server: OrgServer, number: int) -> None:
    anna = Caller(server, "anna@example.org", f"{number}.0")
    answer = anna.get("query/", params={"q": QUERY})
    if number in range(31, 69):
        url = answer.json()["records"][0]["attributes"]["url"]
        assert url.startswith(f"/services/data/v{number}.0/sobjects/LoginHistory/")
    else:
        assert answer.status_code == (410 if number < 31 else 404)
        assert answer.json()[0]["errorCode"] == "UNSUPPORTED_API_VERSION"


def test_large_json_is_packed_for_those_who_accept_it(anna: Caller) -> None:
    path = "query?q=SELECT+Id,SourceIp+FROM+LoginHistory"
    packed = anna.get(path, headers={"Accept-Encoding": "gzip"})
    plain = anna.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3
    assert "Content-Encoding" not in plain.headers
    assert packed.json()["records"] == plain.json()["records"]
    small = anna.get("query", params={"q": "SELECT COUNT() FROM LoginHistory"})
    assert "Content-Encoding" not in small.headers


def test_bodies_may_come_packed(anna: Caller) -> None:
    asked = {"batchRequests": [{"method": "GET", "url": "v62.0/limits"}]}
    head = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzip.compress(json.dumps(asked).encode())
    answer = anna.call("POST", "composite/batch", data=body, headers=head)
    assert answer.json()["hasErrors"] is False
    broken = anna.call("POST", "composite/batch", data=b"no gzip", headers=head)
    assert (broken.status_code, broken.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_methods(server: OrgServer, anna: Caller) -> None:
    head = anna.call("HEAD", "limits", headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 1000
    refused = anna.call("OPTIONS", "limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    login = anna.rows("SELECT Id FROM UserLogin LIMIT 1")
    path = f"sobjects/UserLogin/{login[0]['Id'] if login else '0Yw000000000000'}"
    patched = anna.call("POST", f"{path}?_HttpMethod=PATCH", json={"IsFrozen": False})
    assert patched.status_code in (204, 404)  # a PATCH, and not a POST, which is never allowed here
    token = requests.post(
        f"{server.base_url}/services/oauth2/token",
        data="grant_type=client_credentials&client_id=3MVG9Robot&client_secret=secret-of-Robot",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
        timeout=10,
    ).json()["access_token"]
    other = {"Authorization": f"OAuth {token}"}
    assert requests.get(f"{anna.url}/services/data/v62.0/", headers=other, timeout=10).ok


def test_a_describe_is_sent_once(anna: Caller) -> None:
    first = anna.get("sobjects/User/describe")
    same = {"If-Modified-Since": first.headers["Last-Modified"]}
    again = anna.get("sobjects/User/describe", headers=same)
    assert (again.status_code, again.content) == (304, b"")
    old = {"If-Modified-Since": "Tue, 01 Jan 2019 00:00:00 GMT"}
    assert anna.get("sobjects/User/describe", headers=old).json()["name"] == "User"


def test_counts_chosen_fields_and_empty_lists(anna: Caller) -> None:
    counts = anna.get("limits/recordCount", params={"sObjects": "User,Nothing"}).json()
    assert counts == {"sObjects": [{"count": 5, "name": "User"}]}
    me = anna.rows("SELECT Id FROM User LIMIT 1")[0]["Id"]
    one = anna.get(f"sobjects/User/{me}", params={"fields": "Username,IsActive"}).json()
    assert set(one) - {"attributes", "Id"} == {"Username", "IsActive"}
    assert anna.get("jobs/ingest").json() == {"done": True, "records": [], "nextRecordsUrl": None}
    asked = {"operation": "query", "query": "SELECT Id FROM User"}
    anna.post("jobs/query", asked)
    assert len(anna.get("jobs/query").json()["records"]) == 1
    assert anna.get("jobs/query", params={"jobType": "Classic"}).json()["records"] == []
    for path in ("recent", "parameterizedSearch", "query/explain"):
        assert anna.get(path).json()[0]["errorCode"] in ("NOT_FOUND", "INVALID_QUERY_LOCATOR")


def test_query_all_pages_by_its_locator(anna: Caller) -> None:
    first = anna.soql("SELECT Id FROM LoginHistory", "queryAll")
    locator = first["nextRecordsUrl"].rpartition("/")[2]
    for resource in ("query", "queryAll"):
        assert len(anna.get(f"{resource}/{locator}").json()["records"]) == 2000


def test_a_graph_is_answered_graph_by_graph(anna: Caller) -> None:
    def node(name: str, url: str) -> dict[str, str]:
        return {"method": "GET", "url": f"/services/data/v62.0/{url}", "referenceId": name}

    graphs = [
        {"graphId": "1", "compositeRequest": [node("a", "limits")]},
        {"graphId": "2", "compositeRequest": [node("b", "nothing"), node("c", "limits")]},
    ]
    made = anna.post("composite/graph", {"graphs": graphs}).json()["graphs"]
    assert [(g["graphId"], g["isSuccessful"]) for g in made] == [("1", True), ("2", False)]
    statuses = [n["httpStatusCode"] for n in made[1]["graphResponse"]["compositeResponse"]]
    assert statuses == [404, 400]
