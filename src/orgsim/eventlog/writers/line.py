"""One line of a log file: the columns all types share, and the order of the type's own."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache, lru_cache
from operator import itemgetter

from orgsim.eventlog.scene import Scene, Session, request_id
from orgsim.eventlog.text import civil
from orgsim.eventlog.types import columns

Writer = Callable[[Scene, random.Random], list[str]]


@cache
def _shape(kind: str) -> tuple[dict[str, str], Callable[[dict[str, str]], tuple[str, ...]]]:
    """An empty line of a type, and how its fields are picked in their order."""
    names = columns(kind)
    return dict.fromkeys(names, "") | {"EVENT_TYPE": kind}, itemgetter(*names)


@lru_cache(maxsize=8)
def _hour(hour: int) -> tuple[str, str]:
    year, month, day, of_day, *_ = civil(hour * 3_600_000)
    return f"{year}{month}{day}{of_day}", f"{year}-{month}-{day}T{of_day}:"


def stamps(at: int) -> tuple[str, str]:
    """TIMESTAMP and TIMESTAMP_DERIVED of a moment."""
    hour, rest = divmod(at, 3_600_000)
    compact, iso = _hour(hour)
    minute, rest = divmod(rest, 60_000)
    second, ms = divmod(rest, 1000)
    return (
        f"{compact}{minute:02d}{second:02d}.{ms:03d}",
        f"{iso}{minute:02d}:{second:02d}.{ms:03d}Z",
    )


def line(
    scene: Scene, rng: random.Random, kind: str, at: int, user: str | None, values: dict[str, str]
) -> str:
    """The line of one event. `values` are as they stand between the quotes of their fields."""
    empty, pick = _shape(kind)
    stamp, derived = stamps(at)
    luck = rng.random()
    if luck < 0.02:
        stamp = stamp.rstrip("0").rstrip(".")  # real files drop trailing zeros now and then
    elif luck > 0.997:
        derived = ""
    full = {**empty, **values}
    full["TIMESTAMP"] = stamp
    full["TIMESTAMP_DERIVED"] = derived
    full["ORGANIZATION_ID"] = scene.org.id[:15]
    if "REQUEST_ID" not in values:
        full["REQUEST_ID"] = request_id(rng)
    if user:
        full["USER_ID"] = user[:15]
        full["USER_ID_DERIVED"] = user
    joined = '","'.join(pick(full))
    return f'"{joined}"\n'


def cost(rng: random.Random, typical: float) -> dict[str, str]:
    """RUN_TIME and CPU_TIME in milliseconds, DB_TOTAL_TIME in nanoseconds."""
    run = max(2, int(rng.lognormvariate(0, 0.6) * typical))
    return {
        "RUN_TIME": str(run),
        "CPU_TIME": str(max(1, run // 3)),
        "DB_TOTAL_TIME": str(run * 400_000 + rng.randrange(400_000)),
    }


def of_session(session: Session) -> dict[str, str]:
    return {
        "SESSION_KEY": session.session_key,
        "LOGIN_KEY": session.login_key,
        "CLIENT_IP": session.ip,
        "USER_TYPE": "Standard",
    }


def moment(scene: Scene, session: Session, rng: random.Random) -> int:
    """Some time in the hour at which the session is open."""
    first = max(scene.start, session.start + 1500)
    last = min(scene.start + 3_600_000, session.end)
    return first if last <= first + 1 else rng.randrange(first, last)


def share(scene: Scene, session: Session) -> float:
    """How much of the hour the session is open."""
    first = max(scene.start, session.start)
    return max(0, min(scene.start + 3_600_000, session.end) - first) / 3_600_000
