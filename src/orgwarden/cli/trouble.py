"""What a machine raised, as a problem: disks and databases have few ways to fail."""

from __future__ import annotations

import errno

from orgwarden.core.problems import NeedsPerson, Problem

_HOME = "Check the folder that ORGWARDEN_HOME names, and who may write to it."


def problem_of(error: Exception) -> Problem:
    """The problem behind an exception that nobody below understood."""
    if isinstance(error, OSError):
        return _of_disk(error)
    if any(kind.__module__ == "django.db.utils" for kind in type(error).__mro__):
        return _of_database(error)
    return Problem(
        f"Orgwarden met an error it does not know ({type(error).__name__}).",
        fix="Nothing that was collected is lost. Please report it with what"
        " ORGWARDEN_LOG_LEVEL=DEBUG shows.",
        code="UNEXPECTED",
    )


def _of_disk(error: OSError) -> Problem:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NeedsPerson("The disk is full.", fix="Free some space, then try again.", code="DISK")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return NeedsPerson(f"Orgwarden may not write there{where}.", fix=_HOME, code="HOME")
    if error.errno == errno.EFBIG:
        return NeedsPerson(
            "A file would be larger than this system allows.",
            fix="Raise the limit on file sizes (ulimit -f).",
            code="DISK",
        )
    return NeedsPerson(
        f"The disk answered: {error.strerror or type(error).__name__}{where}.",
        fix=_HOME,
        code="DISK",
    )


def _of_database(error: Exception) -> Problem:
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    lowered = said.lower()
    if "no such table" in lowered or "does not exist" in lowered or "no such column" in lowered:
        return NeedsPerson(
            "The records database lacks tables of this version.",
            fix="Run orgwarden init.",
            code="NOT_INITIALISED",
        )
    if "readonly" in lowered or "unable to open" in lowered or "disk i/o" in lowered:
        return NeedsPerson(
            f"The records database cannot be written: {said}.", fix=_HOME, code="DATABASE"
        )
    if "full" in lowered:
        return NeedsPerson("The disk is full.", fix="Free some space, then try again.", code="DISK")
    return NeedsPerson(
        f"The records database answered: {said}.",
        fix="Check ORGWARDEN_DATABASE_URL and that the server answers.",
        code="DATABASE",
    )
