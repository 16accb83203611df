"""A private PostgreSQL server: a cluster of its own, on a free port, gone after the tests.

It trusts whoever connects, on 127.0.0.1 only, and does not wait for the disk. PostgreSQL refuses to
run as root, so root hands it to another user.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

PORTS = range(20_000, 32_000)
_turns = itertools.count(os.getpid() * 997)  # processes that run at once begin far apart
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50")


class PostgresFailed(RuntimeError):
    """The server could not be made or did not start. The message holds what it printed."""


def unprivileged() -> str | None:
    """The user to run the server as: None for ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    """A port nobody listens on, each once in a process. It lies below those that the kernel hands
    out by itself: nobody gets it by chance before whoever asked for it listens there."""
    while True:
        port = PORTS[next(_turns) % len(PORTS)]
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class PostgresCluster:
    """A running server with the superuser `postgres`."""

    def __init__(self, programs: Path, settings: tuple[str, ...] = ()) -> None:
        self._programs, self._settings = programs, (*QUICK, *settings)
        # Not pytest's own folder: that one is closed to every user but the one who runs the tests.
        self.folder = Path(tempfile.mkdtemp(prefix="orgwarden-pg-"))
        self.port = free_port()
        user = unprivileged()
        self._log = (self.folder / "log").open("w+")
        self._as: dict[str, object] = {}
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._as = {"user": user, "group": account.pw_gid, "extra_groups": []}
        try:
            self._make(programs)
            self.process = self._start(programs)
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _make(self, programs: Path) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            [
                programs / "initdb",
                *("--pgdata", self.folder / "data", "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        if done.returncode:
            raise PostgresFailed(f"initdb failed: {done.stderr.strip()}")

    def _start(self, programs: Path) -> subprocess.Popen[bytes]:
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            *self._settings,
        ]
        command = [str(programs / "postgres"), "-D", str(self.folder / "data")]
        for setting in settings:
            command += ["-c", setting]
        started: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            **self._as,
        )
        return started

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as refused:
                if self.process.poll() is not None or time.monotonic() > until:
                    self._log.seek(0)
                    raise PostgresFailed(f"{refused}\n{self._log.read()}") from refused
            time.sleep(0.05)

    def url(self, database: str) -> str:
        """The address of a database of this server, as `ORGWARDEN_DATABASE_URL` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does: every connection is cut, nothing is tidied."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(60)

    def start_again(self) -> None:
        """After a crash: the server recovers from its log."""
        self.process = self._start(self._programs)
        self._wait()

    def stop(self) -> None:
        process = getattr(self, "process", None)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)  # immediate: nothing here is worth keeping
                process.wait(10)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
