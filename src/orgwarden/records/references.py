"""Secrets that lie elsewhere: read each time they are used, never stored here.

`file:/path` is a file's text, `env:NAME` a variable of the process that signs in (the worker's),
`command:program arguments` what a program prints; no shell reads the command. Errors name the
reference, never what was read.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from orgwarden.core.problems import NeedsPerson, TryLater

KINDS = ("file:", "env:", "command:")
LONGEST = 64 * 1024  # bytes of a secret
SECONDS = 20  # a command may take


def is_reference(text: str) -> bool:
    """Whether it names where a secret lies, and is not the secret itself."""
    return text.startswith(KINDS)


def resolved(text: str) -> str:
    """The secret that `text` is or refers to. Raises as `read` does."""
    return read(text) if is_reference(text) else text


def allowed(reference: str, prefixes: Sequence[str]) -> bool:
    """Whether a reference typed on a page is one of those the operator named. Files and variables
    match by prefix, commands as a whole: an argument more could make another command of it."""
    if reference.startswith("command:"):
        return reference in prefixes
    if reference.startswith("file:"):
        path = reference.removeprefix("file:")
        if os.path.normpath(path) != path:
            return False  # no way up out of a folder
    return any(p and not p.startswith("command:") and reference.startswith(p) for p in prefixes)


def read(reference: str) -> str:
    """The secret, without line ends around it. Raises NeedsPerson with the fix, or TryLater."""
    if "\x00" in reference:  # what no name holds and no database of ours would store
        raise _unreadable("The reference holds a NUL.", "Enter it again.")
    kind, _, rest = reference.partition(":")
    if kind == "file":
        secret = _file(Path(rest))
    elif kind == "env":
        secret = os.environ.get(rest, "")
        if not secret:
            raise _unreadable(
                f"The variable {rest} is not set.",
                "Set it for every process that signs in: the workers, and the command line.",
            )
    elif kind == "command":
        secret = _command(rest)
    else:
        raise _unreadable("This is no reference.", f"Begin it with {', '.join(KINDS)}.")
    secret = secret.strip()
    if not secret:
        raise _unreadable(f"{reference} is empty.", "Put the secret there.")
    return secret


def _file(path: Path) -> str:
    if not path.is_absolute():
        raise _unreadable(f"{path} is not a whole path.", "Begin it with a slash.")
    try:
        with path.open("rb") as file:
            return file.read(LONGEST).decode()
    except UnicodeDecodeError:
        raise _unreadable(f"{path} is not text.", "Give a text file, PEM for a key.") from None
    except OSError as error:
        raise _unreadable(
            f"{path} cannot be read: {error.strerror}.",
            "Let the user that runs Orgwarden read it.",
        ) from None


def _command(line: str) -> str:
    try:
        words = shlex.split(line)
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise TryLater(
            f"The command for a secret took longer than {SECONDS} seconds.",
            fix="Run it by hand as the user that runs Orgwarden.",
            code="REFERENCE",
        ) from None
    except (OSError, ValueError, IndexError) as error:
        why = getattr(error, "strerror", None) or "it cannot be read as a command"
        raise _unreadable(
            f"The command for a secret does not run: {why}.",
            "Run it by hand as the user that runs Orgwarden.",
        ) from None
    if done.returncode:
        # What it printed is not repeated: it may hold the secret.
        raise _unreadable(
            f"The command for a secret ended with {done.returncode}.",
            "Run it by hand as the user that runs Orgwarden.",
        )
    return done.stdout[:LONGEST].decode("utf-8", "replace")


def _unreadable(what: str, fix: str) -> NeedsPerson:
    return NeedsPerson(what, fix=fix, code="REFERENCE")
