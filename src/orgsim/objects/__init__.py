"""All object types the emulated org knows, gathered from modules by subject."""

from __future__ import annotations

from orgsim.objects import (
    access,
    apps,
    crm,
    events,
    files,
    org,
    people,
    security,
    sessions,
    sites,
    tooling,
)
from orgsim.schema import ObjectType

OBJECTS: tuple[ObjectType, ...] = (
    *people.TYPES,
    *access.TYPES,
    *apps.TYPES,
    *sessions.TYPES,
    *files.TYPES,
    *sites.TYPES,
    *org.TYPES,
    *security.TYPES,
    *events.TYPES,
    *crm.TYPES,
    *tooling.TYPES,
)
