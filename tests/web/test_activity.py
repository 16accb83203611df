"""The activity page: filters, facets, rows, the drawer, exports, and strings that mean harm."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

import pyarrow as pa
import pytest
from django.test import Client

from orgwarden.core.problems import TryLater
from orgwarden.records.models import AuditEntry, Org, SourceState
from orgwarden.web import acts, exports, gaps, words
from tests.web.conftest import SignedIn
from tests.web.stub_lake import FORMULA, HOSTILE

ALL = "range=30d"


@pytest.fixture
def viewer(signed_in: SignedIn, lake: object) -> Client:
    return signed_in("viewer")


@pytest.fixture
def analyst(signed_in: SignedIn, lake: object) -> Client:
    """Who may export."""
    return signed_in("analyst")


def page(client: Client, query: str = ALL) -> str:
    answer = client.get(f"/activity/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_counts_and_lists(viewer: Client) -> None:
    text = page(viewer)
    assert "800 events" in text
    assert text.count("data-drawer") == 100
    assert "Show 100 more" in text


def test_only_the_chosen_tenant_is_asked_for(
    viewer: Client, lake: list[list[str]], tenants: dict[str, Org]
) -> None:
    key = tenants["fine"].key
    assert "400 events" in page(viewer, f"{ALL}&tenant={key}")
    assert lake[-1] == [key]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("source=login_history", "Sign-ins"),
        ("actor=grace", "grace@acme.example"),
        ("ip=203.0.113.4", "203.0.113.4"),
        ("country=DE&country=(none)", "DE"),
        ("outcome=failure", "failure"),
        ("app=Slack", "Slack"),
        ("action=sobjects", "POST /sobjects"),
        ("text=LIMITS", "GET /limits"),
    ],
)
def test_each_filter_narrows_and_shows_as_a_chip(viewer: Client, query: str, wanted: str) -> None:
    text = page(viewer, f"{ALL}&{query}")
    assert "800 events" not in text
    assert wanted in text
    assert 'class="chip"' in text
    assert "data-drawer" in text


def test_pages_follow_each_other_without_a_gap_or_a_double(viewer: Client) -> None:
    seen: list[str] = []
    address = f"/activity/?{ALL}"
    for _ in range(20):
        text = viewer.get(address).content.decode()
        seen += [part.split("&")[0] for part in unescape(text).split("uid=")[1:]][::2]
        if "Show 100 more" not in text:
            break
        address = unescape(text.split('<tr class="more">')[1].split('href="')[1].split('"')[0])
        address += "&part=rows"
    assert len(seen) == len(set(seen)) == 800


def test_hostile_names_are_text(viewer: Client) -> None:
    text = page(viewer)
    assert HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\u202e" not in text
    assert "⟨U+202E⟩" in text


def test_hostile_filters_are_text_and_values_not_sql(viewer: Client) -> None:
    text = page(viewer, f"{ALL}&text={quote(HOSTILE)}")
    assert HOSTILE not in text
    assert "4 events" in text or "2 events" in text
    assert "0 events" in page(viewer, f"{ALL}&actor={quote(chr(39) + ' OR 1=1 --')}")
    assert "0 events" in page(viewer, f"{ALL}&source={quote(chr(39) + '; DROP TABLE held; --')}")
    assert "800 events" in page(viewer)


def test_nothing_found_says_what_to_do(viewer: Client) -> None:
    assert "Take a part of the filter away" in page(viewer, f"{ALL}&actor=nobody-here")
    assert "Choose a longer time" in page(viewer, "from=2001-01-01&to=2001-01-02")


def test_what_is_not_held_is_said_beside_the_events(
    viewer: Client, tenants: dict[str, Org], now: datetime
) -> None:
    key = tenants["fine"].key
    text = page(viewer, f"range=60d&tenant={key}")
    assert "Not complete:" in text
    begun = words.day((now - timedelta(days=30)).astimezone(UTC))
    late = words.day((now - timedelta(days=3)).astimezone(UTC))
    assert re.search(
        rf"\d+ event log types \(1 of them could not be read\) and before {begun}", text
    )
    assert f"from {late} on" in text
    assert "Setup audit trail with gaps between" in text
    assert f'href="/orgs/{key}/#coverage-title"' in text
    # Asked for what is complete alone, it has nothing to say.
    assert "Not complete" not in page(viewer, f"range=7d&tenant={key}&source=login_history")
    # Nothing found is not nothing happened.
    empty = page(viewer, f"range=7d&tenant={key}&actor=nobody-here")
    assert "No row held matches." in empty
    assert "Not complete:" in empty


def test_many_sources_of_which_the_same_is_said_are_counted(
    tenants: dict[str, Org], now: datetime
) -> None:
    org = tenants["fine"]
    off = SourceState.State.OFF
    for source in ("login_events", "logout_events", "api_events", "report_events"):
        SourceState.objects.update_or_create(org=org, source=source, defaults={"state": off})
    [gap] = gaps.of([org], (), now - timedelta(days=1), now, now)
    assert "4 sources switched off, Sign-ins in real time among them" in gap.words
    [gap] = gaps.of([org], ("api_events",), now - timedelta(days=1), now, now)
    assert gap.words == "API queries in real time switched off"


def test_a_lake_that_cannot_be_read_is_unknown_and_not_empty(
    analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TryLater("The lake is being repaired", fix="Wait a minute and reload")

    monkeypatch.setattr(acts, "open_reader", refuse)
    text = page(analyst)
    assert "Unknown." in text
    assert "The lake is being repaired." in text
    assert "0 events" not in text
    assert analyst.get("/activity/export.csv").status_code == 503


def drawer(analyst: Client) -> str:
    return unescape(page(analyst).split('data-row-link hx-get="')[1].split('"')[0])


def test_the_drawer_shows_every_original_column(viewer: Client) -> None:
    text = viewer.get(drawer(viewer), headers={"HX-Request": "true"}).content.decode()
    assert "As Salesforce sent it" in text
    for column in ("Id", "Browser"):
        assert f"<dt>{column}</dt>" in text
    assert "<code>LoginUrl</code>" in text.partition("Sent empty:")[2]
    assert "<html" not in text


def test_an_event_has_a_page_of_its_own_without_script(viewer: Client) -> None:
    text = viewer.get(drawer(viewer)).content.decode()
    assert "<html" in text
    assert "As Salesforce sent it" in text


@pytest.mark.parametrize("change", ["source=users%3B", "uid=none", "org=other", "at=x"])
def test_an_event_that_is_not_there_says_so(viewer: Client, change: str) -> None:
    name = change.split("=")[0]
    parts = [p for p in drawer(viewer).split("?")[1].split("&") if not p.startswith(f"{name}=")]
    answer = viewer.get(f"/activity/event/?{'&'.join([*parts, change])}")
    assert answer.status_code == 404
    assert "data-close" in answer.content.decode()


def test_csv_holds_the_filtered_rows_with_formulas_neutralised(analyst: Client) -> None:
    answer = analyst.get(f"/activity/export.csv?{ALL}&source=login_history")
    assert answer["Content-Disposition"].startswith('attachment; filename="activity-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {r["source"] for r in rows} == {"login_history"}
    assert f"'{FORMULA}" in {r["actor"] for r in rows}
    assert not any(v[:1] in "=+-@\t\r" for r in rows for v in r.values() if v)
    assert datetime.fromisoformat(rows[0]["time"]).tzinfo == UTC
    assert AuditEntry.objects.filter(action__contains="exported", actor="analyst").exists()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_beginning_of_a_formula_is_neutralised(start: str) -> None:
    body = exports.as_csv(pa.table({"actor": [f"{start}1+1", "plain", None], "rows": [-1, 2, 3]}))
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    assert [r[0] for r in rows] == ["actor", f"'{start}1+1", "plain", ""]
    assert rows[1][1] == "-1"  # a number of ours stays a number


def test_json_keeps_the_values_as_they_are(analyst: Client) -> None:
    rows = json.loads(analyst.get(f"/activity/export.json?{ALL}&text=HYPERLINK").content)
    assert {r["actor"] for r in rows} == {FORMULA}
    assert rows[0]["time"].endswith("Z")
    assert isinstance(rows[0]["arrived_seq"], int)


def test_other_forms_of_export_are_not_there(analyst: Client) -> None:
    assert analyst.get("/activity/export.exe").status_code == 404


def test_the_sql_to_copy_quotes_what_was_typed(viewer: Client) -> None:
    text = unescape(page(viewer, f"{ALL}&actor=o%27brien"))
    assert "lower('o''brien')" in text
    assert "TIMESTAMPTZ '" in text


def test_choosing_a_tenant_or_a_time_keeps_the_filter(
    viewer: Client, tenants: dict[str, Org]
) -> None:
    text = unescape(page(viewer, f"{ALL}&country=DE&country=US"))
    key = tenants["fine"].key
    assert f"/activity/?country=DE&country=US&range=30d&tenant={key}" in text
    assert "/activity/?country=DE&country=US&range=1h" in text


def test_a_fixed_time_ends_where_it_was_fixed(viewer: Client) -> None:
    now = datetime.now(UTC)
    since, until = now - timedelta(days=4), now - timedelta(days=3)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    text = page(viewer, f"from={since:{stamp}}&to={until:{stamp}}")
    assert "800 events" not in text
    assert "data-drawer" in text


def test_an_export_is_not_offered_to_who_may_only_look(viewer: Client, analyst: Client) -> None:
    assert "/activity/export.csv" not in page(viewer)
    assert "/activity/export.csv" in page(analyst)


def test_changes_of_things_that_could_not_be_looked_at_are_said_not_to_be_seen(
    viewer: Client, tenants: dict[str, Org]
) -> None:
    states = SourceState.objects.filter(org=tenants["fine"])
    states.update_or_create(
        source="users", defaults={"org": tenants["fine"], "state": SourceState.State.DARK}
    )
    for query in (f"{ALL}&source=entity_changes", ALL):
        assert "changes of Users not seen" in unescape(page(viewer, query))
    assert "changes of Users" not in page(viewer, f"{ALL}&source=login_history")
