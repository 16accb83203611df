"""SOQL: what it answers, what it refuses and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orgsim.org import Org
from orgsim.server import OrgServer
from orgsim.soql.parse import parse, unquote
from orgsim.soql.run import Run
from orgsim.wire import ApiError
from tests.orgsim import standin
from tests.orgsim.standin import HOUR, NOW, add


@pytest.fixture(scope="module")
def org() -> Org:
    return standin.make_org(speed=0)


class Person:
    """Asks without the wire."""

    def __init__(self, org: Org, name: str) -> None:
        self.server = OrgServer(org, "http://127.0.0.1:1")
        user = self.server.people.by_username(f"{name}@example.org")
        assert user is not None
        self.session = self.server.sessions.open(user, None, ("api",))

    def ask(
        self, text: str, *, api: str = "data", all_rows: bool = False
    ) -> list[dict[str, object]]:
        asker = self.server.asker(self.session, "62.0", api=api, all_rows=all_rows)
        result = Run(asker).query(text)
        return [result.render(row) for row in result.rows]

    def names(self, where: str) -> list[object]:
        return [r["FirstName"] for r in self.ask(f"SELECT FirstName FROM User {where}")]

    def count(self, text: str) -> int:
        asker = self.server.asker(self.session, "62.0")
        return Run(asker).query(text).total

    def refused(self, text: str, api: str = "data") -> ApiError:
        with pytest.raises(ApiError) as caught:
            self.ask(text, api=api)
        return caught.value


@pytest.fixture(scope="module")
def anna(org: Org) -> Person:
    return Person(org, "anna")


@pytest.fixture(scope="module")
def bert(org: Org) -> Person:
    return Person(org, "bert")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("WHERE FirstName = 'anna'", ["Anna"]),
        ("WHERE FirstName IN ('Anna', 'BERT') ORDER BY FirstName DESC", ["Bert", "Anna"]),
        ("WHERE FirstName LIKE '_er%'", ["Bert"]),
        ("WHERE FirstName LIKE 'B\\\\_rt'", []),
        ("WHERE Manager.FirstName = 'Anna'", ["Bert"]),
        ("WHERE ManagerId != null", ["Bert"]),
        ("WHERE (FirstName = 'Anna' OR FirstName = 'Bert') AND ManagerId = null", ["Anna"]),
        ("WHERE NOT FirstName IN ('Anna', 'Bert', 'Carl', 'Dora')", ["Robot"]),
        ("WHERE FirstName NOT IN ('Anna', 'Bert', 'Carl', 'Dora')", ["Robot"]),
        ("WHERE FirstName > 'c' AND FirstName <= 'DORA' ORDER BY FirstName", ["Carl", "Dora"]),
        ("WHERE IsActive = true ORDER BY Name LIMIT 2 OFFSET 1", ["Bert", "Carl"]),
        ("WHERE IsActive = FALSE", []),
        ("WHERE Id IN (SELECT ManagerId FROM User)", ["Anna"]),
        ("u WHERE u.FirstName = 'Dora'", ["Dora"]),
        ("WHERE User.FirstName = 'Dora' FOR VIEW", ["Dora"]),
        ("ORDER BY Manager.Name NULLS LAST, FirstName LIMIT 2", ["Bert", "Anna"]),
        ("ORDER BY Manager.Name DESC, FirstName DESC LIMIT 1", ["Robot"]),
    ],
)
def test_conditions_choose_rows(anna: Person, where: str, expected: list[str]) -> None:
    assert anna.names(where) == expected


@pytest.mark.parametrize(
    ("condition", "minutes"),
    [
        ("LoginTime > 2026-03-18T11:00:00Z", 60),
        ("LoginTime >= 2026-03-18T12:00:00+01:00", 61),
        ("LoginTime >= 2026-03-18T10:00:00Z AND LoginTime < 2026-03-18T11:00:00Z", 60),
        ("LoginTime = TODAY", 13 * 60 + 1),  # in Berlin the day starts at 23:00 UTC
        ("LoginTime = YESTERDAY", 24 * 60),
        ("LoginTime = LAST_N_DAYS:1", 37 * 60 + 1),
        ("LoginTime > TODAY", 0),
        ("LoginTime != TODAY", standin.LOGINS - 13 * 60 - 1),
    ],
)
def test_time_is_compared_as_the_asker_s_zone_has_it(
    anna: Person, condition: str, minutes: int
) -> None:
    assert anna.count(f"SELECT COUNT() FROM LoginHistory WHERE {condition}") == minutes


def test_an_index_finds_what_a_scan_finds(anna: Person) -> None:
    low, high = "2026-03-17T01:02:00Z", "2026-03-17T20:00:00Z"
    ranged = anna.ask(
        f"SELECT Id FROM LoginHistory WHERE LoginTime >= {low} AND LoginTime < {high} "
        "ORDER BY LoginTime, Id"
    )
    scanned = anna.ask(
        f"SELECT Id FROM LoginHistory WHERE (LoginTime >= {low} OR Id = null) "
        f"AND NOT LoginTime >= {high} ORDER BY LoginTime ASC, Id ASC"
    )
    assert ranged == scanned
    assert len(ranged) == 18 * 60 + 58
    newest = anna.ask("SELECT Id FROM LoginHistory ORDER BY LoginTime DESC LIMIT 3 OFFSET 2")
    all_of_them = anna.ask("SELECT Id FROM LoginHistory ORDER BY LoginTime DESC")
    assert newest == all_of_them[2:5]


def test_an_index_goes_on_as_rows_arrive_late_and_out_of_order() -> None:
    org = standin.make_org(speed=0)
    person = Person(org, "anna")
    text = "SELECT COUNT() FROM LoginHistory WHERE LoginTime >= 2026-03-18T11:00:00Z"
    before = person.count(text)
    user = org.store["User"].rows[0][0]
    for minutes in (5, 1, 59, 61):
        add(org, "LoginHistory", LoginTime=NOW - minutes * 60_000, UserId=user)
    assert person.count(text) == before + 3
    add(org, "LoginHistory", visible=NOW + HOUR, LoginTime=NOW - 60_000, UserId=user)
    assert person.count(text) == before + 3
    org.clock.advance(2 * HOUR)
    assert person.count(text) == before + 4


def test_values_are_spelled_as_salesforce_does(anna: Person) -> None:
    row = anna.ask("SELECT id, logintime, NETWORKID FROM loginhistory LIMIT 1")[0]
    assert list(row) == ["attributes", "Id", "LoginTime", "NetworkId"]
    assert row["LoginTime"] == "2026-03-18T12:00:00.000+0000"
    assert row["NetworkId"] is None
    assert row["attributes"] == {
        "type": "LoginHistory",
        "url": f"/services/data/v62.0/sobjects/LoginHistory/{row['Id']}",
    }


def test_parents_nest_and_a_missing_one_is_null(anna: Person) -> None:
    first, second = anna.ask(
        "SELECT Display, CreatedBy.Username, CreatedBy.Profile.Name FROM SetupAuditTrail LIMIT 2"
    )
    assert first["CreatedBy"] is None
    created_by = second["CreatedBy"]
    assert isinstance(created_by, dict)
    assert created_by["Username"] == "anna@example.org"
    assert created_by["Profile"]["Name"] == "Anna's profile"
    assert created_by["attributes"]["type"] == "User"


def test_children_are_nested_results(anna: Person) -> None:
    row = anna.ask(
        "SELECT Name, (SELECT Id, PermissionSet.Name FROM PermissionSetAssignments "
        "WHERE PermissionSet.IsOwnedByProfile = true) FROM User WHERE FirstName = 'Anna'"
    )[0]
    children = row["PermissionSetAssignments"]
    assert isinstance(children, dict)
    assert (children["totalSize"], children["done"]) == (1, True)
    assert children["records"][0]["PermissionSet"]["attributes"]["type"] == "PermissionSet"
    none = anna.ask("SELECT (SELECT Id FROM PermissionSetAssignments WHERE Id = null) FROM User")
    assert none[0]["PermissionSetAssignments"] is None


def test_groups_and_aggregates(anna: Person) -> None:
    rows = anna.ask(
        "SELECT UserId, COUNT(Id) n, MIN(LoginTime), COUNT_DISTINCT(UserId) "
        "FROM LoginHistory GROUP BY UserId HAVING COUNT(Id) > 10 ORDER BY UserId DESC LIMIT 2"
    )
    assert len(rows) == 2
    assert rows[0]["attributes"] == {"type": "AggregateResult"}
    assert (rows[0]["n"], rows[0]["expr1"]) == (1500, 1)
    assert str(rows[0]["expr0"]).startswith("2026-03-15T")
    named = anna.ask(
        "SELECT Profile.Name, COUNT(Id) FROM User GROUP BY Profile.Name ORDER BY Profile.Name"
    )
    assert (named[0]["Name"], named[0]["expr0"]) == ("Anna's profile", 1)
    days = anna.ask(
        "SELECT DAY_ONLY(LoginTime) day, COUNT(Id) FROM LoginHistory "
        "GROUP BY DAY_ONLY(LoginTime) ORDER BY DAY_ONLY(LoginTime)"
    )
    assert [d["day"] for d in days] == ["2026-03-15", "2026-03-16", "2026-03-17", "2026-03-18"]
    assert anna.ask("SELECT COUNT(Id) FROM User")[0]["expr0"] == 5


def test_fields_stands_for_all_fields(anna: Person) -> None:
    row = anna.ask("SELECT FIELDS(ALL) FROM LoginHistory LIMIT 1")[0]
    assert {"Id", "LoginTime", "Status", "attributes"} <= row.keys()
    assert "LIMIT" in anna.refused("SELECT FIELDS(ALL) FROM LoginHistory").message
    assert anna.ask("SELECT FIELDS(STANDARD) FROM User")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("SELECT", "MALFORMED_QUERY", "Row:1:Column:7\nunexpected token: '<EOF>'"),
        ("SELEC Id FROM User", "MALFORMED_QUERY", "Row:1:Column:1\nunexpected token: 'S"),
        ("SELECT Id FROM User WHERE", "MALFORMED_QUERY", "Row:1:Column:26\nunexpected token"),
        ("SELECT Id\nFROM User\nWHERE Id ~ 'x'", "MALFORMED_QUERY", "Row:3:Column:10"),
        ("SELECT Id FROM User WHERE A = 1 AND B = 2 OR C = 3", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM User WHERE Name = 'a\\x'", "MALFORMED_QUERY", "Illegal character"),
        ('SELECT Id FROM User WHERE Name = "a"', "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM User WHERE CreatedDate > SOMEDAY", "MALFORMED_QUERY", "SOMEDAY"),
        ("SELECT DISTANCE(Address) FROM User", "MALFORMED_QUERY", "DISTANCE"),
        ("SELECT Id, Nope FROM User", "INVALID_FIELD", "Row:1:Column:12\nNo such column 'Nope'"),
        ("SELECT Nope.Id FROM User", "INVALID_FIELD", "Didn't understand relationship 'Nope'"),
        ("SELECT Id, id FROM User", "INVALID_FIELD", "duplicate field selected"),
        ("SELECT (SELECT Id FROM Nopes) FROM User", "INVALID_TYPE", "relationship 'Nopes'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("SELECT Id FROM User WHERE IsActive = 'x'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM User WHERE Name = 5", "INVALID_FIELD", "enclosed in quotes"),
        ("SELECT Id FROM User WHERE CreatedDate = '2026-01-01'", "INVALID_FIELD", "dateTime"),
        ("SELECT Id FROM User WHERE Id = 'short'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        ("SELECT Name, COUNT(Id) FROM User", "MALFORMED_QUERY", "must be grouped"),
        ("SELECT Id FROM User OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id x FROM User", "MALFORMED_QUERY", "aliasing"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    anna: Person, text: str, code: str, says: str
) -> None:
    error = anna.refused(text)
    assert error.code == code
    assert says in error.message


@pytest.mark.parametrize(
    ("object", "field"),
    [
        ("LoginHistory", "Status"),
        ("LoginHistory", "Browser"),
        ("SetupAuditTrail", "Display"),
        ("SetupAuditTrail", "Section"),
        ("EventLogFile", "LogFileFieldNames"),
    ],
)
def test_some_fields_cannot_be_filtered(anna: Person, object: str, field: str) -> None:
    error = anna.refused(f"SELECT Id FROM {object} WHERE {field} = 'x'")
    assert error.code == "INVALID_FIELD"
    assert f"field '{field}' can not be filtered in a query call" in error.message


def test_the_audit_trail_counts_but_does_not_aggregate(anna: Person) -> None:
    assert anna.count("SELECT COUNT() FROM SetupAuditTrail") == 4
    assert (
        "aggregate operator COUNT" in anna.refused("SELECT COUNT(Id) FROM SetupAuditTrail").message
    )


def test_permissions_decide_what_is_seen(anna: Person, bert: Person) -> None:
    assert bert.refused("SELECT Id FROM EventLogFile").code == "INVALID_TYPE"
    assert bert.count("SELECT COUNT() FROM LoginHistory") == standin.LOGINS // 3
    assert anna.count("SELECT COUNT() FROM LoginHistory") == standin.LOGINS


def test_big_objects_have_their_own_rules(org: Org) -> None:
    person = Person(org, "anna")
    user = person.session.user_id
    person.server.people.override[user, "ViewRealTimeEventMonitoringData"] = True
    assert person.refused("SELECT EventIdentifier FROM LoginEvent").code == "INVALID_TYPE"
    org.options = replace(org.options, event_monitoring="licensed")
    person.ask("SELECT EventIdentifier FROM LoginEvent WHERE EventDate > LAST_WEEK")
    for bad in (
        "WHERE EventIdentifier = 'x'",
        "WHERE UserId = '005000000000000'",
        "WHERE EventDate > TODAY OR EventDate < LAST_WEEK",
        "ORDER BY EventDate ASC",
    ):
        assert person.refused(f"SELECT Id FROM LoginEvent {bad}").status == 400
    assert person.refused("SELECT COUNT() FROM LoginEvent").code == "MALFORMED_QUERY"


def test_file_links_need_one_document_or_one_owner(anna: Person) -> None:
    error = anna.refused("SELECT Id FROM ContentDocumentLink")
    assert error.message.startswith("Implementation restriction: ContentDocumentLink requires")
    assert (
        anna.ask("SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '005000000000000'")
        == []
    )


def test_deleted_rows_are_seen_by_query_all_only() -> None:
    org = standin.make_org(speed=0)
    person = Person(org, "anna")
    org.store["PermissionSetAssignment"].delete(0)
    text = "SELECT Id FROM PermissionSetAssignment"
    assert len(person.ask(text)) + 1 == len(person.ask(text, all_rows=True))


def test_escapes_in_strings() -> None:
    assert unquote(r"'it\'s \"a\" \\ \n\t\u00e9 \_ \%'") == 'it\'s "a" \\ \n\té _ %'
    assert unquote(r"'50\% \\ \_'", like=True) == r"50\% \\ \_"


def test_keywords_may_be_names_where_no_keyword_can_stand() -> None:
    query = parse("SELECT Group.Name, Limit FROM Group GROUP BY Group.Name")
    assert query.object == "Group"
    assert parse("select id from user order by name").order
