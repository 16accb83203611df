"""`orgwarden people`: a person's way from added to removed, in words and JSON."""

from __future__ import annotations

import json

from tests.support.command import Installation


def test_a_person_is_added_changed_switched_off_and_removed(fresh: Installation) -> None:
    fresh.init()
    made = fresh.run("people", "add", "ann", "--role", "analyst", "--json", exits=0)
    told = json.loads(made.out)
    assert told["roles"] == ["analyst of all tenants"]
    assert len(told["password"]) >= 20
    fresh.run("people", "change", "ann", "--role", "auditor", "--email", "a@x.example", exits=0)
    fresh.run("people", "off", "ann", exits=0)
    listed = json.loads(fresh.run("people", "list", "--json", exits=0).out)
    ann = next(p for p in listed if p["name"] == "ann")
    assert (ann["roles"], ann["email"], ann["active"]) == (
        ["auditor of all tenants"],
        "a@x.example",
        False,
    )
    wrong = fresh.run("people", "remove", "ann", stdin="bob\n")
    assert wrong.code == 2
    fresh.run("people", "remove", "ann", "--yes", exits=0)
    last = fresh.run("people", "off", "admin")
    assert last.code == 1
    assert "nobody would be an administrator" in last.sentence
    unknown = fresh.run("people", "add", "eve", "--role", "root")
    assert unknown.code == 2
    chain = json.loads(fresh.run("audit", "export", exits=0).out)
    actions = [entry["action"] for entry in chain if entry["subject"] == "ann"]
    assert actions == [
        "console:person:added",
        "console:person:changed",
        "console:person:changed",
        "console:person:removed",
    ]
