"""Room on the disks of this installation: collecting pauses while there is too little left.

A disk that fills up to its last byte takes the records and the sign-in pages with it, and what is
then deleted in a hurry is missed later. Nothing is lost by waiting: the cursor stays where it is.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from orgwarden.core.problems import TryLater

AGAIN = timedelta(minutes=5)


class DiskLow(TryLater):
    """There is less room left than ORGWARDEN_LEAST_FREE_MB asks for."""


def check() -> None:
    """Raise DiskLow when the home or the events lie on a disk with too little room."""
    least = int(settings.ORGWARDEN_LEAST_FREE)
    places = [str(settings.ORGWARDEN_HOME), str(settings.ORGWARDEN_LAKE_URL)]
    for place in places:
        if "://" in place or not Path(place).exists():
            continue  # a bucket has no end, and what is not made yet has no disk
        free = shutil.disk_usage(place).free
        if free < least:
            raise DiskLow(
                f"The disk of {place} has {free >> 20:,} MB left; collecting pauses below"
                f" {least >> 20:,} MB.",
                fix="Free some space; collecting goes on by itself and nothing is lost.",
                code="DISK_LOW",
                after=AGAIN,
            )
