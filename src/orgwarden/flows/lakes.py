"""Where this installation's lake is, as the settings say."""

from __future__ import annotations

from django.conf import settings

from orgwarden.lake import place
from orgwarden.records.models import Org


def lake_root() -> place.Place:
    """The place under which every org has its table."""
    return place.root(settings.ORGWARDEN_LAKE_URL, settings.ORGWARDEN_LAKE_STORE)


def lake_of(org: Org) -> place.Place:
    """The place of one org's table."""
    return lake_root() / org.key
