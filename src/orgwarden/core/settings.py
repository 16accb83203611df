"""Settings as Salesforce nests them, laid flat: one path and one text each.

    {"passwordPolicies": {"complexity": "AlphaNumeric"}}  →  passwordPolicies.complexity
    {"realTimeEvents": [{"entityName": "ApiEvent", "isEnabled": True}]}
        →  realTimeEvents[ApiEvent].isEnabled

An element that is repeated is told by its name, not by its place, so that one more does not move
the others; XML does not tell a list of one from a single element, so a single one with a name is
told by it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NAMES = ("fullName", "entityName", "name", "developerName")


def flattened(values: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    """Paths with their values, in Salesforce's order; true and false as such, a list of texts as
    one text with a line each."""
    for name, value in values.items():
        path = f"{under}.{name}" if under else name
        if isinstance(value, Mapping):
            yield from flattened(value, _labelled(path, value, None))
        elif isinstance(value, list) and any(isinstance(v, Mapping) for v in value):
            for place, one in enumerate(value, 1):
                if isinstance(one, Mapping):
                    yield from flattened(one, _labelled(path, one, place))
                else:
                    yield f"{path}[{place}]", _text(one)
        elif isinstance(value, list):
            yield path, "\n".join(map(_text, value))
        else:
            yield path, _text(value)


def _labelled(path: str, value: Mapping[str, Any], place: int | None) -> str:
    """The path of a nested element: with its name or its range of addresses, else its place."""
    if {"start", "end"} <= value.keys():
        return f"{path}[{value['start']}-{value['end']}]"
    label = next((value[n] for n in NAMES if isinstance(value.get(n), str)), place)
    return path if label is None else f"{path}[{label}]"


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
