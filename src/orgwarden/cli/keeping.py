"""`orgwarden backup`, `restore` and `backups`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.amounts import Amounts
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

Stdin = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read the passphrase from standard input.")
]


def backup(
    target: Annotated[Path, typer.Argument(help="A folder of backups, or a new FILE.tar.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Also the key file, sealed under a passphrase.")
    ] = False,
    passphrase_stdin: Stdin = False,
    as_json: AsJson = False,
) -> None:
    """Back up the records and every tenant's events. Collections go on meanwhile.

    A second backup into the same folder copies only what is new. The key that opens the secrets
    in it is left out unless asked for: keep a copy of the key file somewhere else.

    Example: orgwarden backup /srv/backups/orgwarden
    """
    start()
    from orgwarden.flows.keeping.backup import back_up
    from orgwarden.site import home

    phrase = _new_passphrase(passphrase_stdin) if with_key else None
    with Amounts("backup") as progress:
        made = back_up(target.absolute(), actor=me(), passphrase=phrase, step=progress.step)
    if as_json:
        show(_shown(made) | {"at": str(target.absolute())})
        return
    say(
        f"Backup {made.id}: {len(made.tenants):,} tenants, {made.rows:,} events,"
        f" {made.size / 1e6:,.1f} MB in {len(made.files):,} files."
    )
    if made.with_key:
        say("The key file is in it, sealed under the passphrase: without that it opens nothing.")
    else:
        say(
            f"The key is not in it. Keep a copy of {home.key_file()} somewhere else: without it the"
            " restored tenants have to be connected again."
        )


def restore(
    source: Annotated[Path, typer.Argument(help="The folder or file that was backed up to.")],
    id: Annotated[
        str | None, typer.Option("--id", help="Which backup of a folder; else the newest.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put what is here aside. Stop Orgwarden before.")
    ] = False,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Go on without the secrets.")
    ] = False,
    passphrase_stdin: Stdin = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back, after every file of it was compared with its manifest.

    The next collection goes on from the cursor; nothing is lost and nothing doubled.

    Example: orgwarden restore /srv/backups/orgwarden
    """
    from orgwarden.site import home

    home.prepare()
    start(anew=True)
    from orgwarden.flows.keeping.restore import restore as put_back

    with Amounts("restore") as progress:
        done = put_back(
            source.absolute(),
            actor=me(),
            id=id,
            replace=replace,
            without_key=without_key,
            passphrase=lambda: _passphrase(passphrase_stdin),
            step=progress.step,
        )
    if as_json:
        told = {"aside": list(done.aside), "reconnect": list(done.reconnect)}
        show(_shown(done.manifest) | told)
        return
    made = done.manifest
    say(f"Restored {made.id} of {made.made_at:%Y-%m-%d %H:%M} UTC: {made.rows:,} events.")
    say("Persons removed and API tokens revoked since then are back: look at them first.")
    for path in done.aside:
        say(f"What was there before lies in {path}; remove it when it is not needed any more.")
    if done.reconnect:
        say(f"To be connected again: {', '.join(done.reconnect)}.")


def backups(
    source: Annotated[Path, typer.Argument(help="The folder or file that was backed up to.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file and compare it. Exit 1 if not sound.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the backups in a folder, oldest first.

    Example: orgwarden backups /srv/backups/orgwarden
    """
    from orgwarden.flows.keeping.look import shelf_of, wrong_files

    found = []
    with shelf_of(source.absolute()) as shelf, Amounts("verify") as progress:
        for made in shelf.made():
            wrong = wrong_files(shelf, made, progress.step(made.id, made.size)) if verify else None
            found.append(_shown(made) | {"wrong": wrong})
    if as_json:
        show(found)
    else:
        table(
            "",
            ("backup", "made", "tenants", "events", "MB", "key", *(["wrong"] if verify else [])),
            (_row(f, verify) for f in found),
        )
    if any(f["wrong"] for f in found):
        say("orgwarden: Not every backup is sound. Make a new one into an empty folder.")
        sys.exit(1)


def _shown(made: Any) -> dict[str, Any]:
    return {
        "id": made.id,
        "made_at": made.made_at,
        "orgwarden": made.orgwarden,
        "engine": made.engine,
        "with_key": made.with_key,
        "key_ids": list(made.key_ids),
        "tenants": [
            {"name": t.name, "key": t.key, "events": t.rows, "files": t.files, "bytes": t.bytes,
             "version": t.version}
            for t in made.tenants
        ],
        "events": made.rows,
        "files": len(made.files),
        "bytes": made.size,
    }  # fmt: skip


def _row(found: dict[str, Any], verify: bool) -> tuple[Any, ...]:
    row = (
        found["id"], found["made_at"], len(found["tenants"]), found["events"],
        f"{found['bytes'] / 1e6:,.1f}", found["with_key"],
    )  # fmt: skip
    return (*row, "\n".join(found["wrong"]) or "nothing") if verify else row


def _new_passphrase(stdin: bool) -> str:
    phrase = _passphrase(stdin)
    if not stdin and typer.prompt("Once more", hide_input=True, err=True) != phrase:
        raise Usage("The two passphrases differ.", fix="Type the same one twice.")
    return phrase


def _passphrase(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Usage("A passphrase is needed.", fix="Add --passphrase-stdin, or use a terminal.")
    phrase: str = typer.prompt("Passphrase of the backup's key", hide_input=True, err=True)
    return phrase
