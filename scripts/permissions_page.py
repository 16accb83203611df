"""`docs/permissions.md`: what is asked for, tier by tier, and what works with which licence."""

from __future__ import annotations

from collections.abc import Iterator

from orgwarden.catalog.app_package import permission_sets
from orgwarden.catalog.asked import NEVER, Asked, asked_of, permissions_table
from orgwarden.catalog.features import FEATURE_IDS, FEATURES, sources_for
from orgwarden.catalog.looks import LOOKS
from orgwarden.catalog.permissions import SEEDED, label_of
from orgwarden.catalog.tiers import BASE_TITLE, TIER_IDS, TIERS
from scripts.markdown import cell

HEAD = """\
# Permissions

Written by `make docs` from what the sources declare; do not edit.

A connection asks for the permissions of the sources that are on, and of no others. The base is
always there; the tiers below are opted in to one by one. Everything works without them, marked
partial: the sources of a tier left out are off, say so, and hold up nothing. None of the
permissions of the base lets anybody write. Orgwarden itself writes nothing with the connection
that collects, whatever it could.

`orgwarden org package` makes a deployable package with one permission set for each part, and
`orgwarden org test` says of each permission by name whether it is held.
"""
LICENCES = """\
## Which licence the user needs

| | Salesforce Integration licence (free) | Salesforce licence |
|---|---|---|
{rows}

Salesforce does not say of a user licence what it can hold. The connection test therefore reads it:
what profiles of the same licence hold, and what the permission set licences assigned to the user
allow at most (`MaximumPermissions…`). What neither shows is named, not assumed.

The tests show the base and the sign-ins with the emulated org, whose user has the Integration
licence with the permission set licence Salesforce API Integration. What a real org's Integration
licence can hold beyond API access is *not confirmed* here: run the connection test, which reads it
from the org.

## What vendors' guides say

| seed | what it says | here |
|---|---|---|
{guides}
"""
GUIDED = (
    "ApiEnabled", "ViewAllData", "ContentAdministrator", "ManageUsers", "QueryAllFiles",
    "ModifyMetadata",
)  # fmt: skip

GUIDES: tuple[tuple[str, str, str], ...] = (
    (
        "C10",
        "The user, and the permission set if one is used, should have at least a Salesforce"
        " licence.",
        "Recommended. The test says which licence the user has.",
    ),
    (
        "C11",
        "Neither the profile `Minimum Access - API Only Integration` nor the Salesforce"
        " Integration licence: not enough rights.",
        "Warned of, with the permissions that are missing in your org. It is not refused: with the"
        " permission sets of the package assigned, the test says whether it is enough.",
    ),
    (
        "C12",
        "API Enabled and API Only User.",
        "Both tested. API Only User is a permission set of its own, because Developer Edition"
        " lacks it, and consent in the browser needs a user without it.",
    ),
    (
        "C13",
        "Manage Internal Users and Manage External Users, to read everybody's sign-ins.",
        "Both together do as well as Manage Users.",
    ),
    (
        "M5, D4",
        "A new profile for the service account.",
        "A permission set for each tier instead: they are deployed, and nothing else hangs on"
        " them. By hand: Setup, Profiles, clone Minimum Access - Salesforce, tick the permissions"
        " of the base.",
    ),
    (
        "M6, D5",
        f"{', '.join(label_of(p) for p in GUIDED)}.",
        "Each is tested by name. Those that no source needs are not asked for, and are warned of"
        " when held.",
    ),
    (
        "M7",
        "If the boxes are missing, ask Salesforce to add them.",
        "Said beside each permission that is missing.",
    ),
)


def page() -> str:
    on = sources_for(FEATURE_IDS, TIER_IDS)
    asked = asked_of(on, TIER_IDS)
    lines = [*HEAD.splitlines(), ""]
    lines += [f"## {BASE_TITLE}", "", *_table([a for a in asked if a.tier == "base"]), ""]
    sets = permission_sets(on, TIER_IDS, "jwt-bearer")
    for tier in TIERS:
        names = {
            *tier.permissions,
            *(n.permission for s in on if s.tier == tier.id for n in s.needs),
        }
        wanted = [a for a in asked if a.name in names and a.tier != "base"]
        sources = ", ".join(s.title for s in on if s.tier == tier.id) or "none yet"
        lines += [
            f"## {tier.title} (`{tier.id}`)",
            "",
            f"{tier.why} Without it, {tier.without}.",
            "",
        ]
        lines += [f"Sources: {sources}.", "", *_table(wanted), ""]
        brought = sorted({b for a in wanted for b in a.brings})
        if brought:
            lines += [
                f"Salesforce wants with it: {', '.join(brought)} (*not confirmed* for every"
                " release; the deployment names what it misses).",
                "",
            ]
    rows = [_licence_row(BASE_TITLE, [a.label for a in asked if a.tier == "base"])]
    rows += [_licence_row(t.title, [label_of(p) for p in t.permissions]) for t in TIERS]
    lines += [
        *LICENCES.format(
            rows="\n".join(rows),
            guides="\n".join(f"| {seed} | {says} | {here} |" for seed, says, here in GUIDES),
        ).splitlines(),
        "",
    ]
    lines += ["## Permission sets of the package", "", "| set | permissions |", "|---|---|"]
    lines += [
        f"| `{name}` | {', '.join(label_of(p) for p in held)} |"
        for name, (_, _, held) in sets.items()
    ]
    lines += ["", "## Tested by name", "", ", ".join(p.label for p in SEEDED) + ".", ""]
    lines += ["## What is read", "", "| feature | sources |", "|---|---|"]
    titles = {s.id: s.title for s in on}
    lines += [f"| {f.title} | {', '.join(titles[s] for s in f.sources)} |" for f in FEATURES]
    lines += [
        "",
        "Every field is in [sources.md](sources.md). The connection test reads besides:",
        "",
        "| object | fields | why |",
        "|---|---|---|",
        *(
            f"| `{x.object}` | {', '.join(f'`{f}`' for f in x.fields)} | {cell(x.why)} |"
            for x in LOOKS
        ),
        "",
        "Never read:",
        "",
        *(f"- `{c.name}`: {c.meaning}" for c in NEVER),
        "",
        "## Scopes",
        "",
        "| scope | asked for | |",
        "|---|---|---|",
        *(
            f"| `{s.name}` | {'yes' if s.asked else 'no'} | {cell(s.words)} |"
            for s in permissions_table(FEATURE_IDS, TIER_IDS).scopes
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _table(asked: list[Asked]) -> Iterator[str]:
    yield "| permission | could write | for | without it |"
    yield "|---|---|---|---|"
    for a in asked:
        yield (
            f"| {a.label} (`{a.name}`) | {'yes' if a.writes else 'no'} | {', '.join(a.why)} |"
            f" {cell(' '.join(a.without))} |"
        )


def _licence_row(title: str, labels: list[str]) -> str:
    some = [label for label in labels if label != "API Enabled"]
    free = "API Enabled works; " if "API Enabled" in labels else ""
    return f"| {title} | {free}{', '.join(some)}: *not confirmed* | can hold it |"
