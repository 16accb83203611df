"""REST: resources, errors, quota, paging, records, composites and log files on the wire."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller


def test_versions_need_no_session_and_cost_no_call(server: OrgServer) -> None:
    answer = requests.get(f"{server.base_url}/services/data/", timeout=10)
    versions = answer.json()
    assert versions[0]["version"] == "31.0"
    assert versions[-1] == {
        "label": "Winter '27",
        "url": "/services/data/v68.0",
        "version": "68.0",
    }
    assert "Sforce-Limit-Info" not in answer.headers
    assert not server.quota.calls


def test_without_a_session_it_is_401(server: OrgServer) -> None:
    url = f"{server.base_url}/services/data/v62.0/limits"
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]
    assert answer.headers["WWW-Authenticate"] == "Token"
    basic = requests.get(url, headers={"Authorization": "Basic eDp5"}, timeout=10)
    assert basic.json()[0]["errorCode"] == "INVALID_AUTH_HEADER"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("/services/data/v69.0/limits", 404, "UNSUPPORTED_API_VERSION"),
        ("/services/data/v62.0/nothing", 404, "NOT_FOUND"),
        ("/services/data/v62.0//limits", 404, "NOT_FOUND"),
        ("/services/data/v62.0/query/01g000000000000-2000", 400, "INVALID_QUERY_LOCATOR"),
        ("/services/data/v62.0/sobjects/Nope", 404, "NOT_FOUND"),
        ("/services/data/v62.0/sobjects/User/short", 400, "MALFORMED_ID"),
        ("/services/data/v62.0/query", 400, "MALFORMED_QUERY"),
    ],
)
def test_what_is_not_there(anna: Caller, path: str, status: int, code: str) -> None:
    answer = anna.get(path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_the_resource_map_leads_to_the_identity(anna: Caller) -> None:
    resources = anna.get("").json()
    assert resources["query"] == "/services/data/v62.0/query"
    identity = anna.http.get(resources["identity"], timeout=10).json()
    assert identity["username"] == "anna@example.org"


def test_every_data_answer_says_what_is_used(anna: Caller, server: OrgServer) -> None:
    anna.get("limits")
    answer = anna.get("query?q=SELECT+Nope+FROM+User")
    assert answer.status_code == 400
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    remaining = anna.get("limits").json()["DailyApiRequests"]
    assert remaining == {"Max": 100_000, "Remaining": 99_997}
    used = anna.get("/_sim/calls").json()
    assert {"endpoint": "GET /services/data/limits", "client": "orgsim", "count": 2} in used


def test_a_used_up_quota_refuses_until_the_day_has_passed(anna: Caller) -> None:
    anna.post("/_sim/quota", {"used": 100_000})
    answer = anna.get("limits")
    assert answer.status_code == 403
    assert answer.json()[0] == {
        "message": "TotalRequests Limit exceeded.",
        "errorCode": "REQUEST_LIMIT_EXCEEDED",
    }
    anna.post("/_sim/clock", {"advance": "PT1H"})
    assert anna.get("limits").status_code == 403
    anna.post("/_sim/quota", {"used": 99_999})
    assert anna.get("limits").status_code == 200
    assert anna.get("limits").status_code == 403


def test_limits_have_their_old_names_in_old_versions(anna: Caller) -> None:
    limits = anna.get("/services/data/v47.0/limits").json()
    assert {"DailyBulkApiRequests", "MonthlyPlatformEvents"} <= limits.keys()
    assert limits["PermissionSets"]["CreateCustom"]["Max"] == 1000


def test_permissions_open_and_close(bert: Caller, caller: Callable[[str], Caller]) -> None:
    assert bert.get("limits").status_code == 403
    assert bert.soql("SELECT Id FROM EventLogFile")[0]["errorCode"] == "INVALID_TYPE"
    bert.post("/_sim/permission", {"user": "bert@example.org", "permission": "ViewSetup"})
    assert bert.get("limits").status_code == 200
    dora = caller("dora")
    assert dora.get("limits").json()[0]["errorCode"] == "API_CURRENTLY_DISABLED"


def test_pages_follow_one_another(anna: Caller) -> None:
    text = "SELECT Id FROM LoginHistory ORDER BY LoginTime"
    answer = anna.get(
        "query", params={"q": text}, headers={"Sforce-Query-Options": "batchSize=1500"}
    ).json()
    ids = [r["Id"] for r in answer["records"]]
    assert answer["totalSize"] == standin.LOGINS
    assert answer["nextRecordsUrl"].endswith("-1500")
    while not answer["done"]:
        answer = anna.get(answer["nextRecordsUrl"]).json()
        ids += [r["Id"] for r in answer["records"]]
    assert "nextRecordsUrl" not in answer
    assert len(set(ids)) == len(ids) == standin.LOGINS


def test_the_eleventh_cursor_closes_the_first(anna: Caller) -> None:
    urls = [anna.soql("SELECT Id FROM LoginHistory")["nextRecordsUrl"] for _ in range(11)]
    assert anna.get(urls[0]).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert anna.get(urls[1]).status_code == 200


def test_grants_page_by_500_and_end_at_2500(anna: Caller, server: OrgServer) -> None:
    table = server.org.store["OauthToken"]
    for _ in range(2600):
        table.add(table.make({"AppName": "Something", "CreatedDate": standin.NOW}))
    answer = anna.soql("SELECT Id, AppName FROM OauthToken")
    read = len(answer["records"])
    assert (read, answer["totalSize"]) == (500, 2600)
    assert answer["records"][0]["Id"] is None
    while not answer["done"]:
        answer = anna.get(answer["nextRecordsUrl"]).json()
        read += len(answer["records"])
    assert read == 2500


def test_tooling_answers_have_their_own_keys(anna: Caller) -> None:
    answer = anna.soql("SELECT Score FROM SecurityHealthCheck", "tooling/query")
    assert answer["size"] == answer["totalSize"] == 1
    assert answer["entityTypeName"] == "SecurityHealthCheck"
    assert answer["queryLocator"] is None
    data = anna.soql("SELECT Score FROM SecurityHealthCheck")
    assert data[0]["errorCode"] == "INVALID_TYPE"


def test_describes_are_complete(anna: Caller, bert: Caller) -> None:
    everything = anna.get("sobjects").json()
    assert everything["maxBatchSize"] == 200
    assert "EventLogFile" in {o["name"] for o in everything["sobjects"]}
    assert "EventLogFile" not in {o["name"] for o in bert.get("sobjects").json()["sobjects"]}
    described = anna.get("sobjects/EventLogFile/describe").json()
    assert (described["keyPrefix"], described["createable"]) == ("0AT", False)
    fields = {f["name"]: f for f in described["fields"]}
    assert fields["LogFile"]["type"] == "base64"
    assert fields["LogFileFieldNames"]["filterable"] is False
    assert len(fields["Id"]) >= 53
    assert bert.get("sobjects/EventLogFile/describe").status_code == 404
    since = {"If-Modified-Since": "Wed, 18 Mar 2026 00:00:00 GMT"}
    assert anna.get("sobjects/User/describe", headers=since).status_code == 304


def test_a_user_is_frozen_and_signed_out_and_a_grant_cannot_be_deleted(
    anna: Caller, bert: Caller, server: OrgServer
) -> None:
    user = server.people.by_username("bert@example.org")
    login = standin.add(server.org, "UserLogin", UserId=user, IsFrozen=False)
    answer = anna.call("PATCH", f"sobjects/UserLogin/{login}", json={"IsFrozen": True})
    assert (answer.status_code, answer.content) == (204, b"")
    assert anna.rows(f"SELECT IsFrozen FROM UserLogin WHERE UserId = '{user}'")[0]["IsFrozen"]
    (told,) = anna.rows(
        "SELECT Display, CreatedBy.Name FROM SetupAuditTrail WHERE Action = 'frozeuser'"
    )
    assert told["Display"] == "Froze user bert@example.org"
    assert told["CreatedBy"]["Name"] == "Anna Example"
    refused = bert.call("PATCH", f"sobjects/UserLogin/{login}", json={"IsFrozen": False})
    assert refused.json()[0]["errorCode"] in ("NOT_FOUND", "INSUFFICIENT_ACCESS_OR_READONLY")
    assert anna.call("PATCH", f"sobjects/User/{user}", json={"IsActive": False}).status_code == 204
    assert bert.get("query?q=SELECT+Id+FROM+User").status_code == 401
    deleted = anna.call("DELETE", "sobjects/OauthToken/888000000000000AAA")
    assert deleted.status_code in (404, 405)


def test_an_assignment_is_created_and_deleted(anna: Caller, server: OrgServer) -> None:
    user = server.people.by_username("bert@example.org")
    assert user is not None
    given = standin.add(server.org, "PermissionSet", Name="Setup", PermissionsViewSetup=True)
    anna.post(
        "/_sim/permission", {"user": "anna@example.org", "permission": "AssignPermissionSets"}
    )
    body = {"AssigneeId": user, "PermissionSetId": given}
    made = anna.post("sobjects/PermissionSetAssignment", body)
    assert made.status_code == 201
    assert made.json()["success"] is True
    assert "ViewSetup" in server.people.permissions(user)
    path = f"sobjects/PermissionSetAssignment/{made.json()['id']}"
    assert anna.get(path).json()["AssigneeId"] == user
    assert anna.call("DELETE", path).status_code == 204
    assert "ViewSetup" not in server.people.permissions(user)
    again = anna.get(path)
    assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    owned = server.org.store["PermissionSetAssignment"].rows[0][0]
    kept = anna.call("DELETE", f"sobjects/PermissionSetAssignment/{owned}")
    assert kept.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_composite_is_one_call_and_refers_to_earlier_answers(anna: Caller) -> None:
    query = "/services/data/v62.0/query?q=SELECT+Id+FROM+User+WHERE+FirstName='Bert'"
    body = {
        "compositeRequest": [
            {"method": "GET", "url": query, "referenceId": "bert"},
            {
                "method": "GET",
                "url": "/services/data/v62.0/sobjects/User/@{bert.records[0].Id}",
                "referenceId": "read",
            },
            {"method": "GET", "url": "/services/data/v62.0/nope", "referenceId": "bad"},
        ]
    }
    answer = anna.post("composite", body)
    found = answer.json()["compositeResponse"]
    assert [r["httpStatusCode"] for r in found] == [200, 200, 404]
    assert found[1]["body"]["Username"] == "bert@example.org"
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000"


def _five(urls: list[str]) -> dict[str, Any]:
    asked = [{"method": "GET", "url": u, "referenceId": f"q{n}"} for n, u in enumerate(urls)]
    return {"compositeRequest": asked}


QUERY = "/services/data/v62.0/query?q=SELECT+Id+FROM+User+LIMIT+1"


def test_a_composite_takes_five_queries_and_other_calls_beside_them(anna: Caller) -> None:
    beside = ["/services/data/v62.0/limits"] * 20
    assert anna.post("composite", _five([QUERY] * 5 + beside)).status_code == 200
    refused = anna.post("composite", _five([QUERY] * 6))
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert anna.post("composite", _five(beside + [QUERY] * 6)).status_code == 400


def test_a_fault_strikes_the_call_it_names_inside_a_composite(anna: Caller) -> None:
    profiles = QUERY.replace("User", "Profile")
    anna.post("/_sim/faults", {"endpoint": "FROM.User", "error": "QUERY_TIMEOUT"})
    found = anna.post("composite", _five([QUERY, profiles])).json()["compositeResponse"]
    assert [f["httpStatusCode"] for f in found] == [400, 200]
    assert found[0]["body"][0]["errorCode"] == "QUERY_TIMEOUT"
    anna.post("/_sim/faults", {"endpoint": "FROM.Profile", "html": True})
    page = anna.post("composite", _five([QUERY, profiles]))
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")


def test_batch_and_collections(anna: Caller, server: OrgServer) -> None:
    body = {
        "batchRequests": [
            {"method": "GET", "url": "v62.0/limits"},
            {"method": "GET", "url": "v62.0/sobjects/Nope/describe"},
        ]
    }
    answer = anna.post("composite/batch", body).json()
    assert answer["hasErrors"] is True
    assert [r["statusCode"] for r in answer["results"]] == [200, 404]
    anna.post(
        "/_sim/permission", {"user": "anna@example.org", "permission": "AssignPermissionSets"}
    )
    row = server.org.store["PermissionSetAssignment"].rows[0][0]
    deleted = anna.call("DELETE", f"composite/sobjects?ids={row},zzz").json()
    assert [d["success"] for d in deleted] == [False, False]
    assert deleted[0]["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


class Files:
    """Just enough of log files to serve one body."""

    def __init__(self, id: str, path: Path) -> None:
        self.id, self.path = id, path

    def open_body(self, id18: str) -> tuple[Path, int] | None:
        return (self.path, self.path.stat().st_size) if id18 == self.id else None

    def expire(self, now_ms: int) -> None:
        """Nothing here grows old."""


def test_log_file_bodies_are_streamed_and_gzipped_when_asked(
    anna: Caller, server: OrgServer, tmp_path: Path
) -> None:
    body = b'"EVENT_TYPE","N"\n' + b"".join(b'"Login","%d"\n' % n for n in range(200_000))
    path = tmp_path / "log.csv"
    path.write_bytes(body)
    id = standin.add(server.org, "EventLogFile", EventType="Login", LogFileLength=len(body))
    files: Any = Files(id, path)
    server.org.log_files = files
    row = anna.rows("SELECT LogFile, LogFileLength FROM EventLogFile")[0]
    assert row["LogFile"] == f"/services/data/v62.0/sobjects/EventLogFile/{id}/LogFile"
    assert row["LogFileLength"] == float(len(body))
    plain = anna.get(row["LogFile"], headers={"Accept-Encoding": "identity"})
    assert plain.content == body
    assert "Content-Encoding" not in plain.headers
    assert int(plain.headers["Content-Length"]) == len(body)
    packed = anna.get(row["LogFile"], headers={"Accept-Encoding": "gzip"}, stream=True)
    raw = packed.raw.read(decode_content=False)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(raw) == body
    other = standin.add(server.org, "EventLogFile", EventType="Logout")
    assert anna.get(f"sobjects/EventLogFile/{other}/LogFile").status_code == 404
