"""Where one collection puts what it downloads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from orgwarden.records.models import Org


@contextmanager
def spool_of(org: Org, epoch: int) -> Iterator[Path]:
    """A private folder for downloads; what a killed run left is removed first. One per epoch, so
    that a holder who stalled and wakes up writes into nobody's files."""
    home = Path(settings.ORGWARDEN_HOME) / "spool" / org.key
    shutil.rmtree(home, ignore_errors=True)
    folder = home / str(epoch)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
