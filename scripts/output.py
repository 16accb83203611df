"""Put real output of a running demo into README: every block between `output` marks is made anew.

    .venv/bin/python -m scripts.output

A mark names the command: `<!-- output: orgwarden status -->`. Run it beside `make demo`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from scripts.demo import DEMO, ROOT

README = ROOT / "README.md"
MARK = re.compile(r"(<!-- output: (?P<command>[^>]+?) -->\n```\n).*?(```\n<!-- end -->)", re.DOTALL)
WIDTH = "100"  # columns, so that a table fits the page


def output_of(command: str) -> str:
    """What the command prints on the demo's home."""
    program, *words = shlex.split(command)
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *words],
        env={**os.environ, "ORGWARDEN_HOME": str(DEMO / "home"), "COLUMNS": WIDTH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.rstrip() + "\n"


def main() -> None:
    """Rewrite README in place."""

    def anew(found: re.Match[str]) -> str:
        return found[1] + output_of(found["command"]) + found[3]

    README.write_text(MARK.sub(anew, README.read_text()))
    print(f"wrote {README.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
