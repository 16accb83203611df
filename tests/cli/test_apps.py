"""`orgwarden apps …` over a collected org."""

from __future__ import annotations

from tests.support.command import Installation

KEYS = {
    "key", "name", "org", "state", "classification", "risk", "reasons", "scopes", "grants",
    "people", "privileged_people", "first_seen", "last_seen", "evidence",
}  # fmt: skip


def test_apps_are_listed_shown_and_classified(collected: Installation) -> None:
    found = collected.run("apps", "list", "--json", exits=0).json
    assert [a["risk"] for a in found] == sorted((a["risk"] for a in found), reverse=True)
    assert all(set(a) >= KEYS and a["org"] == "prod" for a in found)
    assert all(a["risk"] == min(100, sum(r["points"] for r in a["reasons"])) for a in found)
    assert {a["grants"] for a in found} == {None}  # tokens are not opted in to: unknown, not none
    [sync] = [a for a in found if a["name"] == "Warehouse Sync"]
    said = collected.run("apps", "classify", sync["key"], "sanctioned", "--why", "Ours.", exits=0)
    assert "Warehouse Sync in prod is sanctioned" in said.err
    one = collected.run("apps", "show", sync["key"], "--json", exits=0).json
    assert (one["classification"], one["risk"]) == ("sanctioned", sync["risk"] - 5)
    told = collected.run("apps", "show", sync["key"], exits=0).text
    assert "unknown" in told
    assert "put together from" in told
    high = collected.run("apps", "list", "--risk", "101", exits=0)
    assert "No app fits." in high.err


def test_what_cannot_be_classified_is_refused_in_a_sentence(collected: Installation) -> None:
    lost = collected.run("apps", "show", "000000000000")
    assert lost.code == 1
    assert "There is no app 000000000000" in lost.sentence
    [app, *_] = collected.run("apps", "list", "--org", "prod", "--json", exits=0).json
    assert collected.run("apps", "classify", app["key"], "fine", "--why", "x").code == 2
    empty = collected.run("apps", "classify", app["key"], "reviewing", "--why", "")
    assert "needs its reason" in empty.sentence
