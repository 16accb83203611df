"""An S3-compatible object store for the tests: moto's server, a process on a free port of loopback.

It checks no signatures, keeps everything in memory, and honours `If-None-Match`, which is what
commits to the lake rest on.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time

import requests

from orgwarden.lake.bucket import Bucket
from orgwarden.lake.place import Store, root
from tests.support.postgres import free_port

READY_WITHIN = 120.0  # seconds; its modules take a while to load on a busy machine
ACCESS_KEY, SECRET_KEY = "AKIAEXAMPLEOFTHETESTS", "a-secret-that-no-log-may-hold"


class ObjectStore:
    """A running server with one bucket, `lake`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.session = requests.Session()
        self.session.trust_env = False
        self._turns = itertools.count()

    def wait(self) -> ObjectStore:
        until = time.monotonic() + READY_WITHIN
        while True:
            try:
                self.session.put(f"{self.url}/lake", timeout=READY_WITHIN).raise_for_status()
                return self
            except requests.ConnectionError as refused:
                if self.process.poll() is not None or time.monotonic() > until:
                    self._log.seek(0)
                    raise RuntimeError(f"moto did not start: {self._log.read()}") from refused
            time.sleep(0.05)

    def store(self, drafts: str = "") -> Store:
        return Store(self.url, "us-east-1", ACCESS_KEY, SECRET_KEY, drafts=drafts)

    def new_root(self, drafts: str = "") -> Bucket:
        """A place in the bucket where nothing is yet."""
        made = root(f"s3://lake/{next(self._turns)}", self.store(drafts))
        assert isinstance(made, Bucket)
        return made

    def environment(self, prefix: str) -> dict[str, str]:
        """What a process needs to have its lake here."""
        return {
            "ORGWARDEN_LAKE_URL": f"s3://lake/{prefix}",
            "ORGWARDEN_LAKE_ENDPOINT": self.url,
            "ORGWARDEN_LAKE_ACCESS_KEY": ACCESS_KEY,
            "ORGWARDEN_LAKE_SECRET_KEY": SECRET_KEY,
        }

    def keys(self, prefix: str = "") -> list[str]:
        """The names of all objects below a prefix."""
        import xml.etree.ElementTree as ElementTree

        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            asked = {"list-type": "2", "prefix": prefix, **more}
            answer = self.session.get(f"{self.url}/lake", params=asked, timeout=30)
            answer.raise_for_status()
            tree = ElementTree.fromstring(answer.content)
            found += [str(e.text) for e in tree.iter() if e.tag.endswith("}Key")]
            token = next((e.text for e in tree.iter() if e.tag.endswith("ContinuationToken")), None)
            if not token:
                return found
            more = {"continuation-token": token}

    def requests(self) -> int:
        """How many it has answered so far."""
        self._log.seek(0)
        return sum(" HTTP/1.1" in line for line in self._log)

    def stop(self) -> None:
        self.session.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
