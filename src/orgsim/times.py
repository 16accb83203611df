"""Lengths of time as the control API takes them."""

from __future__ import annotations

import re
from typing import Any

from orgsim.wire import ApiError

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def duration_ms(value: Any) -> int:
    """A number of seconds or an ISO-8601 duration, in ms."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value * 1000)
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or value in ("P", "PT"):
        raise ApiError(400, "SIM", f"not a duration: {value!r}")
    days, hours, minutes, seconds = (float(g or 0) for g in match.groups())
    return round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
