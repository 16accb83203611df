"""Delivers what is due and is killed at a point: `python -m tests.flows.tell_knife <point> <nth>`.

The home and the mail server come from the environment, as for the product itself.
"""

from __future__ import annotations

import os
import signal
import sys

import django

django.setup()

from orgwarden.flows.tell.deliver import deliver_due  # noqa: E402
from orgwarden.records.holder import Holder  # noqa: E402


def main(point: str, nth: int) -> None:
    met = 0

    def at(name: str) -> None:
        nonlocal met
        met += name == point
        if name == point and met == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    print(deliver_due(holder=Holder.here(), at=at))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
