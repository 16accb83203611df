"""Sign-ins by habit: where, when and with what people and integrations come in.

People keep to the hours of their own place, travel for whole weeks only (so nobody is in two
places within a flight's time), mistype a password now and then, and rest at weekends.
Rows are made a UTC day at a time, in order of time.
"""

from __future__ import annotations

import random
from typing import Any

from orgsim.org import Org
from orgsim.world.cast import Integration, Person, Place, World
from orgsim.world.rows import DAY, HOUR, MINUTE, add

SIGN_INS_PER_USER = 1.5
WEEKDAY, WEEKEND = 1.32, 0.2  # five of one and two of the other make seven
FAILURES = 0.025
CIPHER = "ECDHE-RSA-AES256-GCM-SHA384"
# Hours after someone's start of work at which they sign in, by how often.
HOURS_IN = (0.0, 0.1, 0.3, 0.8, 2.0, 3.5, 4.5, 5.0, 6.0, 7.0, 8.0, 9.5)

SignIn = tuple[Any, ...]  # (time, user id, what LoginHistory holds after it)


def geo(org: Org, place: Place, at: int) -> str:
    """The LoginGeo of a place on a day. Salesforce keeps one per sign-in; one per place and day
    is what a large org can hold in memory here, and reads the same through LoginGeoId."""
    world = org.world
    assert world is not None
    key = (place.city, at // DAY)
    found = world.geo.get(key)
    if found is None:
        found = world.geo[key] = add(
            org,
            "LoginGeo",
            at,
            by=world.automated,
            LoginTime=at,
            CountryIso=place.iso,
            Country=place.country,
            Latitude=place.latitude,
            Longitude=place.longitude,
            City=place.city,
            PostalCode=place.postal,
            Subdivision=place.subdivision,
        )
    return found


def row(
    world: World,
    user: str,
    at: int,
    ip: str,
    geo_id: str | None,
    iso: str | None,
    *,
    kind: str,
    sub: str | None,
    status: str = "Success",
    browser: str = "Unknown",
    platform: str = "Unknown",
    application: str = "Browser",
    api: str = "N/A",
    version: str = "N/A",
    service: str | None = None,
    method: str | None = None,
) -> SignIn:
    """A LoginHistory row without its id."""
    return (
        user,
        at - at % 1000,
        kind,
        ip,
        world.host,
        service,
        geo_id,
        "TLS 1.2" if application != "Browser" else "TLS 1.3",
        CIPHER if application != "Browser" else "TLS_AES_256_GCM_SHA384",
        False,
        True,
        browser,
        platform,
        status,
        application,
        "N/A",
        api,
        version,
        iso,
        None,
        sub,
        None,
        method,
    )


def whereabouts(person: Person, day: int) -> tuple[bool, Place | None]:
    """Whether someone is on the way on a day (then they do not sign in), and where they are away.
    Weeks begin on Monday; 1970-01-01 was a Thursday."""
    week, weekend = (day + 3) // 7, (day + 3) % 7 >= 5
    if person.trip_week < 0 or not -1 <= week - person.trip_week <= 0:
        return False, None
    if weekend:
        return True, None
    return False, person.trip_to if week == person.trip_week else None


def of_person(
    org: Org, person: Person, at: int, rng: random.Random, away: Place | None
) -> list[SignIn]:
    """One sign-in of a person at `at`, with a mistyped password before it now and then."""
    world = org.world
    assert world is not None
    place = away or person.place
    spot = geo(org, place, at)
    iso = place.iso
    luck = rng.random()
    if person.mobile is not None and luck < 0.12:
        return [
            row(
                world,
                person.id,
                at,
                person.mobile_ip if away is None else place.office[0],
                spot,
                iso,
                kind="Remote Access 2.0",
                sub="OAuth Refresh Token",
                browser=person.mobile[0],
                platform=person.mobile[1],
                application=person.mobile[0],
                api="REST",
                version="65.0",
            )
        ]
    ip = place.office[int(luck * 100) % len(place.office)]
    if away is None and luck > 0.72:
        ip = person.home_ip
    rows = []
    if not person.sso or luck < 0.13:
        if rng.random() < FAILURES * 2:
            rows.append(
                row(
                    world,
                    person.id,
                    at - 20_000 - int(luck * 40_000),
                    ip,
                    spot,
                    iso,
                    kind="Application",
                    sub="UI Username-Password",
                    status="Invalid Password",
                    browser=person.browser,
                    platform=person.platform,
                )
            )
        kind, sub, service, method = "Application", "UI Username-Password", None, None
    else:
        kind, sub, service = "SAML Sfdc Initiated SSO", None, world.saml
        method = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    rows.append(
        row(
            world,
            person.id,
            at,
            ip,
            spot,
            iso,
            kind=kind,
            sub=sub,
            browser=person.browser,
            platform=person.platform,
            service=service,
            method=method,
        )
    )
    return rows


def of_integration(
    org: Org, it: Integration, at: int, rng: random.Random, refused: str | None = None
) -> SignIn:
    """One sign-in of a machine, or its try that was `refused` in these words."""
    world = org.world
    assert world is not None
    return row(
        world,
        it.id,
        at,
        it.ips[int(rng.random() * len(it.ips))],
        geo(org, it.place, at),
        it.place.iso,
        kind=it.login_type,
        sub=it.login_sub_type,
        browser=it.agent,
        application=it.app,
        api=it.api_type,
        version=it.api_version,
        status=refused or "Success",
    )


def of_day(org: Org, day: int) -> list[SignIn]:
    """All sign-ins of one UTC day (days since 1970), in order of time."""
    world = org.world
    assert world is not None
    rng = org.random(f"signins/{day}")
    chance, whole = rng.random, int
    start = day * DAY
    weekend = (day + 3) % 7 >= 5
    factor = WEEKEND if weekend else WEEKDAY
    rows: list[SignIn] = []
    for person in world.people:
        if person.since > start:
            continue
        travelling, away = whereabouts(person, day)
        if travelling:
            continue
        mean = person.rate * factor
        count = whole(mean)
        if chance() < mean - count:
            count += 1
        if not count:
            continue
        offset = (away or person.place).offset
        opening = start + whole(person.starts_at * HOUR) - offset * MINUTE
        for _ in range(count):
            at = opening + whole(
                (HOURS_IN[whole(chance() ** 1.6 * len(HOURS_IN))] + chance() * 0.7) * HOUR
            )
            rows.extend(of_person(org, person, at, rng, away))
    for it in world.integrations:
        if not it.logins:
            continue
        step = DAY / it.logins
        at_ = start + chance() * step
        while at_ < start + DAY:
            rows.append(of_integration(org, it, whole(at_ + chance() * 0.1 * step), rng))
            at_ += step
    rows.sort(key=lambda r: (r[1], r[0]))
    return rows


def land(org: Org, rows: list[SignIn], *, live: bool = False) -> None:
    """Add sign-ins to LoginHistory; a live one is seen from its moment on."""
    ids = org.new_ids("0Ya", len(rows))
    table = org.store["LoginHistory"]
    for id18, values in zip(ids, rows, strict=True):
        table.add((id18, *values), values[1] + 1000 if live else 0)


def build(org: Org) -> None:
    """The sign-ins of the last `--days` days."""
    now = org.options.now_ms
    first = now - org.options.days * DAY
    # A person's day can reach into the UTC days around it, so days are made one further each way
    # and what lies outside is dropped; rows that spill over midnight are carried to their day.
    carried: list[SignIn] = []
    for day in range(first // DAY - 1, now // DAY + 2):
        made = carried + of_day(org, day)
        made.sort(key=lambda r: (r[1], r[0]))
        end = day * DAY
        # of_day(day + 1) may still reach back by the largest offset from UTC
        ready = [r for r in made if r[1] < end]
        carried = [r for r in made if r[1] >= end]
        land(org, [r for r in ready if first <= r[1] <= now])
    land(org, [r for r in carried if first <= r[1] <= now])
