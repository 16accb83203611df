"""`make test`, `make test-long` and `make lint`: prepare, check, run.

1. Prepare the real parts (browser, PostgreSQL, Node, Spark, a C compiler); one that cannot be had
   ends the run in one line.
2. Layers, style and types. A failure here does not hide what the tests say; it fails the run.
3. The tests, on two processes. pytest's closing lines come last.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import parts

BIN = Path(sys.executable).parent  # not resolved: the environment's own folder
LINT = (
    ("layers", [str(BIN / "lint-imports"), "--no-cache"]),
    ("style", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("types", [str(BIN / "mypy")]),
)


MEMORY, ROOM, LEAST = Path("/dev/shm"), 6 << 30, 12 << 30  # noqa: S108 - bytes free there, and in all


@contextmanager
def homes(in_memory: bool) -> Iterator[dict[str, str]]:
    """Where the tests' installations lie: in memory if there is room, else in the usual place.

    Every commit is forced to disk, and thousands of small ones make the tests wait for it.
    """
    if not (in_memory and _room_in_memory()):
        yield {}
        return
    folder = tempfile.mkdtemp(prefix="orgwarden-", dir=MEMORY)
    Path(folder).chmod(0o711)  # PostgreSQL runs as another user, in a folder of its own below
    try:
        yield {"TMPDIR": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _room_in_memory() -> bool:
    try:
        free = os.statvfs(MEMORY)
        told = Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]
    except (OSError, IndexError):  # not Linux, or a container without it
        return False
    return free.f_bavail * free.f_frsize >= ROOM and int(told) * 1024 >= LEAST


def step(name: str, command: list[str], env: dict[str, str], quiet: bool) -> bool:
    """Run one step and say how long it took; a quiet one prints only when it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=parts.ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if quiet and done.returncode:
        print(done.stdout, end="")
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name}: {verdict} ({time.monotonic() - begun:.0f} s)", flush=True)
    return done.returncode == 0


def prepared() -> dict[str, str]:
    """The environment of the tests, with the place of every real part in it."""
    env = dict(os.environ)
    env["ORGWARDEN_TEST_CHROMIUM"] = parts.chromium()
    env["ORGWARDEN_TEST_PG_BIN"] = parts.postgres()
    env["ORGWARDEN_TEST_NODE_MODULES"] = parts.node_modules()
    env["ORGWARDEN_TEST_JAVA"] = parts.spark()
    env["ORGWARDEN_TEST_CC"] = parts.compiler()
    return env


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--long", action="store_true", help="the larger counts")
    parser.add_argument("--lint", action="store_true", help="layers, style and types only")
    parser.add_argument("pytest", nargs="*", help="more for pytest, after --")
    chosen = parser.parse_args()

    env = dict(os.environ)
    if not chosen.lint:
        print("test: preparing the browser, PostgreSQL, Node, Spark and a C compiler", flush=True)
        try:
            env = prepared()
        except parts.PartMissing as missing:
            print(missing, file=sys.stderr)
            return 2
    failed = []
    if not chosen.long:
        failed = [name for name, command in LINT if not step(name, command, env, quiet=True)]
    if not chosen.lint:
        pytest = [sys.executable, "-m", "pytest", "-q"]
        if chosen.long:
            env.setdefault("ORGWARDEN_TEST_SCALE", "10")
            env["ORGWARDEN_ASSURANCE_FOLDER"] = str(parts.ROOT / "docs/assurance")
            pytest += ["-m", "long"]
        else:
            # In our order (tests/support/longest_first.py), not by the size of groups.
            pytest += ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
            pytest += ["--durations", "20"]
        with homes(in_memory=not chosen.long) as where:
            print(f"test: installations lie in {where.get('TMPDIR', 'the temporary folder')}")
            if not step("tests", pytest + chosen.pytest, env | where, quiet=False):
                failed.append("tests")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
