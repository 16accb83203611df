"""Where a process spends its processor time, told by the process itself.

A thread of its own looks at all others a hundred times a second: what each has used of a processor
since the last look (the system keeps a clock for every thread), and where in Orgwarden's code it
stands. Work in libraries counts for the line of ours that called them. It sees threads of Python
only; what libraries do in threads of their own is the difference to the process's own clock, which
is told too. `python -m benchmarks.sampling FILE PROGRAM WORDS...` runs a Python program so watched.
"""

from __future__ import annotations

import json
import runpy
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

FILE = "profile.json"
EVERY = 0.01  # seconds
MOST = 25  # places told of
OURS = "orgwarden/"


def watched(words: list[str], file: Path) -> list[str]:
    """The command that runs `words` watched; what was seen is in `file` when it has ended."""
    return [sys.executable, "-m", "benchmarks.sampling", str(file), *words]


def seen(file: Path) -> dict[str, Any]:
    """What a watched command left."""
    found: dict[str, Any] = json.loads(file.read_text())
    return found


class Watch(threading.Thread):
    """Looks until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="sampling", daemon=True)
        self.places: Counter[tuple[str, str]] = Counter()
        self.threads: Counter[str] = Counter()
        self._stop_now = threading.Event()
        self._last: dict[int, float] = {}

    def run(self) -> None:
        while not self._stop_now.wait(EVERY):
            self._look()

    def stop(self) -> None:
        self._stop_now.set()
        self.join()

    def _look(self) -> None:
        frames = sys._current_frames()
        for thread in threading.enumerate():
            ident = thread.ident
            if ident is None or thread is self or ident not in frames:
                continue
            try:
                used = time.clock_gettime(time.pthread_getcpuclockid(ident))
            except OSError:
                continue  # ended meanwhile
            spent = used - self._last.get(ident, 0.0)
            self._last[ident] = used
            if spent > 0:
                name = thread.name.partition("_")[0].partition(" ")[0].rstrip("-0123456789")
                self.threads[name] += round(spent * 1e6)
                self.places[_place(frames[ident])] += round(spent * 1e6)


def _place(frame: FrameType) -> tuple[str, str]:
    """Where in our code the thread stands, and in what it called from there."""
    inner = frame.f_code.co_qualname
    walk: FrameType | None = frame
    while walk is not None:
        file = walk.f_code.co_filename.replace("\\", "/")
        if OURS in file and "/site-packages/" not in file.rpartition(OURS)[0]:
            ours = file.rpartition(OURS)[2].removesuffix(".py").replace("/", ".")
            mine = f"{ours}.{walk.f_code.co_qualname}"
            return mine, "" if walk is frame else inner
        walk = walk.f_back
    return "elsewhere", inner


def told(watch: Watch, seconds: float) -> dict[str, object]:
    return {
        "seconds": seconds,
        "processor": time.process_time(),
        "threads": {name: used / 1e6 for name, used in watch.threads.most_common()},
        "places": [[*place, used / 1e6] for place, used in watch.places.most_common(MOST)],
    }


def main() -> None:
    file, program, *words = sys.argv[1:]
    sys.argv = [program, *words]
    watch = Watch()
    begun = time.perf_counter()
    watch.start()
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        watch.stop()
        Path(file).write_text(json.dumps(told(watch, time.perf_counter() - begun)))


if __name__ == "__main__":
    main()
