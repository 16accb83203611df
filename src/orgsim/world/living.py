"""Time passing in an org: new sign-ins, set-up changes and log files, minute by minute.

What a minute brings depends on the options and that minute alone. Minutes are made one ahead of
the clock, with rows that become visible at their own moment.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random

from orgsim.org import Org
from orgsim.world import audit, signins, standing
from orgsim.world.cast import World
from orgsim.world.rows import DAY, HOUR, MINUTE

AHEAD = 1  # minutes
BY_HOUR = (
    0.05,
    0.03,
    0.02,
    0.02,
    0.05,
    0.2,
    0.6,
    1.6,
    3.2,
    3.0,
    2.0,
    1.6,
    1.8,
    2.0,
    1.6,
    1.4,
    1.2,
    0.9,
    0.5,
    0.3,
    0.2,
    0.15,
    0.1,
    0.08,
)
# how often people sign in at each hour of their own day, 1 being the average


def live(org: Org, since_ms: int, until_ms: int) -> None:
    """Make what happens up to `until_ms`. A span already lived brings nothing new."""
    world = org.world
    if world is None or org.log_files is None:
        return
    speed = org.options.speed
    if speed > 0:
        last = until_ms // MINUTE + AHEAD
        weights: dict[int, list[float]] = {}
        refusals = {it.id: standing.refusal(org, it) for it in world.integrations}
        for it in world.integrations:
            standing.note(world, it, since_ms, refusals[it.id] is not None)
        for minute in range(world.lived_until + 1, last + 1):
            hour = minute // 60
            if hour not in weights:
                weights = {hour: by_person(world, hour)}
                org.log_files.publish_due(min(hour * HOUR, until_ms))
            live_minute(org, world, minute, speed, weights[hour], refusals)
        world.lived_until = max(world.lived_until, last)
        org.log_files.publish_due(until_ms)
    org.log_files.expire(until_ms)


def how_many(rng: random.Random, mean: float) -> int:
    """A Poisson number."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def by_person(world: World, hour: int) -> list[float]:
    """How likely each person is to sign in within an hour (since 1970), added up."""
    return list(
        itertools.accumulate(
            p.rate * BY_HOUR[(hour + p.place.offset // 60) % 24] for p in world.people
        )
    )


def live_minute(
    org: Org,
    world: World,
    minute: int,
    speed: float,
    weights: list[float],
    refusals: dict[str, str | None],
) -> None:
    """One minute; `refusals` says by user id which machines do not come in, and why."""
    at = minute * MINUTE
    rng = org.random(f"live/{minute}")
    weekend = (at // DAY + 3) % 7 >= 5
    factor = (signins.WEEKEND if weekend else signins.WEEKDAY) / (24 * 60) * speed
    made: list[signins.SignIn] = []
    if weights:
        for _ in range(how_many(rng, weights[-1] * factor)):
            who = world.people[bisect.bisect(weights, rng.random() * weights[-1]) % len(weights)]
            travelling, away = signins.whereabouts(who, at // DAY)
            if not travelling:
                made.extend(signins.of_person(org, who, at + rng.randrange(MINUTE), rng, away))
    for it in world.integrations:
        for _ in range(how_many(rng, it.logins / (24 * 60) * speed)):
            refused = refusals[it.id]
            made.append(signins.of_integration(org, it, at + rng.randrange(MINUTE), rng, refused))
    made.sort(key=lambda r: (r[1], r[0]))
    signins.land(org, made, live=True)
    users, place = org.store["User"], org.store["LoginHistory"].type.position
    for row in made:
        found = users.find(row[0])
        if found is not None and row[place["Status"] - 1] == "Success":
            users.update(found, {"LastLoginDate": row[1]})
    rate = audit.RATE * (0.15 if weekend else 1.3) / (24 * 60) * speed
    for moment in sorted(rng.randrange(MINUTE) for _ in range(how_many(rng, rate))):
        audit.one_change(org, world, rng, at + moment, live=True)
