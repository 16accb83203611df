"""Seals secrets for the database: AES-256-GCM under a key that lies outside it.

A sealed value is: version byte ‖ key id (8) ‖ nonce (12) ‖ ciphertext and tag. Version, key id and
`bound_to` (which row it belongs to) are authenticated with it, so a value that is altered, or
pasted into another row, does not open. There is no plaintext fallback.

The key file is JSON, `{"keys": [{"id", "key", "created"}]}`, newest first; new values are sealed
under the first, older keys stay so that old rows and old backups still open. Whoever reads both the
file and the database reads the secrets; a backup keeps them apart.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.records.models import ConsentRequest, Credential, Destination, RetiredGrant

_VERSION = b"\x01"
_ID, _NONCE, _TAG = 8, 12, 16


@dataclass(frozen=True)
class Key:
    """One key of the key file."""

    id: bytes
    secret: bytes
    created: str

    def __repr__(self) -> str:
        return f"Key({self.id.hex()}, created {self.created})"


@dataclass(frozen=True)
class Rotation:
    """What a rotation did."""

    key_id: str  # of the key everything is sealed under now
    is_new: bool  # False: an earlier rotation was cut off and has been finished
    resealed: int


def seal(plain: bytes, *, bound_to: str) -> bytes:
    """`plain` under the newest key, to be opened only as `bound_to`, the name of its row."""
    key, nonce = _keys()[0], secrets.token_bytes(_NONCE)
    head = _VERSION + key.id
    return head + nonce + AESGCM(key.secret).encrypt(nonce, plain, head + bound_to.encode())


def open_sealed(sealed: bytes | memoryview, *, bound_to: str) -> bytes:
    """What was sealed as `bound_to`. Raises NeedsPerson when its key is missing, or when the value
    was altered or belongs to another row."""
    sealed = bytes(sealed)  # PostgreSQL's driver gives a memoryview
    head, nonce = sealed[: 1 + _ID], sealed[1 + _ID : 1 + _ID + _NONCE]
    if head[:1] != _VERSION or len(sealed) < 1 + _ID + _NONCE + _TAG:
        raise _altered()
    for key in _keys():
        if key.id == head[1:]:
            try:
                return AESGCM(key.secret).decrypt(
                    nonce, sealed[1 + _ID + _NONCE :], head + bound_to.encode()
                )
            except InvalidTag:
                raise _altered() from None
    raise NeedsPerson(
        f"A credential is sealed under the key {head[1:].hex()}, which {_file()} does not hold.",
        fix="Put the key file that belongs to this database back, or reconnect the org.",
        code="KEY_MISSING",
    )


def _altered() -> NeedsPerson:
    return NeedsPerson(
        "A stored credential does not open: it was altered, or belongs to another row.",
        fix="Reconnect the org, and find out who wrote to the database.",
        code="CREDENTIAL_ALTERED",
    )


def prepare_key_file() -> bool:
    """Make the key file with a first key (mode 600, durable); False when it was there already.

    Refuses when credentials are stored already: a new key could not open them.
    """
    if _file().exists():
        _keys()
        return False
    if Credential.objects.exists():
        raise _missing()
    _file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone():
        if _file().exists():
            return False
        _write([_new_key()])
    return True


def key_ids() -> tuple[str, ...]:
    """The ids of the keys in the key file, newest first; an id opens nothing."""
    return tuple(key.id.hex() for key in _keys())


def rotate() -> Rotation:
    """Seal everything in `SEALED` under a new key, one short transaction each. The secrets of
    second factors stay under the key they have, which the file keeps.

    Cut off anywhere, everything still opens, and calling it again finishes that rotation instead
    of adding another key.
    """
    with _alone():
        keys = _keys()
        is_new = not _behind(keys[0])
        if is_new:
            keys = [_new_key(), *keys]
            _write(keys)
        behind = _behind(keys[0])
        resealed = 0
        for table, pk in behind:
            resealed += _reseal(table, pk)
    return Rotation(keys[0].id.hex(), is_new, resealed)


def credential_name(org_key: str, kind: str, version: int) -> str:
    """The name a credential's row is bound to."""
    return f"credential/{org_key}/{kind}/{version}"


