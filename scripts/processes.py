"""Programs that a script starts and ends again, by their process ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class Stopped(Exception):
    """A program ended by itself. The message says which and where its output is."""


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def end(pid: int, patience: float = 15.0) -> bool:
    """End a process group that `Programs` started: asked first, then made to. Whether asking was
    enough."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return True
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                os.waitpid(pid, os.WNOHANG)  # a child of ours must be collected to be gone
            except ChildProcessError:
                pass  # started by an earlier run; the kernel's table is the only word on it
            try:
                os.killpg(pid, 0)
            except ProcessLookupError:
                return number == signal.SIGTERM
            time.sleep(0.05)
    return False


def is_ours(pid: int, program: str) -> bool:
    """Whether this id is still a process running `program`; ids are used again by the system."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return False
    return program in command


@dataclass
class Programs:
    """What one run started, in order; `end_all` ends it in the reverse order."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        """Start a program in a group of its own, so that Ctrl-C reaches this script alone and
        the order of ending stays ours. Its output goes to `logs/NAME.log`."""
        with self.log(name).open("wb") as output:
            self.running[name] = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Raise if one of them ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                tail = self.log(name).read_text(errors="replace").strip().splitlines()[-3:]
                raise Stopped(
                    f"{name} ended with code {process.returncode}; its output is in "
                    f"{self.log(name)}:\n  " + "\n  ".join(tail)
                )

    def wait_for(self, what: str, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()`; raise when a program ended or the time is over."""
        until = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > until:
                raise Stopped(f"{what} did not answer within {seconds:.0f} s; see {self.logs}")
            time.sleep(0.1)

    def end_all(self, patience: float = 15.0) -> None:
        for name in reversed(self.running):
            process = self.running[name]
            if process.poll() is None and not end(process.pid, patience):
                print(
                    f"{name} did not end within {patience:.0f} s of being asked and was killed;"
                    f" its output is in {self.log(name)}",
                    file=sys.stderr,
                )
            process.wait()
        self.running.clear()
