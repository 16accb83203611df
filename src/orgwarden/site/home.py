"""Where this installation lies and how it is addressed, read from the environment.

Rules of this file: no Django import (every command reads it, also `orgwarden version`); reading
never creates anything, only `prepare()` does; what a person set wrongly is a `NeedsPerson` that
names the variable.

| variable | default |
|---|---|
| ORGWARDEN_HOME | `$XDG_DATA_HOME/orgwarden`, else `~/.local/share/orgwarden` |
| ORGWARDEN_DATABASE_URL | `HOME/records.sqlite3`; or `postgres://user:password@host:port/name` |
| ORGWARDEN_LAKE_URL | `HOME/lake`; or `s3://bucket/prefix`, see `site.store` |
| ORGWARDEN_KEY_FILE | `HOME/keys/key.json`, never in the database |
| ORGWARDEN_PUBLIC_URL | `http://127.0.0.1:8800` |
| ORGWARDEN_ALLOWED_SALESFORCE_HOSTS | empty; `host:port, host:port` of emulators in development |
| ORGWARDEN_LOG_LEVEL | `INFO` |
| ORGWARDEN_LEAST_FREE_MB | `512`; collecting pauses while a disk of ours has less left |
| ORGWARDEN_ALLOW_NETWORK_DISK | unset; `1` lets SQLite lie on a network disk all the same |

The home is never `./var` by itself: from `/` that would be the machine's own. `make demo` names it.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from orgwarden.core.problems import NeedsPerson

# WAL keeps its index in shared memory, which these file systems do not share between openers:
# databases on them were destroyed within minutes in the field.
_NETWORK_DISKS = re.compile(r"nfs\d*|cifs|smb\d*|smbfs|virtiofs|9p|fuse(\..*|blk|ctl)?|ceph|afs")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def path() -> Path:
    """The installation's folder, absolute; it may not exist yet."""
    if named := os.environ.get("ORGWARDEN_HOME"):
        return Path(named).expanduser().absolute()
    shared = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(shared).expanduser().absolute() / "orgwarden"


def lake_url() -> str:
    """The folder (absolute path) or `s3://…` address under which every org has its Delta table."""
    named = os.environ.get("ORGWARDEN_LAKE_URL")
    if not named:
        return str(path() / "lake")
    if named.startswith("file://"):
        return unquote(urlsplit(named).path)
    return named if "://" in named else str(Path(named).expanduser().absolute())


def key_file() -> Path:
    """The file with the keys that seal the credentials."""
    named = os.environ.get("ORGWARDEN_KEY_FILE")
    return Path(named).expanduser().absolute() if named else path() / "keys" / "key.json"


def public_url() -> str:
    """The address people reach the pages at, without a slash at the end; OAuth comes back to it."""
    return _public().geturl().rstrip("/")


def allowed_hosts() -> list[str]:
    """Names the pages answer to: the public one and this machine's own."""
    return list(dict.fromkeys([str(_public().hostname), "localhost", "127.0.0.1", "[::1]"]))


def trusted_origins() -> list[str]:
    """Origins a form may be sent from: the public one and this machine's own at the same port."""
    public = _public()
    port = f":{public.port}" if public.port else ""
    own = [f"{public.scheme}://{name}{port}" for name in ("localhost", "127.0.0.1")]
    return list(dict.fromkeys([f"{public.scheme}://{public.netloc}", *own]))


def web_address(named: str, wrong: NeedsPerson) -> SplitResult:
    """An http or https address without user, query or fragment. Raises `wrong` if it is not."""
    try:
        url = urlsplit(named)
        port = url.port
    except ValueError:  # a port that is no number
        raise wrong from None
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise wrong
    if url.username or url.query or url.fragment:
        raise wrong
    return url


def _public() -> SplitResult:
    named = os.environ.get("ORGWARDEN_PUBLIC_URL") or "http://127.0.0.1:8800"
    wrong = NeedsPerson(
        f"ORGWARDEN_PUBLIC_URL is {named!r}, which is not an address people can open.",
        fix="Set it to the address in the browser, for example https://orgwarden.example.com.",
        code="PUBLIC_URL",
    )
    return web_address(named, wrong)


def allowed_salesforce_hosts() -> frozenset[str]:
    """`host:port` of emulators that may get a token; empty in production."""
    return hosts_with_ports("ORGWARDEN_ALLOWED_SALESFORCE_HOSTS", like="127.0.0.1:8900")


def listed(variable: str) -> tuple[str, ...]:
    """What a variable names, separated by commas or blanks."""
    return tuple(part for part in re.split(r"[,\s]+", os.environ.get(variable, "")) if part)


def hosts_with_ports(variable: str, *, like: str) -> frozenset[str]:
    """The `host:port` a variable lists, in lower case. Raises NeedsPerson for anything else."""
    hosts = frozenset(part.lower() for part in listed(variable))
    for host in hosts:
        if not re.fullmatch(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5}", host):
            raise NeedsPerson(
                f"{variable} holds {host!r}, which is not host:port.",
                fix=f"Name each like {like}, separated by commas.",
                code=variable.removeprefix("ORGWARDEN_"),
            )
    return hosts


def pace() -> float:
    """How many times faster than declared the sources fall due; 1 but for demonstrations."""
    named = os.environ.get("ORGWARDEN_PACE", "1")
    try:
        value = float(named)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1000:
        raise NeedsPerson(
            f"ORGWARDEN_PACE is {named!r}, not a number from above 0 to 1000.",
            fix="Unset it; it is for demonstrations only.",
            code="PACE",
        )
    return value


