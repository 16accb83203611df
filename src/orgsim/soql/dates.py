"""Dates as SOQL has them: relative literals in the asker's time zone, functions of a time in UTC.

Weeks start on Sunday, as in the en_US locale. A span is a pair of days, the second excluded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
Span = tuple[date, date]


def _month(day: date, by: int) -> date:
    """The first day of the month `by` months from this one."""
    years, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    return date(years, month + 1, 1)


def _week(day: date, by: int) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7) + timedelta(weeks=by)


def _quarter(day: date, by: int) -> date:
    return _month(day.replace(month=(day.month - 1) // 3 * 3 + 1), 3 * by)


def _day(day: date, by: int) -> date:
    return day + timedelta(days=by)


def _year(day: date, by: int) -> date:
    return date(day.year + by, 1, 1)


UNITS: dict[str, Callable[[date, int], date]] = {
    "DAY": _day,
    "WEEK": _week,
    "MONTH": _month,
    "QUARTER": _quarter,
    "YEAR": _year,
}


def span(name: str, n: int | None, today: date) -> Span | None:
    """The days a relative literal means, None for a name that is none. Fiscal periods are the
    calendar's: orgsim's fiscal year starts in January."""
    match name:
        case "TODAY":
            return today, _day(today, 1)
        case "YESTERDAY":
            return _day(today, -1), today
        case "TOMORROW":
            return _day(today, 1), _day(today, 2)
        case "LAST_90_DAYS":
            return _day(today, -90), _day(today, 1)
        case "NEXT_90_DAYS":
            return _day(today, 1), _day(today, 91)
    name = name.replace("FISCAL_", "")
    for unit, step in UNITS.items():
        if n is None:
            for word, by in (("LAST", -1), ("THIS", 0), ("NEXT", 1)):
                if name == f"{word}_{unit}" and unit != "DAY":
                    return step(today, by), step(today, by + 1)
        elif name == f"LAST_N_{unit}S":
            # Days run up to and including today; larger units end before the running one.
            return step(today, -n), step(today, 1 if unit == "DAY" else 0)
        elif name == f"NEXT_N_{unit}S":
            return step(today, 1), step(today, n + 1)
        elif name == f"N_{unit}S_AGO":
            return step(today, -n), step(today, 1 - n)
    return None


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def today(now_ms: int, time_zone: str) -> date:
    return datetime.fromtimestamp(now_ms / 1000, zone(time_zone)).date()


def midnight(day: date, time_zone: str) -> int:
    """Epoch ms at which this day starts there."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone(time_zone))
    return int(start.timestamp()) * 1000


@lru_cache(maxsize=8192)
def _date_text(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def date_text(ms: int) -> str:
    """YYYY-MM-DD of an instant, in UTC."""
    return _date_text(ms // DAY_MS)


def text(ms: int, suffix: str = "+0000") -> str:
    """An instant as Salesforce prints it: `2022-09-14T21:43:41.000+0000`."""
    day, rest = divmod(ms, DAY_MS)
    seconds, thousandths = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{thousandths:03d}{suffix}"


def instant(value: str) -> int:
    """Epoch ms of an ISO-8601 time; a bare date is its midnight UTC, no zone is UTC."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


# Name in upper case to (wire type of the result, function of epoch ms).
FUNCTIONS: dict[str, tuple[str, Callable[[int], int | str]]] = {
    "CALENDAR_YEAR": ("int", lambda ms: _utc(ms).year),
    "CALENDAR_QUARTER": ("int", lambda ms: (_utc(ms).month + 2) // 3),
    "CALENDAR_MONTH": ("int", lambda ms: _utc(ms).month),
    "FISCAL_YEAR": ("int", lambda ms: _utc(ms).year),
    "FISCAL_QUARTER": ("int", lambda ms: (_utc(ms).month + 2) // 3),
    "FISCAL_MONTH": ("int", lambda ms: _utc(ms).month),
    "DAY_IN_MONTH": ("int", lambda ms: _utc(ms).day),
    "DAY_IN_WEEK": ("int", lambda ms: _utc(ms).isoweekday() % 7 + 1),
    "DAY_IN_YEAR": ("int", lambda ms: _utc(ms).timetuple().tm_yday),
    "WEEK_IN_MONTH": ("int", lambda ms: (_utc(ms).day + 6) // 7),
    "WEEK_IN_YEAR": ("int", lambda ms: (_utc(ms).timetuple().tm_yday + 6) // 7),
    "HOUR_IN_DAY": ("int", lambda ms: _utc(ms).hour),
    "DAY_ONLY": ("date", date_text),
}
