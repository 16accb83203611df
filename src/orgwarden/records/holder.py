"""Who holds a lease, as text that lets others on the same machine see whether it still runs."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """One taker: a thread or process that must not share a lease with any other."""

    host: str
    machine: str  # boot id and process-id namespace: within both, a pid means one process
    pid: int
    started: str  # the process's start in clock ticks after boot: pids are used again
    nonce: str  # of this taker within the process

    @classmethod
    def here(cls) -> Holder:
        """A new holder for the calling process."""
        pid, host = os.getpid(), socket.gethostname().replace("/", "-")[:60]
        return cls(host, _machine(), pid, _started(pid), secrets.token_hex(6))

    def __str__(self) -> str:
        return f"{self.host}/{self.machine}/{self.pid}/{self.started}/{self.nonce}"


@cache
def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:  # no /proc: nobody can be judged gone, and a lease runs to its end
        return ""


def _started(pid: int) -> str:
    """When `pid` started; "gone" for a zombie, which does nothing any more; "" when it cannot be
    seen: there is no such process, no /proc, or /proc hides other people's processes."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return "gone" if fields[0] in "ZX" else fields[19]


def is_gone(holder: str) -> bool:
    """True when `holder` ran on this machine since it booted and its process no longer runs."""
    here = Holder.here()
    host, machine, pid, started, *_ = f"{holder}////".split("/")
    if not machine or (host, machine) != (here.host, here.machine):
        return False
    try:
        os.kill(int(pid), 0)  # asks whether there is one; sends nothing
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, so there is one
        pass
    return _started(int(pid)) not in ("", started)
