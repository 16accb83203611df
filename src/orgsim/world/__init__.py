"""What is in an emulated org at the start, and what happens in it while time passes.

`build` fills an org from its options alone: the same options give the same org byte for byte.
`live` adds what happens in a span; what happens in a minute depends on the options and that
minute, not on how the span was cut.
"""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world import (
    access,
    audit,
    clients,
    content,
    integrations,
    living,
    names,
    people,
    records,
    sessions,
    settings,
    signins,
    stored,
)
from orgsim.world.cast import World
from orgsim.world.rows import DAY, MINUTE


def build(org: Org) -> None:
    """Fill an empty org. Sets its id, name, apps, world and log files."""
    from orgsim.eventlog.files import LogFiles

    options = org.options
    rng = org.random("org")
    company, slug = names.COMPANIES[(options.seed - 1 + options.number) % len(names.COMPANIES)]
    org.id = org.new_id("00D")
    org.name = company
    world = org.world = World(
        company=company,
        slug=slug,
        domain=f"{slug}.example.com",
        places=names.PLACES,
        founded_ms=(options.now_ms // DAY - rng.randrange(1800, 2600)) * DAY,
        lived_until=options.now_ms // MINUTE,
    )
    world.automated = org.new_id("005")
    world.saml = org.new_id("0LE")
    machines = integrations.count(options.users)
    total = options.users * signins.SIGN_INS_PER_USER
    humans = max(1, options.users - machines)
    wanted = sum(m.logins for m in clients.MACHINES[:machines])
    by_machines = min(total * 0.3, wanted)

    people.roles_and_licenses(org, world)
    access.profiles(org, world)
    access.sets(org, world)
    gone = people.cast_people(org, world, humans, total - by_machines)
    integrations.connected_apps(org, world)
    integrations.cast_machines(org, world, by_machines)
    integrations.external_client_apps(org, world)
    settings.platform_users(org, world)
    access.assignments(org, world)
    access.licences(org, world)
    people.groups(org, world)
    integrations.tokens(org, world)
    settings.build(org, world)
    records.build(org, world)
    content.build(org, world)
    signins.build(org)
    people.last_logins(org, world, gone)
    audit.build(org, world)
    sessions.build(org, world)
    stored.build(org, world)
    sessions.async_jobs(org, world)
    org.log_files = LogFiles(org)
    org.log_files.build()


def live(org: Org, since_ms: int, until_ms: int) -> None:
    """Let the org live up to `until_ms`: see `living`."""
    living.live(org, since_ms, until_ms)


__all__ = ["build", "live"]
