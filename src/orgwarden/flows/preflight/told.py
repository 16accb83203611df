"""A connection test as people and programs read it: entries, a headline, a text to keep."""

from __future__ import annotations

from typing import Any

from orgwarden.catalog.preflight import SourceLine, Works, headline
from orgwarden.core.spans import text_of
from orgwarden.records.models import ConnectionTest

# `ok` of an entry: True, False, or None where nothing can be said or nothing is asked.
OK = {
    "pass": True, "warn": True, "fail": False, "unknown": None,
    "works": True, "partly": True, "dark": False, "off": None,
}  # fmt: skip


def entries(test: ConnectionTest) -> list[dict[str, Any]]:
    """One object for each thing tested, the sources last."""
    found = [
        {"kind": "test", "id": line["id"], "name": line["title"], "ok": OK[line["verdict"]]}
        | {"verdict": line["verdict"], "words": line["words"], "fix": line["fix"]}
        | {"seconds": line["seconds"], "calls": line["calls"]}
        for line in test.lines
    ]
    return found + [
        {"kind": "source", "id": s["source"], "name": s["title"], "ok": OK[s["verdict"]]}
        | {"verdict": s["verdict"], "words": s["because"] or "Works.", "fix": s["fix"]}
        | {"seconds": None, "calls": None}
        for s in test.sources
    ]


def headline_of(test: ConnectionTest) -> str:
    """`Connected!` and the sources, or what the test waits for."""
    if test.state == ConnectionTest.State.WAITING:
        return "Waiting for a worker."
    if test.state == ConnectionTest.State.RUNNING:
        return "Testing."
    if test.state == ConnectionTest.State.LOST:
        return "Cut off: the process that ran the test ended. Nothing is known; test again."
    return headline(
        test.connected,
        [
            SourceLine(s["source"], s["title"], Works(s["verdict"]), s["because"], s["fix"])
            for s in test.sources
        ],
    )


def as_json(test: ConnectionTest) -> dict[str, Any]:
    """The whole test, to be kept."""
    return {
        "tenant": test.org.name,
        "organization_id": test.org.salesforce_id,
        "state": test.state,
        "connected": test.connected,
        "headline": headline_of(test),
        "asked_by": test.asked_by,
        "asked_at": text_of(test.asked_at),
        "started_at": text_of(test.started_at) if test.started_at else None,
        "ended_at": text_of(test.ended_at) if test.ended_at else None,
        "calls": test.calls,
        "entries": entries(test),
    }


def as_text(test: ConnectionTest) -> str:
    """The whole test as plain text."""
    told = as_json(test)
    lines = [
        f"Test of {told['tenant']} ({told['organization_id']})",
        f"Asked by {told['asked_by']} at {told['asked_at']}; {told['calls']} calls.",
        told["headline"],
        "",
    ]
    for entry in told["entries"]:
        lines.append(f"[{entry['verdict']}] {entry['name']}: {entry['words']}")
        if entry["fix"]:
            lines.append(f"    Fix: {entry['fix']}")
    return "\n".join(lines) + "\n"
