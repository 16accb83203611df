"""How each source stands after a test: works, works partly, dark, off, and because of what."""

from __future__ import annotations

from orgwarden.catalog.features import featured, sources_for
from orgwarden.catalog.permissions import label_of
from orgwarden.catalog.preflight.facts import NOT_ASKED, Facts, NotRead, SourceLine, Works
from orgwarden.catalog.sources.event_log_types import FREE
from orgwarden.catalog.tiers import BY_ID
from orgwarden.core.source import Kind, Source


def sources(facts: Facts) -> list[SourceLine]:
    """One line for each source of the features that are on."""
    on = sources_for(facts.features, facts.tiers)
    return [_of(facts, s) if s in on else _off(s) for s in featured(facts.features)]


def _off(source: Source) -> SourceLine:
    tier = BY_ID[source.tier]
    return SourceLine(
        source.id, source.title, Works.OFF, f"{tier.title} is not opted in to; {tier.without}.",
        f"Edit the tenant and opt in to {tier.title}.",
    )  # fmt: skip


def _of(facts: Facts, source: Source) -> SourceLine:
    id, title = source.id, source.title
    if not isinstance(facts.held, NotRead):
        for need in source.needs:
            if not need.met_by(facts.held):
                label = label_of(need.permission)
                return SourceLine(
                    id, title, Works.DARK, f"The user lacks {label}: {need.without}.",
                    f"Give {facts.user_name} {label}.",
                )  # fmt: skip
    problem = facts.sources.get(id, NOT_ASKED)
    if problem is not None:
        verdict = Works.DARK if problem.refused else Works.UNKNOWN
        return SourceLine(id, title, verdict, problem.what, problem.fix)
    if isinstance(facts.held, NotRead) and any(n.silent for n in source.needs):
        return SourceLine(
            id, title, Works.UNKNOWN,
            "It answers, but whether it answers in full is not known: " + facts.held.what,
            facts.held.fix,
        )  # fmt: skip
    if lacking := facts.lacking.get(id):
        return SourceLine(
            id, title, Works.PARTLY, f"Salesforce does not show {', '.join(lacking)}.",
            "Give the user access to these fields if you need what they hold.",
        )  # fmt: skip
    if source.kind is Kind.LOG_FILES:
        return _log_files(facts, source)
    return SourceLine(id, title, Works.WORKS)


def _log_files(facts: Facts, source: Source) -> SourceLine:
    id, title = source.id, source.title
    files = facts.log_files
    if isinstance(files, NotRead):
        return SourceLine(id, title, Works.UNKNOWN, files.what, files.fix)
    if not files:
        return SourceLine(
            id, title, Works.PARTLY, "Readable, with no file in it yet.",
            "Files come the day after. If none comes, see Log generation above.",
        )  # fmt: skip
    if {str(f.get("EventType")) for f in files} <= FREE:
        return SourceLine(
            id, title, Works.PARTLY,
            "Without Event Monitoring only free types come, as daily files kept 1 day.",
            "Ask Salesforce for Event Monitoring or Shield for the others.",
        )  # fmt: skip
    return SourceLine(id, title, Works.WORKS)
