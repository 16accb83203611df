"""The emulator as the tests use it: a process on a free port, spoken to over HTTP only."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import requests

ORGSIM = Path(sys.executable).parent / "orgsim"
READY_WITHIN = 300.0  # seconds; a large org takes a while to make on a busy machine


class OrgsimFailed(RuntimeError):
    """The emulator ended, or did not get ready in time. The message holds what it printed."""


class OrgsimServer:
    """A running `orgsim serve`. Ends when `stop()` is called, by its process id."""

    def __init__(self, port: int, **options: object) -> None:
        self.port = port
        self.options = options
        scheme = "https" if options.get("tls") else "http"
        self.url = f"{scheme}://127.0.0.1:{port}"
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115  lives as long as the process
        self.process = subprocess.Popen(
            [str(ORGSIM), "serve", "--port", str(port), *as_arguments(options)],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._watched = False
        self._given: list[dict[str, str]] | None = None
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy between the tests and loopback

    def wait(self) -> OrgsimServer:
        """Return once the emulator has printed that it is ready."""
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            if "orgsim ready" in self.output():
                if self.url.startswith("https"):
                    self.session.verify = self._authority()
                return self
            if self.process.poll() is not None:
                raise OrgsimFailed(f"orgsim ended with {self.process.returncode}: {self.output()}")
            time.sleep(0.02)
        self.stop()
        raise OrgsimFailed(f"orgsim was not ready within {READY_WITHIN:.0f} s: {self.output()}")

    def output(self) -> str:
        """All that the process printed so far."""
        self._output.seek(0)
        return self._output.read()

    def secrets(self, since: int = 0) -> list[dict[str, str]]:
        """Every secret that the org gave out, less the first issued; see `/_sim/secrets`. Of an
        org that ended, all that it had given out."""
        if self._given is not None:
            return self._given
        told = self.control("secrets", params={"since": since})["secrets"]
        return cast("list[dict[str, str]]", told)

    def issued(self) -> int:
        """How many secrets the org has given out so far. From now on it is known to the end."""
        self._watched = True
        return int(self.control("secrets")["issued"])

    def stop(self) -> None:
        try:
            if self._watched and self._given is None and self.process.poll() is None:
                self._given = self.secrets()
        finally:
            self._end()

    def _end(self) -> None:
        self.session.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._output.close()

    def control(
        self, path: str, body: Any = None, *, method: str | None = None, params: Any = None
    ) -> Any:
        """Call `/_sim/<path>`: POST when there is a body, else GET. JSON in and out."""
        method = method or ("GET" if body is None else "POST")
        data = body if isinstance(body, bytes) else None
        answer = self.session.request(
            method,
            f"{self.url}/_sim/{path}",
            params=params,
            data=data,
            json=None if data is not None else body,
            timeout=60,
        )
        answer.raise_for_status()
        if not answer.content:
            return None
        try:
            return answer.json()
        except requests.JSONDecodeError:
            return answer.text

    def take_back(self) -> None:
        """Undo what a test changed; the clock is set as at the start. New rows and grants stay."""
        self.control("reset", method="POST")
        self.control("clock", {"set": self.options.get("now") or datetime.now(UTC).isoformat()})

    def ledger(self, source: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """The ground truth of a source: what is visible now, or all of it."""
        params = {"source": source} | ({"all": "1"} if everything else {})
        answer = self.session.get(f"{self.url}/_sim/ledger", params=params, timeout=120)
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines() if line]

    def app(self) -> dict[str, str]:
        """The external client app that is always there."""
        return cast("dict[str, str]", json.loads(self._command("app")))

    def token(self) -> str:
        """An access token for scripts."""
        return self._command("token")

    def _command(self, name: str) -> str:
        done = subprocess.run(
            [str(ORGSIM), name, "--port", str(self.port)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise OrgsimFailed(f"orgsim {name} ended with {done.returncode}: {done.stderr}")
        return done.stdout.strip()

    def _authority(self) -> str:
        """A file with the certificate of the emulator's authority."""
        done = subprocess.run(
            [str(ORGSIM), "ca"], capture_output=True, text=True, timeout=60, check=True
        )
        with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
            file.write(done.stdout)
        return file.name


def as_arguments(options: dict[str, object]) -> list[str]:
    """`{"event_monitoring": "licensed", "tls": True}` as `--event-monitoring licensed --tls`."""
    arguments: list[str] = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        arguments.append("--" + name.replace("_", "-"))
        if value is not True:
            arguments.append(str(value))
    return arguments
