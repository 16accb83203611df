"""SOQL from values: whatever the value, it stays one value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.salesforce import soql
from orgwarden.salesforce.soql import (
    above,
    after_in_order,
    all_of,
    among,
    any_of,
    at_least,
    below,
    contains,
    count,
    equal,
    literal,
    negated,
    not_among,
    select,
    starts_with,
    unequal,
    up_to,
)

SINCE = datetime(2022, 9, 14, 21, 43, 41, 999_999, UTC)
# Every escape that SOQL knows, read back by other code than the code that writes them.
UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


def read_string(text: str) -> tuple[str, str]:
    """A SOQL string at the start of `text`: its value, and what stands behind its end."""
    assert text[0] == "'"
    value, at = "", 1
    while text[at] != "'":
        if text[at] == "\\":
            at += 1
            value += UNESCAPED.get(text[at]) or {"%": "%", "_": "_"}[text[at]]
        else:
            value += text[at]
        at += 1
    return value, text[at + 1 :]


def test_a_query_reads_as_one_would_write_it() -> None:
    query = (
        select("LoginHistory", ["Id", "LoginGeo.City"])
        .where(at_least("LoginTime", SINCE), below("LoginTime", SINCE + timedelta(hours=1)))
        .order_by("LoginTime", "Id")
        .at_most(2000)
    )
    assert str(query) == (
        "SELECT Id, LoginGeo.City FROM LoginHistory"
        " WHERE LoginTime >= 2022-09-14T21:43:41.999Z AND LoginTime < 2022-09-14T22:43:41.999Z"
        " ORDER BY LoginTime, Id LIMIT 2000"
    )
    assert str(count("User").where(equal("IsActive", True))) == (
        "SELECT COUNT() FROM User WHERE IsActive = true"
    )


def test_conditions_are_joined_with_brackets() -> None:
    condition = any_of(all_of(equal("A", 1), unequal("B", None)), negated(above("C", -2.5)))
    assert str(condition) == "((A = 1 AND B != null) OR (NOT C > -2.5))"
    assert str(after_in_order("CreatedDate", SINCE, "0AT1")) == (
        "(CreatedDate > 2022-09-14T21:43:41.999Z"
        " OR (CreatedDate = 2022-09-14T21:43:41.999Z AND Id > '0AT1'))"
    )
    assert str(among("Name", ["a", "b"])) == "Name IN ('a', 'b')"
    assert str(not_among("Name", ["a"])) == "Name NOT IN ('a')"
    assert str(starts_with("Name", "5%_")) == "Name LIKE '5\\%\\_%'"
    assert str(contains("Name", "x")) == "Name LIKE '%x%'"
    assert str(up_to("D", date(2026, 1, 2))) == "D <= 2026-01-02"


def test_times_are_written_in_utc() -> None:
    east = datetime(2022, 9, 15, 1, 43, 41, tzinfo=timezone(timedelta(hours=4)))
    assert literal(east) == "2022-09-14T21:43:41.000Z"
    with pytest.raises(ValueError, match="without a zone"):
        literal(datetime(2022, 9, 14))  # noqa: DTZ001 - this is what must be refused


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 1e300, 10**30, "\x00", "\x1b", "\ud800"]
)
def test_what_soql_cannot_express_is_refused(value: soql.Value) -> None:
    with pytest.raises(ValueError):
        literal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1a",
        "Id FROM User",
        "Id,Name",
        "Id'",
        "a..b",
        "a.",
        "é",
        "COUNT()",
        "a-b",
        "x" * 81,
        "Id\n",
    ],
)
def test_a_name_that_is_not_one_is_refused(text: str) -> None:
    uses: list[Callable[[], object]] = [
        lambda: select(text, ["Id"]),
        lambda: select("User", [text]),
        lambda: equal(text, 1),
        lambda: select("User", ["Id"]).order_by(text),
    ]
    for build in uses:
        with pytest.raises(ValueError, match="not a Salesforce name"):
            build()


def test_nothing_selected_or_listed_is_refused() -> None:
    with pytest.raises(ValueError):
        select("User", [])
    with pytest.raises(ValueError):
        among("Id", [])
    with pytest.raises(ValueError):
        any_of()


@pytest.mark.fault("C12")
@given(st.one_of(st.text(), st.text(alphabet="'\"\\\u2028\u2029\n\r\t%_ xORbf", max_size=30)))
def test_no_text_gets_out_of_its_quotes(text: str) -> None:
    try:
        query = str(select("User", ["Id"]).where(equal("Name", text), equal("Alias", "z")))
    except ValueError:
        assert re.search("[\x00-\x07\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]", text)
        return
    value, rest = read_string(query.removeprefix("SELECT Id FROM User WHERE Name = "))
    assert value == text
    assert rest == " AND Alias = 'z'"


@pytest.mark.fault("C12")
@given(st.text(alphabet="'\\%_ab\u2028", max_size=20))
def test_no_pattern_gets_out_of_its_quotes_or_grows_a_wildcard(text: str) -> None:
    pattern = str(starts_with("Name", text)).removeprefix("Name LIKE ")
    value, rest = read_string(pattern)
    assert (value, rest) == (text + "%", "")
    bare = re.sub(r"\\.", "", pattern[1:-1])
    assert bare.count("%") == 1
    assert "_" not in bare


@pytest.mark.parametrize("field", ["AccessToken", "RequestToken", "DeleteToken", "x.accesstoken"])
def test_other_peoples_tokens_are_never_selected(field: str) -> None:
    with pytest.raises(ValueError, match="never selected"):
        select("OauthToken", ["UserId", field])