def least_free() -> int:
    """Bytes that must be free on the disks of the home and of the events, or collecting pauses."""
    named = os.environ.get("ORGWARDEN_LEAST_FREE_MB", "512")
    if not re.fullmatch(r"\d{1,9}", named):
        raise NeedsPerson(
            f"ORGWARDEN_LEAST_FREE_MB is {named!r}, not a whole number of megabytes.",
            fix="Set it to such a number, or unset it for 512.",
            code="LEAST_FREE_MB",
        )
    return int(named) << 20


def database() -> dict[str, Any]:
    """Django's settings of the records database."""
    named = os.environ.get("ORGWARDEN_DATABASE_URL")
    if not named:
        return sqlite(path() / "records.sqlite3")
    try:
        url = urlsplit(named)
        port = url.port
    except ValueError:
        raise _unusable_database("its port is not a number") from None
    if url.scheme == "sqlite":
        if url.netloc:
            raise _unusable_database("a path has three slashes before it")
        return sqlite(Path(unquote(url.path[1:])).expanduser().absolute())
    if url.scheme in ("postgres", "postgresql"):
        return _postgres(url, port)
    raise _unusable_database(f"its scheme is {url.scheme or 'missing'}")


def _unusable_database(why: str) -> NeedsPerson:
    # The address itself is not repeated: it may hold a password.
    return NeedsPerson(
        f"ORGWARDEN_DATABASE_URL cannot be used: {why}.",
        fix="Use sqlite:////folder/records.sqlite3 or postgres://user:password@host:5432/name.",
        code="DATABASE_URL",
    )


def sqlite(file: Path) -> dict[str, Any]:
    """Settings under which several processes write one file without an error: a write transaction
    takes the lock when it begins and waits for it, instead of failing when it first writes."""
    refuse_network_disk(file)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a rotated refresh token must survive a power cut once it is stored.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _postgres(url: SplitResult, port: int | None) -> dict[str, Any]:
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    host = options.pop("host", None) or unquote(url.hostname or "")  # ?host=/folder: a socket
    name = unquote(url.path.lstrip("/"))
    if not name:
        raise _unusable_database("the database's name is missing")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": options.pop("port", None) or (str(port) if port else ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **options},
    }


def refuse_network_disk(file: Path, *, mounts: str | None = None) -> None:
    """Raise NeedsPerson when `file` lies on a disk that breaks SQLite's WAL.

    `mounts` has the form of /proc/mounts, which is read when it is None; where there is none
    (not Linux) nothing is known and nothing is refused.
    """
    if os.environ.get("ORGWARDEN_ALLOW_NETWORK_DISK") == "1":
        return
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
    at, disk = "", ""
    real = os.path.realpath(file)
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[1])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(at):  # the last of equals was mounted over the others
            at, disk = point, fields[2]
    if _NETWORK_DISKS.fullmatch(disk):
        raise NeedsPerson(
            f"{file} lies on a {disk} disk, where SQLite loses data.",
            fix="Set ORGWARDEN_HOME to a folder on a local disk, or use PostgreSQL through "
            "ORGWARDEN_DATABASE_URL.",
            code="NETWORK_DISK",
        )


def web_secret() -> str:
    """The secret that signs sessions; "" before `prepare()`, and Django refuses to use that."""
    try:
        return _web_secret_file().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _web_secret_file() -> Path:
    return path() / "keys" / "web-secret"


def prepare() -> None:
    """Make the folders (mode 700), the web secret and the SQLite file (mode 600). Idempotent, and
    safe when several processes do it at once. Call it before Django's settings are first read."""
    home = path()
    settings = database()
    for folder in (home, home / "keys", key_file().parent):
        private_folder(folder)
    if "://" not in lake_url():
        private_folder(Path(lake_url()))
    write_once(_web_secret_file(), secrets.token_urlsafe(48) + "\n")
    if settings["ENGINE"].endswith("sqlite3"):
        file = Path(settings["NAME"])
        private_folder(file.parent)
        # SQLite gives its -wal and -shm files the mode of this one.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def private_folder(folder: Path) -> None:
    """Make `folder` with mode 700; one that is there already keeps its mode."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise NeedsPerson(
            f"The folder {folder} cannot be made: {e.strerror}.",
            fix="Set ORGWARDEN_HOME to a folder this user may write to.",
            code="HOME",
        ) from e


def write_once(file: Path, text: str) -> bool:
    """Write `text` to a new file of mode 600, whole and durable; False when it was there already.

    A link to a finished temporary file: of several writers one wins, and none sees half a file.
    """
    if file.exists():
        return False
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(draft, "x", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def logging() -> dict[str, Any]:
    """Logs go to stderr, and every handler passes what it writes through the redactor."""
    level = (os.environ.get("ORGWARDEN_LOG_LEVEL") or "INFO").upper()
    if level not in _LOG_LEVELS:
        raise NeedsPerson(
            f"ORGWARDEN_LOG_LEVEL is {level!r}.",
            fix=f"Set it to one of {', '.join(_LOG_LEVELS)}.",
            code="LOG_LEVEL",
        )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"redact": {"()": "orgwarden.core.redaction.Redact"}},
        "formatters": {
            "line": {
                "()": "orgwarden.core.redaction.Line",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["redact"],
                "formatter": "line",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "orgwarden": {"level": level},
            # Django's own configuration adds handlers without the redactor; these replace it.
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
