"""The key file in a backup, on demand only: sealed under a passphrase.

The file is: salt (16) ‖ nonce (12) ‖ AES-256-GCM of the key file, bound to the backup's id. The key
is scrypt's of the passphrase (n = 2^16, r = 8, p = 1: 64 MiB and a fifth of a second a guess).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import envelope

_SALT, _NONCE = 16, 12
SHORTEST = 12  # characters of a passphrase


def wrapped(passphrase: str, backup: str) -> bytes:
    """The key file under a passphrase. Raises NeedsPerson for one that is too short."""
    if len(passphrase) < SHORTEST:
        raise NeedsPerson(
            f"The passphrase has fewer than {SHORTEST} characters.",
            fix="Choose a longer one: it opens every secret in the backup.",
            code="PASSPHRASE_SHORT",
        )
    envelope.key_ids()  # a damaged key file, or one that others can read, is no backup
    plain = Path(settings.ORGWARDEN_KEY_FILE).read_bytes()
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    return salt + nonce + _cipher(passphrase, salt).encrypt(nonce, plain, backup.encode())


def unwrapped(sealed: bytes, passphrase: str, backup: str) -> bytes:
    """The key file's text. Raises NeedsPerson for another passphrase or an altered file."""
    salt, nonce = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE]
    try:
        return _cipher(passphrase, salt).decrypt(nonce, sealed[_SALT + _NONCE :], backup.encode())
    except InvalidTag:
        raise NeedsPerson(
            "The passphrase does not open the backup's key file.",
            fix="Type the one that was given to orgwarden backup --with-key.",
            code="PASSPHRASE_WRONG",
        ) from None


def put_back(text: bytes) -> None:
    """Write the key file, for its owner only; one that is there is never replaced."""
    file = Path(settings.ORGWARDEN_KEY_FILE)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(file, "xb", opener=lambda p, f: os.open(p, f, 0o600)) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    envelope.key_ids()


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    key = Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive(passphrase.encode())
    return AESGCM(key)
