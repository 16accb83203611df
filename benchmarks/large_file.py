"""One log file far larger than the memory that may be used; the emulator streams it from disk.

What is told is the most memory that the collecting process had resident, by the kernel.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

from benchmarks.collecting import collect
from benchmarks.logs import write_log
from benchmarks.measure import Benchmark, Figure, NotRun, Setting
from benchmarks.orgs import org_of_logs, peak_of

KIND = "LightningPageView"  # the widest rows
SIZE = 929  # bytes a row of it has on average
MOST = 400  # MB


def one_file(gibibytes: int) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        size = setting.scaled(gibibytes << 30)
        if shutil.disk_usage(setting.folder).free < 3 * size:
            raise NotRun(f"{3 * size / 1e9:.0f} GB free on disk are needed")
        folder = setting.folder / "files"
        folder.mkdir()
        rows = size // SIZE + 1_000
        made = write_log(folder / f"{KIND}.csv", KIND, day=0, rows=rows)
        with org_of_logs(folder) as org:
            figure = collect(setting, org, "event_log_file", whole=True)
            emulator = peak_of(org)
        landed = int(figure.notes["rows"])
        if landed < rows:
            raise RuntimeError(f"{rows - landed:,} rows are missing")
        notes = figure.notes | {
            "GiB": round(made / 2**30, 2),
            "rows_per_s_of_the_whole_process": f"{figure.value:,.0f}",
            "emulator_peak_MB": emulator,
        }
        peak = float(notes.pop("peak_MB"))
        return Figure(landed, figure.seconds, notes, told=peak, profile=figure.profile)

    return body


BENCHMARKS = tuple(
    Benchmark(
        f"large-file-{size}g",
        f"One log file of {size} GiB into the lake",
        "rows",
        one_file(size),
        measure="MB resident",
        aim=MOST,
        less=True,
        times=1,
        large=large,
    )
    for size, large in ((1, False), (5, True))
)
