"""`/activity/`: what happened between these times, for this person, app, address, object."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from orgwarden.core.problems import NotThere, Problem
from orgwarden.core.roles import Right
from orgwarden.lake import activity as lake
from orgwarden.web import access, activity_page, acts, event_page, frame, ranges


@require_safe
@access.needs(Right.SEE_EVENTS)
def activity(request: HttpRequest) -> HttpResponse:
    """The page; with `part=rows` only the next rows, for the table that is already there."""
    what = frame.asked(request, right=Right.SEE_EVENTS)
    asked = activity_page.read(request.GET, what)
    part = request.GET.get("part") == "rows"
    try:
        if what.meant:
            keys = [o.key for o in what.meant]
            with acts.open_reader(keys, asked.since, asked.until) as reader:
                page = activity_page.build(reader, asked, what, request.GET, only_rows=part)
        else:
            page = activity_page.nobody(asked, what, request.GET)
    except Problem as problem:
        page = activity_page.unknown(asked, what, request.GET, problem)
    template = "web/parts/activity_rows.html" if part else "web/activity.html"
    return frame.show(request, template, page, title="Activity", here="activity", what=what)


@require_safe
@access.needs(Right.SEE_EVENTS)
def event(request: HttpRequest) -> HttpResponse:
    """One event with every original column: the drawer, or a page of its own without script."""
    what = frame.asked(request, right=Right.SEE_EVENTS)
    org = next((o for o in what.orgs if o.key == request.GET.get("org", "")), None)
    at = ranges.moment(request.GET.get("at", ""))
    source, uid = request.GET.get("source", ""), request.GET.get("uid", "")
    try:
        if org is None or at is None or not source or not uid:
            raise NotThere("This event is not here.", fix="Open it again from the activity page.")
        with acts.open_reader([org.key], at, at) as reader:
            normal, original = lake.one(reader, source, uid, at)
        page = event_page.build(org.name, source, normal, original)
        status = 200
    except Problem as problem:
        page, status = event_page.unknown(problem), 404
    part = bool(request.headers.get("HX-Request"))
    if part:
        status = 200  # the reason is shown in the drawer; htmx drops what is not a success
    return frame.show(
        request,
        "web/parts/event.html" if part else "web/event.html",
        page,
        title="Event",
        here="activity",
        what=what,
        with_range=False,
        status=status,
    )
