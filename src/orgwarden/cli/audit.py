"""`orgwarden audit …`: whether the audit chain is whole, and the chain as a file."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orgwarden.cli.output import AsJson, Usage, say, show, start
from orgwarden.core.problems import NeedsPerson

app = typer.Typer(help="The audit chain: verify, note its end, export.", no_args_is_help=True)


@app.command()
def verify(
    tip: Annotated[
        Path | None,
        typer.Option(help="A file that orgwarden audit tip wrote: its entry must still be there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry against the one before. Exit code 1 when one does not fit.

    Example: orgwarden audit verify --tip /media/elsewhere/audit-tip.json
    """
    noted_words = _read(tip) if tip else None
    start()
    from orgwarden.records import audit

    noted = audit.Tip(*noted_words) if noted_words else None
    broken, newest = audit.verify(noted), audit.tip()
    if as_json:
        show(
            {
                "whole": broken is None,
                "broken_at": broken,
                "entries_up_to": newest.id if newest else 0,
                "digest": newest.digest if newest else "",
                "checked_against_tip": noted.id if noted else None,
            }
        )
    if broken is not None:
        raise NeedsPerson(
            f"The audit chain does not fit at entry {broken}: it, or what stood before it, was "
            "altered or removed.",
            fix="Keep a copy of the database as it is, and compare with your newest backup or "
            "export from before.",
            code="AUDIT_BROKEN",
        )
    if not as_json:
        told = f"{newest.id} is the newest, digest {newest.digest}" if newest else "it is empty"
        against = f" Entry {noted.id} of the tip is there unchanged." if noted else ""
        say(f"The audit chain is whole; {told}.{against}")


@app.command("tip")
def note_tip(
    to: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """The newest entry, to be kept elsewhere: only against it shows a chain cut off at its end.

    Example: orgwarden audit tip --to /media/elsewhere/audit-tip.json
    """
    start()
    from orgwarden.records import audit

    newest = audit.tip()
    if newest is None:
        raise NeedsPerson("Nothing was recorded yet.", fix="Ask again later.", code="EMPTY")
    text = json.dumps({"id": newest.id, "digest": newest.digest})
    if to is None:
        print(text)
        return
    try:
        to.write_text(text + "\n", encoding="ascii")
    except OSError as e:
        raise Usage(f"{to} cannot be written: {e.strerror}.", fix="Name another file.") from None
    say(f"Entry {newest.id} is noted in {to}.")


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", help="json or csv.")] = "json",
    actor: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    action: Annotated[str, typer.Option(help="Only actions that begin so.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From this time on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this time, UTC.")] = None,
) -> None:
    """The entries, oldest first, with their digests, on standard output.

    Example: orgwarden audit export --format csv --since 2026-01-01
    """
    if form not in ("json", "csv"):
        raise Usage(f"There is no format {form}.", fix="Use json or csv.")
    start()
    from datetime import UTC

    from orgwarden.cli.acting import me
    from orgwarden.records import audit
    from orgwarden.records.audit_reading import Asked, as_csv, as_json, entries

    def utc(at: datetime | None) -> datetime | None:
        return at.replace(tzinfo=at.tzinfo or UTC) if at else None

    found = entries(Asked(actor, action, "", utc(since), utc(until)))
    told = {"form": form, "rows": found.count()}
    audit.record(me(), audit.Action.AUDIT_EXPORTED, "audit chain", told)
    for piece in as_csv(found) if form == "csv" else as_json(found):
        sys.stdout.write(piece)


def _read(file: Path) -> tuple[int, str]:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        return int(held["id"]), str(held["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Usage(
            f"{file} holds no tip.", fix="Write one with orgwarden audit tip --to FILE."
        ) from None
