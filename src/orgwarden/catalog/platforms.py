"""The platforms a tenant can be of (seed L20). A second one is a value here and a package beside
`salesforce`; sources, pages and records name the platform they belong to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """`icon` is one of the sprite's; `words` say what is connected, for people."""

    id: str
    title: str
    icon: str
    words: str


PLATFORMS: tuple[Platform, ...] = (
    Platform("salesforce", "Salesforce", "cloud", "Orgs: production, sandboxes, developer orgs."),
)
BY_ID = {p.id: p for p in PLATFORMS}
