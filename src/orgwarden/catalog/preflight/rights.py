"""Judgements about permissions: each by name, what the licence allows, what is held in excess."""

from __future__ import annotations

from orgwarden.catalog.app_steps import WEB
from orgwarden.catalog.asked import Asked, asked_of
from orgwarden.catalog.features import sources_for
from orgwarden.catalog.permissions import BY_NAME, SEEDED, Permission, label_of
from orgwarden.catalog.preflight.facts import Facts, Line, NotRead, Verdict, unknown
from orgwarden.catalog.preflight.person import licence_of, profile_of
from orgwarden.core.source import Need

# What vendors' guides refuse, and why (seed C11).
REFUSED_PROFILE = "minimum access - api only integration"
REFUSED_LICENCE = "salesforce integration"
NO_BOX = "If Setup does not offer the box, ask Salesforce to add it."


def asked(facts: Facts) -> dict[str, Asked]:
    on = sources_for(facts.features, facts.tiers)
    return {a.name: a for a in asked_of(on, facts.tiers)}


def lines(facts: Facts) -> list[Line]:
    """One line for each permission that is asked for or that vendors' guides name."""
    wanted = asked(facts)
    names = [*wanted, *(p.name for p in SEEDED if p.name not in wanted)]
    return [_line(facts, BY_NAME[name], wanted.get(name)) for name in names]


def _line(facts: Facts, permission: Permission, asked: Asked | None) -> Line:
    id, title, probe = f"permission:{permission.name}", permission.label, "ours"
    if isinstance(facts.held, NotRead):
        return unknown(id, title, facts.held, probe)
    if permission.name == "ApiUserOnly":
        return _api_only(facts, id, title)
    held = permission.name in facts.held
    if asked is not None and held:
        words = f"Held. Needed for: {', '.join(asked.why)}."
        return Line(id, title, Verdict.PASS, words, "", probe)
    if asked is not None:
        return _missing(facts, permission, asked)
    if not held:
        words = "Not held, and nothing that is on needs it."
        return Line(id, title, Verdict.PASS, words, "", probe)
    could = "It could write" if permission.writes else f"It allows to: {permission.about}"
    return Line(
        id, title, Verdict.WARN,
        f"Held, and nothing that is on needs it. {could.rstrip('.')}.",
        f"Take {permission.label} from {facts.user_name}, unless something else needs it.", probe,
    )  # fmt: skip


def _missing(facts: Facts, permission: Permission, asked: Asked) -> Line:
    id, title, probe = f"permission:{permission.name}", permission.label, "ours"
    assert not isinstance(facts.held, NotRead)
    needs = _needs(facts, permission.name)
    dark = {source: need for source, need in needs.items() if not need.met_by(facts.held)}
    met = [need for need in needs.values() if need.met_by(facts.held)]
    others = " and ".join(label_of(i) for i in met[0].instead) if met else ""
    if met and not dark:
        return Line(id, title, Verdict.PASS, f"Not held; {others} do as well.", "", probe)
    without = [f"{source}: {need.without}." for source, need in dark.items()] or asked.without
    fix = f"Give {facts.user_name} {permission.label}. {NO_BOX}"
    if facts.known and permission.name not in facts.known:
        fix = f"This org does not know {permission.label}: its edition or licences lack it."
    elif not isinstance(facts.licence_allows, NotRead) and (
        permission.name not in facts.licence_allows
    ):
        fix += (
            f" Nothing shows that the licence {licence_of(facts)[0]} can hold it: use a user with"
            " a Salesforce licence, or assign a permission set licence that allows it."
        )
    # A tier's permission that no source needs yet costs tests and nothing that is collected.
    verdict = Verdict.FAIL if needs else Verdict.WARN
    words = f"Missing. {' '.join(without)}"
    if met:
        words += f" For the rest, {others} do as well."
    return Line(id, title, verdict, words, fix, probe)


def _needs(facts: Facts, name: str) -> dict[str, Need]:
    """The needs of sources that are on, by the source's title."""
    on = sources_for(facts.features, facts.tiers)
    return {s.title: n for s in on for n in s.needs if n.permission == name}


