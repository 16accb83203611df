"""Keeps the figures of the long tests: `docs/assurance/results.json` and `RESULTS.md`.

A test calls `record_assurance("kills", runs=2000, lost=0)`. The figures travel on the test's
report, so that they reach the controlling process from a parallel one. They are written only when
`ORGWARDEN_ASSURANCE_FOLDER` is set, which `make test-long` does; rows of tests that did not run
stay.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scripts.machine import machine_line

KEY = "assurance"


@pytest.fixture
def scale() -> int:
    """How many times the everyday counts to run: 1 in `make test`, 10 in `make test-long`."""
    return int(os.environ.get("ORGWARDEN_TEST_SCALE", "1"))


@pytest.fixture
def record_assurance(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`record_assurance(name, **figures)`: keep what this run showed."""

    def record(name: str, **figures: float | str) -> None:
        request.node.user_properties.append((KEY, {"name": name, "figures": figures}))

    return record


class Collector:
    """Gathers the figures of a run and writes them at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for key, value in report.user_properties:
            if key == KEY and isinstance(value, dict):
                self.rows[value["name"]] = {
                    "test": report.nodeid,
                    "outcome": report.outcome,
                    "seconds": round(report.duration, 1),
                    "on": datetime.now(UTC).date().isoformat(),
                    "figures": value["figures"],
                }

    def pytest_sessionfinish(self) -> None:
        if self.rows:
            write(self.folder, self.rows)


def write(folder: Path, rows: dict[str, dict[str, Any]]) -> None:
    """Merge a run's rows into the kept ones and render the page."""
    kept = folder / "results.json"
    merged = json.loads(kept.read_text())["results"] if kept.is_file() else {}
    merged = dict(sorted({**merged, **rows}.items()))
    folder.mkdir(parents=True, exist_ok=True)
    machine = machine_line()
    kept.write_text(json.dumps({"machine": machine, "results": merged}, indent=2) + "\n")
    lines = [
        "# What the long tests last showed",
        "",
        f"Written by `make test-long` on {machine}, Python {platform.python_version()}.",
        "",
        "| what | outcome | figures | seconds | on | test |",
        "|---|---|---|---:|---|---|",
    ]
    for name, row in merged.items():
        figures = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in row["figures"].items())
        cells = (name, row["outcome"], figures, row["seconds"], row["on"], f"`{row['test']}`")
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    (folder / "RESULTS.md").write_text("\n".join(lines) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    folder = os.environ.get("ORGWARDEN_ASSURANCE_FOLDER")
    if folder and not hasattr(config, "workerinput"):  # the controlling process only
        config.pluginmanager.register(Collector(Path(folder)), "assurance-collector")
