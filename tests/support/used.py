"""What a command used of the machine: its peak of memory and its processor time, by the kernel.

The command is started by a small process of its own. `ru_maxrss` begins with what the process that
started it had resident: started from a large one, every command would look as large.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_START = """
import json, os, resource, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                       file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, used = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024,
                  used.ru_utime + used.ru_stime]))
"""


@dataclass(frozen=True)
class Used:
    """`peak` in bytes resident, `processor` in seconds, `printed` is stdout and stderr together."""

    code: int
    peak: int
    processor: float
    printed: str


def run(words: Sequence[str], env: Mapping[str, str]) -> Used:
    """Run a command to its end. `words[0]` is a path."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _START, *words],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak, processor = json.loads(done.stdout)
    return Used(code, peak, processor, done.stderr)
