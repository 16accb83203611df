"""Components as XML: to named values and back."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement

META = "http://soap.sforce.com/2006/04/metadata"
WORDS = {"true": True, "false": False}


def fill(parent: Element, values: dict[str, Any]) -> None:
    """Add the values to an element; a list is the element repeated, None is left out."""
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            element = SubElement(parent, f"{{{META}}}{name}")
            if isinstance(one, dict):
                fill(element, one)
            elif isinstance(one, bool):
                element.text = "true" if one else "false"
            else:
                element.text = str(one)


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.partition("}")[2] or element.tag


def values(element: Element) -> dict[str, Any]:
    """What an element holds: texts, true and false, objects; what is repeated is a list."""
    made: dict[str, Any] = {}
    for child in element:
        name, text = local(child), (child.text or "").strip()
        value: Any = values(child) if len(child) else WORDS.get(text, text)
        if name in made:
            former = made[name]
            made[name] = [*(former if isinstance(former, list) else [former]), value]
        else:
            made[name] = value
    return made


def listed(value: Any) -> list[Any]:
    """What may have been repeated, as a list."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]
