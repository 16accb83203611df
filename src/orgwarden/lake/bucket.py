"""The lake in a bucket of an S3-compatible object store.

Rules of this file:
- A file is durable once the store has answered that it has it; there is nothing to force.
- Commits are safe because the store refuses to write an object that is there already (a PUT with
  `If-None-Match`, which `AWS_CONDITIONAL_PUT=etag` asks of Delta). A store that ignores the
  condition may lose one of two commits made at the same moment (docs/scaling.md).
- DuckDB's own S3 extension is a download, so DuckDB reads through PyArrow's S3 client, and reads
  only: a query can neither write to the store nor name a file outside its snapshot.
- Neither keys nor the store's own words reach a message.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from fsspec import AbstractFileSystem
from pyarrow import fs

from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.lake.place import Place, Store, Stored
from orgwarden.lake.seals import digest_of, sealed

if TYPE_CHECKING:
    import duckdb

CONNECT = 10.0  # seconds
ANSWER = 60.0  # seconds without an answer
TRIES = 4
REPLACED = "_orgwarden/replaced"  # the folder of those notes
OPENED = 4096  # objects whose size a process remembers
UNCHANGED = datetime(2000, 1, 1, tzinfo=UTC)  # every file was written once; DuckDB may keep footers
PIECE = 1 << 20  # bytes handed to the client at a time; it sends parts of ten million


class Bucket(Place):
    """`prefix` has no slash at either end; empty is the whole bucket."""

    is_remote = True

    def __init__(self, bucket: str, prefix: str, store: Store) -> None:
        self.bucket, self.prefix, self.store = bucket, prefix, store
        self._key = f"{bucket}/{prefix}" if prefix else bucket
        self.uri = f"s3://{self._key}"
        self.options = _delta_options(store)

    @property
    def name(self) -> str:
        return self.prefix.rpartition("/")[2]

    @property
    def parent(self) -> Bucket:
        return Bucket(self.bucket, self.prefix.rpartition("/")[0], self.store)

    def __truediv__(self, name: str) -> Bucket:
        return Bucket(self.bucket, f"{self.prefix}/{name}".strip("/"), self.store)

    @property
    def _client(self) -> fs.S3FileSystem:
        return _shared(self.store, os.getpid()).files

    def _at(self, relative: str) -> str:
        return f"{self._key}/{relative}" if relative else self._key

    def files(self, below: str = "") -> Iterator[Stored]:
        selector = fs.FileSelector(self._at(below), recursive=True, allow_not_found=True)
        with self.asked():
            found = self._client.get_file_info(selector)
        for file in found:
            if file.is_file:
                yield _stored(file)

    def look(self, relative: str) -> Stored | None:
        with self.asked():
            [file] = self._client.get_file_info([self._at(relative)])
        return _stored(file) if file.is_file else None

    def read(self, relative: str) -> bytes:
        with self.asked(), self._client.open_input_stream(self._at(relative)) as file:
            content: bytes = file.read()
        return content

    def write(self, relative: str, content: bytes) -> None:
        with self.asked(), self._client.open_output_stream(self._at(relative)) as file:
            file.write(content)

    def draft(self, relative: str) -> Path:
        target = self._draft(relative)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return target

    def seal(self, relative: str) -> str:
        draft = self._draft(relative)
        with draft.open("rb") as file:
            final = sealed(relative, digest_of(file))
            file.seek(0)
            with self.asked(), self._client.open_output_stream(self._at(final)) as out:
                shutil.copyfileobj(file, out, PIECE)
        draft.unlink()
        return final

    def spill(self) -> str:
        folder = self._spool() / "spill"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(folder)

    def _draft(self, relative: str) -> Path:
        return self._spool() / "drafts" / relative.rpartition("/")[2]

    def _spool(self) -> Path:
        """The spool of the org, which the next collection clears."""
        return Path(self.store.drafts or tempfile.gettempdir()) / self.name

    def settle(self, relatives: Iterable[str]) -> None:
        return None

    def force(self, relatives: Iterable[str]) -> None:
        return None

    def open(self, relative: str) -> Any:
        with self.asked():
            return self._client.open_input_file(self._at(relative))

    def stream(self, relative: str) -> IO[bytes]:
        found: IO[bytes] = self.open(relative)
        return found

    def spare(self, relatives: Sequence[str]) -> None:
        """An object's age cannot be changed, so its replacement is noted in one of its own."""
        noted = json.dumps(list(relatives)).encode()
        self.write(f"{REPLACED}/{time.time():.6f}-{uuid.uuid4().hex}.json", noted)

    def spared(self, since: float) -> set[str]:
        found: set[str] = set()
        for note in self.files(REPLACED):
            name = self.relative(note.path)
            if float(name.rpartition("/")[2].partition("-")[0]) >= since:
                found.update(json.loads(self.read(name)))
            else:
                self.remove(name)
        return found

    def remove(self, relative: str) -> None:
        self._draft(relative).unlink(missing_ok=True)
        try:
            with self.asked():
                self._client.delete_file(self._at(relative))
        except FileNotFoundError:
            return

    def remove_all(self) -> str:
        """The table's log first: without it nobody sees the rest."""
        with self.asked():
            self._client.delete_dir_contents(self._at("_delta_log"), missing_dir_ok=True)
            self._client.delete_dir_contents(self._key, missing_dir_ok=True)
        return self.uri if any(self.files()) else ""

    def prepare(self) -> None:
        """Raises NeedsPerson when there is no such bucket."""
        with self.asked():
            [file] = self._client.get_file_info([self.bucket])
        if file.type is fs.FileType.NotFound:
            raise self._no_bucket()

    def lend(self, connection: duckdb.DuckDBPyConnection) -> None:
        if not connection.filesystem_is_registered("s3"):
            connection.register_filesystem(_Reading(_shared(self.store, os.getpid())))

    @contextmanager
    def asked(self) -> Iterator[None]:
        try:
            yield
        except (TableNotFoundError, CommitFailedError, FileNotFoundError):
            raise  # an answer, and whoever asked knows what it means
        except (OSError, DeltaError) as error:
            raise self._problem(str(error)) from None

    def _problem(self, said: str) -> Problem:
        """What the store's words mean. They may hold names and addresses, so they are not shown."""
        at = self.store.endpoint or "Amazon S3"
        if "NoSuchBucket" in said or "NO_SUCH_BUCKET" in said:
            return self._no_bucket()
        if any(word in said for word in _REFUSED):
            return NeedsPerson(
                f"The object store at {at} refuses our keys for the bucket {self.bucket}.",
                fix="Check ORGWARDEN_LAKE_ACCESS_KEY and ORGWARDEN_LAKE_SECRET_KEY_FILE, and that"
                " they may list, read, write and delete objects in that bucket.",
                code="LAKE_REFUSED",
            )
        if any(word in said for word in _ELSEWHERE):
            return NeedsPerson(
                f"The bucket {self.bucket} is in another region than we think.",
                fix="Set ORGWARDEN_LAKE_REGION to the bucket's region.",
                code="LAKE_REGION",
            )
        return TryLater(
            f"The object store at {at} does not answer as it should.",
            fix="If that lasts, check ORGWARDEN_LAKE_ENDPOINT and the way there; nothing is lost"
            " meanwhile.",
            code="LAKE_AWAY",
        )

    def _no_bucket(self) -> NeedsPerson:
        return NeedsPerson(
            f"There is no bucket {self.bucket} at {self.store.endpoint or 'Amazon S3'}.",
            fix="Create it, or correct ORGWARDEN_LAKE_URL.",
            code="LAKE_BUCKET",
        )


