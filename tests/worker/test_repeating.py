"""A job of a thread of its own is done again, whatever happened the last time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError

from orgwarden.worker import repeating


@pytest.mark.fault("F7")
def test_a_job_is_done_until_the_end_and_survives_its_own_trouble() -> None:
    stop, tries = threading.Event(), []

    def job(told: threading.Event) -> None:
        tries.append(told)
        if len(tries) == 1:
            raise DatabaseError("the server is restarting")
        if len(tries) == 2:
            raise RuntimeError("no")
        stop.set()

    repeating.start(job, timedelta(), stop).join(120)
    assert tries == [stop] * 3
