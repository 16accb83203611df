"""`make docs`: write the generated pages of docs/ from what the code declares.

`docs/sources.md` is made here from `orgwarden.catalog.sources`; each other page of `PAGES` has a
module of its own, which says what it is made from. `--check` writes nothing and fails when a page
is not what the code would write; the tests do that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from orgwarden.catalog.sources import MADE, SOURCES
from orgwarden.catalog.sources.event_log_file import of_type
from orgwarden.catalog.sources.event_log_types import TYPES
from orgwarden.core.expr import (
    Address,
    Bare,
    Column,
    Expr,
    First,
    Id18,
    Instant,
    Join,
    Match,
    Text,
    Whole,
)
from orgwarden.core.source import DERIVED, NORMALISED, Kind, Source
from scripts import (
    api_page,
    cost_page,
    errors_page,
    faults_page,
    guarantees_page,
    permissions_page,
    portable_page,
    roles_page,
    seed_coverage,
)
from scripts.markdown import cell

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Sources and their columns

Written by `make docs` from `orgwarden.catalog.sources`; do not edit.

Each source has a view in SQL, with Salesforce's columns under their own names and the columns
below, which are the same everywhere. A normalised column that shares its name with one of
Salesforce's is also reachable as `n_<name>`. The view `activity` unites the normalised columns of
all sources.
"""


def spelled(expr: Expr) -> str:
    """An expression in words and column names."""
    match expr:
        case Column(name):
            return f"`{name}`"
        case Text(value):
            return f"“{value}”" if value else "missing"
        case First(parts):
            return ", else ".join(spelled(part) for part in parts)
        case Id18(of):
            return f"{spelled(of)} (18 characters)"
        case Instant(of) | Bare(of):
            return spelled(of)
        case Whole(of):
            return f"{spelled(of)} (a whole number)"
        case Address(of):
            return f"{spelled(of)} (an IP address)"
        case Join(by, parts):
            return f" “{by}” ".join(spelled(part) for part in parts)
        case Match(of, cases, otherwise):
            listed = "; ".join(f"{like}: {spelled(result)}" for like, result in cases)
            rest = f"; otherwise {spelled(otherwise)}" if otherwise else ""
            return f"by {spelled(of)}: {listed}{rest}"


def span(length: timedelta | None) -> str:
    """A span in its largest whole unit."""
    if length is None:
        return "from the org's beginning"
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count, rest = divmod(int(length.total_seconds()), unit)
        if count and not rest:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "none"


def facts(source: Source) -> Iterator[str]:
    yield f"- View: `{source.view}`" + (" (one per event type)" if is_family(source) else "")
    if source.kind is Kind.MADE:
        yield "- Made by Orgwarden when it reads the sources marked *whole*; no call"
        return
    yield f"- From: `{source.object}`; Salesforce keeps it: {source.kept or 'not stated'}"
    yield f"- Read every {span(source.cadence)}. {source.cost}"
    if source.time_field and source.kind in (Kind.ROWS, Kind.LOG_FILES):
        yield (
            f"- Ordered by `{source.time_field}`, complete up to {span(source.lag)} before now; "
            f"each read starts {span(source.overlap)} early; reads back {span(source.backfill)}"
        )
    if source.kind is Kind.SNAPSHOT:
        yield (
            "- Read *whole*: every version of a record is kept, the view shows the newest; what"
            " came, changed and went is in `entity_changes`"
        )
    if source.quiet:
        names = ", ".join(f"`{name}`" for name in source.quiet)
        yield f"- A change of {names} alone is a version and no event"
    for need in source.needs:
        yield f"- Needs {need.permission}; without it {need.without}"
    for group in source.extras:
        names = ", ".join(f"`{name}`" for name in group)
        yield f"- Collected without {names} where Salesforce refuses them, and marked partial"


def is_family(source: Source) -> bool:
    return source.kind is Kind.LOG_FILES


def columns(source: Source) -> Iterator[str]:
    yield "| column | meaning |"
    yield "|---|---|"
    for field in source.fields:
        yield f"| `{field.name}` | {cell(field.meaning)} |"


def mapping(source: Source, but: dict[str, Expr] | None = None) -> Iterator[str]:
    """The normalised columns; with `but`, only those that differ from it."""
    chosen = {
        name: expr
        for name, expr in source.normalised.items()
        if but is None or but.get(name) != expr
    }
    if chosen:
        yield "| normalised | from |"
        yield "|---|---|"
        for name in NORMALISED:
            if name in chosen:
                yield f"| `{name}` | {cell(spelled(chosen[name]))} |"


def page() -> str:
    lines = [*HEAD.splitlines(), "", "| column | meaning |", "|---|---|"]
    lines += [
        f"| `{name}` | {cell(meaning)}{' Made by Orgwarden.' if name in DERIVED else ''} |"
        for name, meaning in NORMALISED.items()
    ]
    family: dict[str, Expr] = {}
    for source in (*SOURCES, *MADE):
        lines += ["", f"## {source.title}", "", source.about, "", *facts(source), ""]
        lines += [*columns(source), "", *mapping(source)]
        if source.kind is Kind.LOG_FILES:
            family = dict(source.normalised)
    lines += [
        "",
        "## Event types",
        "",
        "Any event type the org lists is collected, also one not named here; then its title is its",
        "name and the common mapping above holds. Columns are those of recent releases: a new one",
        "in a file becomes a new column.",
    ]
    for name in sorted(TYPES):
        source = of_type(name)
        lines += ["", f"### {name}", "", f"{source.title}. {source.about}".strip(), ""]
        lines += [f"- View: `{source.view}`", ""]
        if source.fields:
            lines += [*columns(source), ""]
        lines += mapping(source, family)
    text = "\n".join(line.rstrip() for line in lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip() + "\n"


PAGES = {
    ROOT / "docs/sources.md": page,
    ROOT / "docs/seed-coverage.md": seed_coverage.page,
    ROOT / "docs/roles.md": roles_page.page,
    ROOT / "docs/api.md": api_page.page,
    ROOT / "docs/permissions.md": permissions_page.page,
    ROOT / "docs/errors.md": errors_page.page,
    ROOT / "docs/api-cost.md": cost_page.page,
    ROOT / "docs/faults.md": faults_page.page,
    ROOT / "docs/guarantees.md": guarantees_page.page,
    ROOT / "docs/fleet-history.md": portable_page.page,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    chosen = parser.parse_args()
    stale = []
    for path, render in PAGES.items():
        text = render()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not chosen.check:
            path.write_text(text, encoding="utf-8")
    if chosen.check and stale:
        print(f"not as the code says, run `make docs`: {', '.join(stale)}", file=sys.stderr)
        return 1
    print(f"docs: wrote {', '.join(stale)}" if stale else "docs: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
