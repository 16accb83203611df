"""Failed sign-ins over time, by whom and from where: a part of the overview, read from the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from orgwarden.core.problems import Problem
from orgwarden.lake import activity as lake
from orgwarden.lake.overview import histogram, overview
from orgwarden.web import activity_page, acts, frame, ranges, words

SOURCE = "login_history"
_BARS = 60
_HEIGHT = 40
_NAMED = 4


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
    """`href` leads to the rows. `first` and `last` are where the axis begins and ends: whole
    steps, so that a bar stands where its time is. `scale` is what the highest bar stands for;
    `people_more` and `addresses_more` name those that are left out."""

    href: str
    failed: int = 0
    total: int = 0
    share: str = ""
    bars: tuple[Bar, ...] = ()
    bar_width: str = "0"
    first: datetime | None = None
    last: datetime | None = None
    scale: str = ""
    people: tuple[Most, ...] = ()
    people_more: str = ""
    addresses: tuple[Most, ...] = ()
    addresses_more: str = ""
    problem: str = ""
    fix: str = ""


def build(what: frame.Asked) -> FailedSignIns:
    """Asks the lake; what it cannot say is unknown, which is not the same as none."""
    rows = address(what)
    if not what.meant:
        return FailedSignIns(rows)
    asked = lake.Question(what.range.since, what.range.until, source=(SOURCE,))
    keys = [o.key for o in what.meant]
    try:
        with acts.open_reader(keys, asked.since, asked.until) as reader:
            held = histogram(reader, asked)
            failures = lake.Question(
                asked.since, asked.until, source=(SOURCE,), outcome=(lake.FAILED,)
            )
            facets = overview(reader, failures).facets if any(b.failed for b in held) else {}
    except Problem as problem:
        what_happened, fix = words.sentence(problem.what), words.sentence(problem.fix)
        return FailedSignIns(rows, problem=what_happened, fix=fix)
    failed, total = sum(b.failed for b in held), sum(b.events for b in held)
    bars, width, ends = _bars(held, asked, what)
    return FailedSignIns(
        failed=failed,
        total=total,
        share=words.percent(failed / total) if total else "",
        bars=bars,
        bar_width=width,
        first=ends[0],
        last=min(ends[1], asked.until),
        scale=_scale(bars, asked),
        people=_most(facets, "actor", what),
        people_more=_left_out(facets.get("actor", [])),
        addresses=_most(facets, "ip", what),
        addresses_more=_left_out(facets.get("ip", [])),
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
        for value, number in facets.get(name, [])[:_NAMED]
    )


def _left_out(values: list[tuple[str, int]]) -> str:
    """Whom the list of the most leaves out, so that nobody is taken for the last."""
    rest = values[_NAMED:]
    if not rest:
        return ""
    number = "more" if len(values) >= lake.FACET_VALUES else f"{len(rest)} more"
    return f"and {number}, as often" if rest[0][1] == values[_NAMED - 1][1] else f"and {number}"


def _step(asked: lake.Question) -> timedelta:
    """How long a bar is: never thinner than one of the histogram's own."""
    own = asked.step()
    return max(own, own * -(-int((asked.until - asked.since) / own + 1) // _BARS))


def _scale(bars: tuple[Bar, ...], asked: lake.Question) -> str:
    most = max((b.failed for b in bars), default=0)
    return f"highest bar: {most:,} in {words.span(_step(asked))}" if most else ""


def _bars(
    held: list[lake.Bar], asked: lake.Question, what: frame.Asked
) -> tuple[tuple[Bar, ...], str, tuple[datetime, datetime]]:
    """The steps with a failure, as high as they have failures, each at its own time: steps without
    one stay empty. Their width, and the two ends of the axis."""
    own, step = asked.step(), _step(asked)
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