def _api_only(facts: Facts, id: str, title: str) -> Line:
    assert not isinstance(facts.held, NotRead)
    if "ApiUserOnly" in facts.held:
        words = "Held: the user cannot sign in to pages."
        return Line(id, title, Verdict.PASS, words, "", "ours")
    if facts.flow == WEB:
        words = "Not held: consent in the browser needs a user that can sign in to pages."
        return Line(id, title, Verdict.PASS, words, "", "ours")
    if facts.known and "ApiUserOnly" not in facts.known:
        words = "This org does not have the permission; Developer Edition and lower lack it."
        return Line(id, title, Verdict.WARN, words, "Fine for a trial.", "ours")
    return Line(
        id, title, Verdict.WARN, "Not held: the user could sign in to pages too.",
        f"Give {facts.user_name} API Only User.", "ours",
    )  # fmt: skip


def licence(facts: Facts) -> Line:
    """What the user's licence can hold at most: read from the profiles of the same licence and
    from the permission set licences assigned, because the licence itself does not tell."""
    id, title, probe = "licence", "What the licence allows", "licence"
    name, _ = licence_of(facts)
    if not name:
        why = facts.user if isinstance(facts.user, NotRead) else NotRead("It is not shown.")
        return unknown(id, title, why, probe)
    plus = f" with {', '.join(facts.set_licences)}" if facts.set_licences else ""
    called = f"{name}{plus}"
    if isinstance(facts.licence_allows, NotRead):
        return unknown(id, title, facts.licence_allows, probe)
    held = frozenset() if isinstance(facts.held, NotRead) else facts.held
    lacks = sorted(set(asked(facts)) - facts.licence_allows - held)
    if lacks:
        labels = ", ".join(label_of(n) for n in lacks)
        return Line(
            id, title, Verdict.WARN,
            f"{called}: nothing shows that it can hold {labels}.",
            "Use a user with a Salesforce licence, or assign a permission set licence that allows"
            " them. See docs/permissions.md.", probe,
        )  # fmt: skip
    words = f"{called}: it can hold every permission asked for."
    return Line(id, title, Verdict.PASS, words, "", probe)


def profile(facts: Facts) -> Line:
    """The profile and licence that vendors' guides refuse: warned of, with what it lacks here."""
    id, title, probe = "profile", "Profile and licence", "ours"
    name, (licence_name, _) = profile_of(facts), licence_of(facts)
    if not name:
        why = facts.user if isinstance(facts.user, NotRead) else NotRead("It is not shown.")
        return unknown(id, title, why, probe)
    refused = []
    if name.lower().startswith(REFUSED_PROFILE):
        refused.append(f"the profile {name}")
    if licence_name.lower() == REFUSED_LICENCE:
        refused.append(f"the licence {licence_name}")
    if not refused:
        words = f"{name}, licence {licence_name or 'not shown'}."
        return Line(id, title, Verdict.PASS, words, "", probe)
    lacks: list[str] = []
    if not isinstance(facts.held, NotRead):
        lacks = [a.label for a in asked(facts).values() if a.name not in facts.held]
    lack = f" Here it lacks {', '.join(lacks)}." if lacks else " Here it holds all that is asked."
    return Line(
        id, title, Verdict.WARN,
        f"The guides of other security products refuse {' and '.join(refused)}: not enough"
        f" rights.{lack}",
        "Use a user with a Salesforce licence, or give the permission sets of the metadata package"
        " and test again.", probe,
    )  # fmt: skip


def excess(facts: Facts) -> Line:
    """Rights held that could write and that nothing asks for."""
    id, title, probe = "excess", "Excess rights", "ours"
    if isinstance(facts.held, NotRead):
        return unknown(id, title, facts.held, probe)
    wanted = asked(facts)
    brought = {b for name in wanted for b in BY_NAME[name].brings}
    over = sorted(
        BY_NAME[n].label
        for n in facts.held
        if n in BY_NAME and BY_NAME[n].writes and n not in wanted and n not in brought
    )
    if not over:
        words = "None: it could write no more than the permissions asked for bring."
        return Line(id, title, Verdict.PASS, words, "", probe)
    return Line(
        id, title, Verdict.WARN,
        f"It could write with {', '.join(over)}, which nothing here asks for.",
        f"Take them from {facts.user_name}. Orgwarden never writes with this connection, but who"
        " steals it could.", probe,
    )  # fmt: skip
