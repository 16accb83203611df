"""Orgwarden as it runs somewhere: pages, a worker, a mailbox and emulated orgs, as processes."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.support.command import ORGWARDEN, Ended, Installation
from tests.support.left import Left
from tests.support.mailbox import mail_server
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import free_port

PATIENCE = 60.0  # seconds for a busy machine
ADMIN = "admin"
PASSWORD = "correct horse battery staple"
SIMS = 12  # how many orgs a place can have: their addresses are allowed when it opens
SMALL = {"users": 20, "days": 2, "speed": 0}

T = TypeVar("T")


def until(look: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """What `look` finds as soon as it finds something."""
    end = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"within {within:.0f} s there was no {what}"
        time.sleep(0.1)


class Place:
    """One installation with its processes. Everything listens on loopback, on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._after = ExitStack()
        self.mailbox = self._after.enter_context(mail_server())
        self._free = [free_port() for _ in range(SIMS)]
        self.orgs: list[OrgsimServer] = []
        self.command = Installation(
            folder / "home",
            ORGWARDEN_PUBLIC_URL=self.address,
            ORGWARDEN_ADMIN_USER=ADMIN,
            ORGWARDEN_ADMIN_PASSWORD=PASSWORD,
            ORGWARDEN_PACE="60",
            ORGWARDEN_LOG_LEVEL="INFO",
            ORGWARDEN_SMTP_URL=f"smtp://127.0.0.1:{self.mailbox.port}",
            ORGWARDEN_MAIL_FROM="orgwarden@console.example",
        )
        self.left = Left(folder, texts=lambda: self.command.printed)
        self.left.typed["password"] = [PASSWORD]
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._free)
        self.command.env["ORGWARDEN_ALLOWED_SALESFORCE_HOSTS"] = hosts
        self.started: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> Place:
        """Set up, start pages and worker, and wait for the pages to answer."""
        self.command.init()
        self.start("web", "--port", str(self.port))
        self.start("worker")
        with requests.Session() as session:
            session.trust_env = False

            def answers() -> bool:
                try:
                    return session.get(f"{self.address}/health/", timeout=10).ok
                except requests.ConnectionError:
                    assert self.started["web"].poll() is None, self.log("web")
                    return False

            until(answers, "answer of the pages")
        return self

    def org(self, **options: object) -> OrgsimServer:
        """An emulated org of this test's own, at an address this place may send tokens to."""
        server = OrgsimServer(self._free.pop(), **{**SMALL, **options})
        self.orgs.append(server)
        ready = server.wait()
        self.left.talks_to(ready)
        return ready

    def start(self, *words: str) -> None:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            self.started[words[0]] = subprocess.Popen(
                [str(ORGWARDEN), *words],
                env=self.command.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def end(self, word: str) -> None:
        process = self.started.pop(word)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, word: str) -> str:
        file = self.folder / f"{word}.log"
        return file.read_text(errors="replace") if file.is_file() else ""

    def run(self, *words: str, stdin: str = "") -> Ended:
        return self.command.run(*words, stdin=stdin, exits=0)

    def tenant(self, name: str) -> dict[str, Any]:
        """A tenant as it stands in the records. Asked often, so not through a command."""
        columns = ("key", "status", "problem", "url", "salesforce_id", "last_synced_at")
        sql = f"SELECT {', '.join(columns)} FROM records_org WHERE name = ?"
        [found] = self.records(sql, name)
        return dict(zip(columns, found, strict=True))

    def first_connected(self, name: str) -> tuple[Any, ...]:
        """The key of a tenant, when it was first connected and by whom."""
        sql = "SELECT key, first_connected_at, added_by FROM records_org WHERE name = ?"
        [found] = self.records(sql, name)
        return found

    def letters(self, *words: str) -> list[EmailMessage]:
        """What arrived whose subject holds all of these words."""
        return [
            letter
            for letter in self.mailbox.arrived
            if all(word.lower() in str(letter["Subject"]).lower() for word in words)
        ]

    def records(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Straight into the records, for what takes a day in life: time that has passed."""
        with closing(sqlite3.connect(self.folder / "home/records.sqlite3", timeout=20)) as file:
            found = file.execute(sql, values).fetchall()
            file.commit()
        return found

    def close(self) -> None:
        for word in list(self.started):
            self.end(word)
        for server in self.orgs:
            server.stop()
        self._after.close()
