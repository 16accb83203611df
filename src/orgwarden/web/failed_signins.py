"""Failed sign-ins over time, by whom and from where: a part of the overview, read from the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from orgwarden.core.problems import Problem
from orgwarden.lake import activity as lake
from orgwarden.web import activity_page, acts, frame, ranges, words

SOURCE = "login_history"
_BARS = 60
_HEIGHT = 40


@dataclass(frozen=True)
class Bar:
    """One step of the picture, in the units of its drawing. `href` opens the failures in it."""

    start: datetime
    words: str
    x: str
    y: str
    height: str
    failed: int
    total: int
    href: str


@dataclass(frozen=True)
class Most:
    label: str
    count: int
    href: str


@dataclass(frozen=True)
class FailedSignIns:
    failed: int
    total: int
    share: str
    bars: tuple[Bar, ...]
    bar_width: str
    first: datetime | None  # where the axis begins and ends: whole steps, so that a bar stands
    last: datetime | None  # where its time is
    people: tuple[Most, ...]
    addresses: tuple[Most, ...]
    href: str
    problem: str = ""
    fix: str = ""


def build(what: frame.Asked) -> FailedSignIns:
    """Asks the lake; what it cannot say is unknown, which is not the same as none."""
    rows = address(what)
    if not what.meant:
        return FailedSignIns(0, 0, "", (), "0", None, None, (), (), rows)
    asked = lake.Question(what.range.since, what.range.until, source=(SOURCE,))
    keys = [o.key for o in what.meant]
    try:
        with acts.open_reader(keys, asked.since, asked.until) as reader:
            held = lake.histogram(reader, asked)
            failures = lake.Question(
                asked.since, asked.until, source=(SOURCE,), outcome=(lake.FAILED,)
            )
            facets = lake.facets(reader, failures) if any(b.failed for b in held) else {}
    except Problem as problem:
        told = (words.sentence(problem.what), words.sentence(problem.fix))
        return FailedSignIns(0, 0, "", (), "0", None, None, (), (), rows, *told)
    failed, total = sum(b.failed for b in held), sum(b.events for b in held)
    bars, width, ends = _bars(held, asked, what)
    return FailedSignIns(
        failed=failed,
        total=total,
        share=f"{failed / total:.1%}" if total else "",
        bars=bars,
        bar_width=width,
        first=ends[0],
        last=ends[1],
        people=_most(facets, "actor", what),
        addresses=_most(facets, "ip", what),
        href=rows,
    )


def address(what: frame.Asked, **more: str) -> str:
    query = {"source": SOURCE, "outcome": lake.FAILED, **more}
    return frame.address(reverse("activity"), what.query(), query)


def _most(
    facets: dict[str, list[tuple[str, int]]], name: str, what: frame.Asked
) -> tuple[Most, ...]:
    return tuple(
        Most(activity_page.label(name, value), number, address(what, **{name: value}))
        for value, number in facets.get(name, [])[:4]
    )


def _bars(
    held: list[lake.Bar], asked: lake.Question, what: frame.Asked
) -> tuple[tuple[Bar, ...], str, tuple[datetime, datetime]]:
    """The steps with a failure, as high as they have failures, each at its own time: steps without
    one stay empty. Their width, and the two ends of the axis. A step is never thinner than one of
    the histogram's own."""
    own = asked.step()
    step = max(own, own * -(-int((asked.until - asked.since) / own + 1) // _BARS))
    failed: dict[int, int] = {}
    total: dict[int, int] = {}
    first = _floor(asked.since, own)
    for bar in held:
        place = int((bar.start - first) / step)
        failed[place] = failed.get(place, 0) + bar.failed
        total[place] = total.get(place, 0) + bar.events
    count = -(-(asked.until - first) // step)
    width = 1000 / count
    most = max(failed.values(), default=0) or 1
    tenant = {"tenant": what.chosen.key} if what.chosen else {}
    bars = []
    for place, number in sorted(failed.items()):
        if not number:
            continue
        start = first + step * place
        height = max(_HEIGHT * number / most, 3)
        span = {
            "from": ranges.stamp(max(start, asked.since)),
            "to": ranges.stamp(min(start + step, asked.until)),
        }
        query = tenant | span | {"source": SOURCE, "outcome": lake.FAILED}
        bars.append(
            Bar(
                start=start,
                words=f"{words.day(start)} {start:%H:%M} UTC: {number:,} of "
                f"{words.count_of(total[place], 'sign-in')} failed",
                x=f"{place * width:.1f}",
                y=f"{_HEIGHT - height:.1f}",
                height=f"{height:.1f}",
                failed=number,
                total=total[place],
                href=frame.address(reverse("activity"), query),
            )
        )
    return tuple(bars), f"{max(width - 2, 1):.1f}", (first, first + step * count)


def _floor(at: datetime, step: timedelta) -> datetime:
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, at.tzinfo)