_REFUSED = (
    "AccessDenied", "ACCESS_DENIED", "InvalidAccessKeyId", "INVALID_ACCESS_KEY_ID",
    "SignatureDoesNotMatch", "SIGNATURE_DOES_NOT_MATCH", "403 Forbidden", "HTTP response code 403",
    "ExpiredToken", "InvalidToken",
)  # fmt: skip
_ELSEWHERE = ("PermanentRedirect", "301 Moved", "HTTP response code 301", "AuthorizationHeaderMal")


def _stored(file: fs.FileInfo) -> Stored:
    return Stored(f"s3://{file.path}", file.size, file.mtime.timestamp())


class _Shared:
    """PyArrow's client, as something that a cache can tell from another."""

    def __init__(self, store: Store) -> None:
        self.files = _client(store)


@cache
def _shared(store: Store, process: int) -> _Shared:
    """One for the process: it keeps its connections. A forked process makes its own."""
    return _Shared(store)


def _client(store: Store) -> fs.S3FileSystem:
    scheme, _, host = store.endpoint.rpartition("://")
    named = {
        "access_key": store.access_key,
        "secret_key": store.secret_key,
        "session_token": store.session_token,
        "region": store.region,
        "endpoint_override": host,
        "scheme": scheme,
    }
    return fs.S3FileSystem(
        connect_timeout=CONNECT,
        request_timeout=ANSWER,
        allow_delayed_open=True,  # a small file is one request, not three
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
        **{name: value for name, value in named.items() if value},
    )


def _delta_options(store: Store) -> dict[str, str]:
    named = {
        "AWS_ACCESS_KEY_ID": store.access_key,
        "AWS_SECRET_ACCESS_KEY": store.secret_key,
        "AWS_SESSION_TOKEN": store.session_token,
        "AWS_REGION": store.region,
        "AWS_ENDPOINT_URL": store.endpoint,
        "AWS_ALLOW_HTTP": "true" if store.endpoint.startswith("http://") else "",
    }
    return {name: value for name, value in named.items() if value} | {
        "AWS_CONDITIONAL_PUT": "etag",
        "connect_timeout": f"{CONNECT:.0f}s",
        "timeout": f"{ANSWER:.0f}s",
        "max_retries": str(TRIES),
    }


@lru_cache(OPENED)
def _opened(client: _Shared, path: str) -> Any:
    """An object, asked for its size once. It holds no connection, and may be read on any thread."""
    return client.files.open_input_file(path)


class _Reading(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """What DuckDB needs to read an object: its size and its bytes."""

    protocol = "s3"
    cachable = False

    def __init__(self, client: _Shared) -> None:
        super().__init__()
        self._client = client

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        name = self._strip_protocol(path)
        return {"name": name, "size": _opened(self._client, name).size(), "type": "file"}

    def modified(self, path: str) -> datetime:
        return UNCHANGED

    def _open(self, path: str, mode: str = "rb", **_: Any) -> _Cursor:
        if mode != "rb":
            raise PermissionError("The lake is only read here.")
        return _Cursor(_opened(self._client, path))


class _Cursor(io.RawIOBase):
    """A position in an object of its own; each `read` is one request."""

    def __init__(self, file: Any) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size()}[whence]
        self._at = start + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = self._file.size() - self._at
        found: bytes = self._file.read_at(left if size < 0 else min(size, left), self._at)
        self._at += len(found)
        return found