def consent_name(state: str) -> str:
    """The name the secrets of a connection on its way are bound to."""
    return f"consent:{state}"


def retired_name(org_key: str) -> str:
    """The name a grant that waits to be revoked is bound to."""
    return f"retired/{org_key}"


def destination_name(pk: int) -> str:
    """The name a destination's address and secret are bound to."""
    return f"destination/{pk}"


# Every table with a column `sealed`, and what its rows are bound to.
SEALED: dict[type[Any], Callable[[Any], str]] = {
    Credential: lambda row: credential_name(row.org.key, row.kind, row.version),
    ConsentRequest: lambda row: consent_name(row.state),
    RetiredGrant: lambda row: retired_name(row.org_key),
    Destination: lambda row: destination_name(row.pk),
}


def _behind(key: Key) -> list[tuple[type[Any], int]]:
    """The rows that are not sealed under `key`."""
    return [
        (table, pk)
        for table in SEALED
        for pk, sealed in table.objects.exclude(sealed=None)
        .order_by("pk")
        .values_list("pk", "sealed")
        .iterator()
        if bytes(sealed[1 : 1 + _ID]) != key.id
    ]


def _reseal(table: type[Any], pk: int) -> int:
    with transaction.atomic():
        row = table.objects.select_for_update().filter(pk=pk).first()
        if row is None:  # replaced by a newer version meanwhile
            return 0
        name = SEALED[table](row)
        row.sealed = seal(open_sealed(row.sealed, bound_to=name), bound_to=name)
        row.save(update_fields=["sealed"])
    return 1


def _file() -> Path:
    return Path(settings.ORGWARDEN_KEY_FILE)


def _new_key() -> Key:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Key(secrets.token_bytes(_ID), secrets.token_bytes(32), now)


def _missing() -> NeedsPerson:
    return NeedsPerson(
        f"The key file {_file()} is missing, so stored credentials cannot be read.",
        fix="Put it back from its backup or set ORGWARDEN_KEY_FILE; on a new installation run "
        "orgwarden init.",
        code="KEY_FILE_MISSING",
    )


def _keys() -> list[Key]:
    """The keys, newest first; read anew every time, so that a rotation elsewhere is seen."""
    file = _file()
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _missing() from None
    except OSError as e:
        raise NeedsPerson(
            f"The key file {file} cannot be read: {e.strerror}.",
            fix="Let the user that runs Orgwarden own it, with mode 600.",
            code="KEY_FILE",
        ) from e
    if mode & 0o077:
        raise NeedsPerson(
            f"The key file {file} can be read by others than its owner.",
            fix=f"Run chmod 600 {file}, and rotate the keys if somebody may have read it.",
            code="KEY_FILE_OPEN",
        )
    try:
        keys = [
            Key(bytes.fromhex(k["id"]), base64.b64decode(k["key"], validate=True), k["created"])
            for k in json.loads(text)["keys"]
        ]
        usable = keys and all(len(k.id) == _ID and len(k.secret) == 32 for k in keys)
    except (ValueError, TypeError, KeyError, binascii.Error):
        usable = False
        keys = []
    if not usable:
        raise NeedsPerson(
            f"The key file {file} is damaged.",
            fix="Put it back from its backup.",
            code="KEY_FILE",
        )
    return keys


def _write(keys: list[Key]) -> None:
    """Replace the key file whole and durably: a cut leaves the old or the new one."""
    text = json.dumps(
        {
            "keys": [
                {"id": k.id.hex(), "key": base64.b64encode(k.secret).decode(), "created": k.created}
                for k in keys
            ]
        },
        indent=1,
    )
    file = _file()
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)  # of a process that was cut off
    with open(draft, "x", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else changes the key file meanwhile."""
    lock = os.open(
        _file().with_name(_file().name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
