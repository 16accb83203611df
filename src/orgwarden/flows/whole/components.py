"""Components of the Metadata API: settings, and what else only it tells. Reading only.

A type that the org does not have is said in the remark; while one is missing, nothing is called
gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from orgwarden.core.problems import NotAllowed, NotThere
from orgwarden.core.settings import flattened
from orgwarden.core.source import Source
from orgwarden.core.whole import Components
from orgwarden.flows.whole.reading import Part, Reading
from orgwarden.flows.work import Work
from orgwarden.salesforce import list_components, read_components

MOST_NAMES = 10  # of one call that reads
MOST_TYPES = 3  # of one call that lists


def read(work: Work, source: Source, how: Components) -> Reading:
    at = work.now()
    absent: list[str] = []

    def parts() -> Iterator[Part]:
        found = list(_found(work, source, how, absent))
        if not found and absent:
            raise NotAllowed(
                f"The org shows none of {', '.join(absent)}.",
                fix="Look whether the connected user may use the Metadata API.",
                code="NOTHING_SHOWN",
            )
        records = [r for kind, values in found for r in _records(how, kind, values)]
        yield [msgspec.json.encode({"records": records})], True

    def remark() -> str:
        return f"The org has no {', '.join(absent)}." if absent else ""

    return Reading(source.asked, at, parts(), lambda seen: not absent, remark)


def _found(
    work: Work, source: Source, how: Components, absent: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each component with its type."""
    named = _listed(work, source, [p.type for p in how.parts if not p.names])
    for part in how.parts:
        names = part.names or named.get(part.type, ())
        for n in range(0, len(names), MOST_NAMES):
            some = names[n : n + MOST_NAMES]
            try:
                found = read_components(work.client, part.type, some, lane=source.lane)
            except (NotThere, NotAllowed) as problem:
                if isinstance(problem, NotAllowed) and problem.code != "INVALID_TYPE":
                    raise
                found = []
            absent += [part.type] if part.names and not found else []
            for values in found:
                yield part.type, values


def _listed(work: Work, source: Source, types: list[str]) -> dict[str, tuple[str, ...]]:
    """The full names of all components of these types."""
    found: dict[str, tuple[str, ...]] = {}
    for n in range(0, len(types), MOST_TYPES):
        some = types[n : n + MOST_TYPES]
        for kind, name in list_components(work.client, some, lane=source.lane):
            found[kind] = (*found.get(kind, ()), name)
    return found


def _records(how: Components, kind: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = str(values.get("fullName", ""))
    if not how.flat:
        yield {
            k[:1].upper() + k[1:]: v for k, v in values.items() if not isinstance(v, dict | list)
        }
        return
    for path, value in flattened(values):
        if path != "fullName":
            yield {"Type": kind, "FullName": name, "Path": path, "Value": value}
