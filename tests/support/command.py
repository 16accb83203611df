"""An installation of its own, spoken to through the command line as people and scripts do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.checker import Output
from tests.support.left import Left, register
from tests.support.orgsim import OrgsimServer

ORGWARDEN = Path(sys.executable).parent / "orgwarden"


_MAKE_RECORDS = """
import django
from orgwarden.site import home
home.prepare()
django.setup()
from orgwarden.records.setup import prepare_database
prepare_database()
"""


@cache
def _records_made() -> bytes:
    """A records database with its tables and nothing in them."""
    with tempfile.TemporaryDirectory(prefix="orgwarden-records-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")}
        env |= {"ORGWARDEN_HOME": folder, "DJANGO_SETTINGS_MODULE": "orgwarden.site.settings"}
        subprocess.run([sys.executable, "-c", _MAKE_RECORDS], env=env, check=True)
        return Path(folder, "records.sqlite3").read_bytes()


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Standard output as exactly one JSON document."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line that says what is wrong; fails when it is not one line."""
        lines = [line for line in self.err.splitlines() if line.startswith("orgwarden: ")]
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err, self.err
        return lines[0].removeprefix("orgwarden: ")


class Staying(subprocess.Popen[str]):
    """A command that stays. What it printed is handed to `keep` when its end is waited for."""

    def __init__(self, words: Sequence[str], keep: Callable[[str], None], env: Mapping[str, str]):
        super().__init__(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._keep = keep

    def communicate(
        self, input: str | None = None, timeout: float | None = None
    ) -> tuple[str, str]:
        out, err = super().communicate(input, timeout)
        self._keep(out + err)
        return out, err


class Installation:
    """`orgwarden` with a home, for one emulated org or none."""

    def __init__(self, home: Path, *servers: OrgsimServer, **variables: str) -> None:
        self.home = home
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")},
            "ORGWARDEN_HOME": str(home),
            "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": ",".join(f"127.0.0.1:{s.port}" for s in servers),
            "ORGWARDEN_LOG_LEVEL": "WARNING",
            **variables,
        }
        self.left = Left(home, texts=lambda: self.printed)
        self.left.talks_to(*servers)
        self.printed = b""  # all that every command printed, for those who look for secrets in it

    def run(
        self,
        *words: str,
        stdin: str = "",
        exits: int | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 300,
        first: str = "",
        **options: Any,
    ) -> Ended:
        """Run one command to its end; `exits` is the code it must end with. `first` is Python that
        its process runs before it becomes the command (not `preexec_fn`: that runs in a fork of
        this process, with its threads and allocators)."""
        register(self.left)
        command = [str(ORGWARDEN), *words]
        if first:
            become = f"{first}\nimport os, sys\nos.execv(sys.argv[1], sys.argv[1:])"
            command = [sys.executable, "-c", become, *command]
        done = subprocess.run(
            command,
            input=stdin.encode(),
            env={**self.env, **(env or {})},
            capture_output=True,
            timeout=timeout,
            check=False,
            **options,
        )
        self.printed += done.stdout + done.stderr
        ended = Ended(done.returncode, done.stdout, done.stderr.decode())
        if exits is not None:
            assert ended.code == exits, f"{words} ended with {ended.code}: {ended.err}"
        return ended

    def start(self, *words: str) -> Staying:
        """Start a command that stays; the caller ends it and reads what it printed."""
        register(self.left)
        return Staying([str(ORGWARDEN), *words], self._keep, self.env)

    def _keep(self, printed: str) -> None:
        self.printed += printed.encode()

    def init(self) -> Ended:
        """`orgwarden init`, over tables that were made once for all: making them takes longer than
        anything else it does."""
        if "ORGWARDEN_DATABASE_URL" not in self.env and not self.home.exists():
            self.home.mkdir(mode=0o700, parents=True)
            records = self.home / "records.sqlite3"
            records.touch(0o600)
            records.write_bytes(_records_made())
        return self.run("init", exits=0)

    def connect(self, name: str, server: OrgsimServer) -> Ended:
        app = server.app()
        return self.run(
            "org", "connect", name, "--url", server.url, "--client-id", app["consumer_key"],
            "--client-secret-stdin", "--tier", "sign_ins", "--json",
            stdin=app["consumer_secret"], exits=0,
        )  # fmt: skip

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a SELECT."""
        limit = ("--limit", "1000000")
        rows: list[dict[str, Any]] = self.run(
            "events", "query", sql, *limit, "--json", exits=0
        ).json
        return rows

    def shown(self, name: str) -> Output:
        """What the commands print of one org, for the checker."""

        def proof() -> dict[str, Any]:
            found: list[dict[str, Any]] = self.run("lake", "verify", name, "--json").json
            return found[0]

        return Output(self.query, lambda: self.org(name), proof)

    def org(self, name: str) -> dict[str, Any]:
        """One org as `status --json` shows it."""
        orgs: list[dict[str, Any]] = self.run("status", "--json", exits=0).json["orgs"]
        return next(o for o in orgs if o["name"] == name)
