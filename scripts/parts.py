"""The real parts the tests run against: a browser, a PostgreSQL server, Node, Spark, a C compiler.

Each part is looked for first, then installed (a Debian package where that is allowed, else the
tool's own installer). One that cannot be had raises `PartMissing`, whose message is the one line
a person needs: nothing is skipped in silence.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SERVER_PROGRAMS = ("initdb", "postgres")
NODE_FOLDER = ROOT / "tests/js"


class PartMissing(Exception):
    """A part the tests need can neither be found nor installed."""


def answers(*command: str) -> str | None:
    """What the command prints when it succeeds, or None when it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def find_chromium() -> str | None:
    """A Chromium or Chrome that runs. Ubuntu's package is a stub that may be there and not run."""
    named = os.environ.get("ORGWARDEN_TEST_CHROMIUM")
    for candidate in [named] if named else CHROMIUMS:
        path = shutil.which(candidate)
        if path and answers(path, "--version") is not None:
            return path
    return None


def find_postgres() -> str | None:
    """The folder that holds `initdb` and `postgres`. Debian keeps them out of PATH."""
    folders = [os.environ.get("ORGWARDEN_TEST_PG_BIN", "")]
    folders += [str(Path(path).parent) for path in [shutil.which("initdb")] if path]
    folders += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    folders.append(answers("pg_config", "--bindir") or "")
    for folder in folders:
        if folder and all(os.access(Path(folder, name), os.X_OK) for name in SERVER_PROGRAMS):
            return folder
    return None


def find_node() -> str | None:
    """Node, when npm is there too."""
    return shutil.which("node") if shutil.which("npm") else None


def apt_install(*packages: str) -> bool:
    """Install Debian packages if we may. False when we may not or it did not work."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        as_root: tuple[str, ...] = ()
    elif shutil.which("sudo") and answers("sudo", "-n", "true") is not None:
        as_root = ("sudo", "-n")
    else:
        return False
    print(f"installing {' '.join(packages)} with apt-get", flush=True)
    environment = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive")
    install = (*environment, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages)
    if _ran(*install):
        return True
    return _ran(*environment, "apt-get", "update", "-q") and _ran(*install)


def _ran(*command: str) -> bool:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def playwright_chromium() -> str | None:
    """Playwright's own browser, installed by its own installer."""
    print("installing Chromium with Playwright's installer", flush=True)
    extra = ["--with-deps"] if os.geteuid() == 0 else []
    if not _ran(sys.executable, "-m", "playwright", "install", *extra, "chromium"):
        return None
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    path = answers(sys.executable, "-c", ask)
    return path if path and os.access(path, os.X_OK) else None


def chromium() -> str:
    found = find_chromium()
    if found is None and apt_install("chromium"):
        found = find_chromium()
    found = found or playwright_chromium()
    if found is None:
        raise PartMissing(
            "The browser tests need Chromium: run `apt-get install chromium` as root, or set "
            "ORGWARDEN_TEST_CHROMIUM to a Chromium or Chrome program."
        )
    return found


def postgres() -> str:
    found = find_postgres()
    if found is None and apt_install("postgresql"):
        found = find_postgres()
    if found is None:
        raise PartMissing(
            "The records tests need a PostgreSQL server: run `apt-get install postgresql` as root, "
            "or set ORGWARDEN_TEST_PG_BIN to the folder that holds initdb and postgres."
        )
    return found


def node_modules() -> str:
    """The folder with jsforce, installed from the lock file beside it."""
    node = find_node()
    if node is None and apt_install("nodejs", "npm"):
        node = find_node()
    if node is None:
        raise PartMissing("The jsforce tests need Node: run `apt-get install nodejs npm` as root.")
    modules = NODE_FOLDER / "node_modules"
    lock = (NODE_FOLDER / "package-lock.json").read_text()
    stamp = modules / ".installed-from"
    if not stamp.is_file() or stamp.read_text() != lock:
        print("installing the JavaScript clients of tests/js with npm", flush=True)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
            cwd=NODE_FOLDER,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["npm gave no reason"])[-1]
            raise PartMissing(f"`npm ci` in tests/js failed: {last}")
        stamp.write_text(lock)
    return str(modules)


def find_compiler() -> str | None:
    """A C compiler; the failing disk of the tests is made with it."""
    return shutil.which(os.environ.get("ORGWARDEN_TEST_CC") or "cc")


def compiler() -> str:
    found = find_compiler()
    if found is None and apt_install("gcc", "libc6-dev"):
        found = find_compiler()
    if found is None:
        raise PartMissing(
            "The tests of failing disks need a C compiler: run `apt-get install gcc libc6-dev` as"
            " root, or set ORGWARDEN_TEST_CC to one."
        )
    return found


def install(python: str, *given: str) -> str:
    """Install into an environment. The last line of what went wrong, if something did."""
    uv = shutil.which("uv") if answers("uv", "--version") else None
    pip = [uv, "pip", "install", "--quiet", "--python", python] if uv else None
    pip = pip or [python, "-m", "pip", "install", "--quiet", "--no-input"]
    done = subprocess.run(
        [*pip, *given], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    said = done.stderr.strip().splitlines() or ["pip gave no reason"]
    return said[-1] if done.returncode else ""


def find_java() -> str | None:
    """A Java that Spark runs on."""
    java = shutil.which("java")
    return java if java and answers(java, "-version") is not None else None


def spark() -> str:
    """Java, with PySpark in this environment, from the lock file."""
    java = find_java()
    if java is None and apt_install("openjdk-17-jre-headless"):
        java = find_java()
    if java is None:
        raise PartMissing(
            "The Spark tests need Java 17: run `apt-get install openjdk-17-jre-headless` as root."
        )
    if answers(sys.executable, "-c", "import pyspark, sqlglot") is None:
        print("installing PySpark from requirements/spark.txt", flush=True)
        given = ("--no-build-isolation", "--require-hashes", "-r", "requirements/spark.txt")
        if wrong := install(sys.executable, *given):
            raise PartMissing(f"Installing requirements/spark.txt failed: {wrong}")
    return java
