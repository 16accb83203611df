"""The limit header in all its forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.salesforce import Usage
from orgwarden.salesforce.usage import usage_from


@pytest.mark.seed("M18")
@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ("api-usage=18/5000", Usage(18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=sample-app); api-usage=25/5000", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=sample-app)", None),
        ("per-app-api-usage=17/250(appName=x),api-usage=25/5000", Usage(25, 5000)),
        (" API-Usage = 1 / 2 ", Usage(1, 2)),
        ("api-usage=5001/5000", Usage(5001, 5000)),
        ("api-usage=", None),
        ("api-usage=a/b", None),
        ("api-usage=-1/5", None),
        ("", None),
    ],
)
def test_the_org_wide_usage_is_read(text: str, usage: Usage | None) -> None:
    assert usage_from({"Sforce-Limit-Info": text}) == usage


def test_an_answer_without_the_header_says_nothing() -> None:
    assert usage_from({}) is None


@given(st.text())
def test_no_header_breaks_the_reader(text: str) -> None:
    usage_from({"Sforce-Limit-Info": text})


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.text(alphabet="abc-=/; ", max_size=10))
def test_an_apps_own_usage_is_never_taken_for_the_orgs(used: int, limit: int, app: str) -> None:
    header = f"api-usage={used}/{limit}; per-app-api-usage=1/2(appName={app})"
    assert usage_from({"Sforce-Limit-Info": header}) == Usage(used, limit)
