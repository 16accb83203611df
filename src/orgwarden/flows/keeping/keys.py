"""The key that opens a restored backup's secrets: already in its place, or sealed in the backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.backup import KEY
from orgwarden.flows.keeping.shelf import Shelf
from orgwarden.records import envelope, key_copy


def key_for(
    shelf: Shelf, manifest: Manifest, ask: Callable[[], str] | None, *, replace: bool
) -> bytes | None:
    """The key file's text that has to be put back; None when the one in place fits."""
    file = Path(settings.ORGWARDEN_KEY_FILE)
    if file.exists() and set(manifest.key_ids) <= set(envelope.key_ids()):
        return None
    if manifest.with_key and ask is not None and (replace or not file.exists()):
        with shelf.open(f"{manifest.id}/records/{KEY}") as sealed:
            return key_copy.unwrapped(sealed.read(), ask(), manifest.id)
    here = f"{file} holds another key" if file.exists() else f"There is no key file at {file}"
    raise NeedsPerson(
        f"{here}, and without its own the backup's secrets cannot be opened.",
        fix=f"Put the key file {_named(manifest)} there (mode 600), or add --without-key: every"
        " tenant has then to be connected again, and every second factor set up again.",
        code="KEY_FILE_MISSING",
    )


def put(text: bytes | None, stamp: str) -> list[str]:
    """Put a key file in its place; one that is there goes aside. Returns where to."""
    if text is None:
        return []
    file, moved = Path(settings.ORGWARDEN_KEY_FILE), []
    if file.exists():
        moved = [str(file.rename(file.with_name(f"{file.name}.{stamp}")))]
    key_copy.put_back(text)
    return moved


def _named(manifest: Manifest) -> str:
    return f"with the id {manifest.key_ids[0]}" if manifest.key_ids else "of that installation"
