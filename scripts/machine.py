"""One line that says what a figure was measured on."""

from __future__ import annotations

import os
import platform


def machine_line() -> str:
    """Cores, memory and system; names no host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
