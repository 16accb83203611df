"""The wheel, installed in an empty environment outside the checkout, is the same product.

The environment sees the pinned dependencies of the runtime and of the emulator and nothing else
of the checkout's: neither the sources nor what only the tests need.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.support.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0  # seconds for a busy machine
PASSWORD = "a password for the wheel"
pytestmark = pytest.mark.xdist_group("wheel")


def sources() -> list[Path]:
    """The product below `src`: what git does not ignore, or all that is not made."""
    try:
        known = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "src"]
        listed = subprocess.run(known, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [
            path.relative_to(ROOT / "src")
            for path in (ROOT / "src").rglob("*")
            if path.is_file() and not re.search(r"__pycache__|\.egg-info|\.pyc$", str(path))
        ]
    found = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path.relative_to("src") for path in found if (ROOT / path).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves things behind."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for path in sources():
        (copy / "src" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src" / path, copy / "src" / path)
    build = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(copy)], cwd=copy, capture_output=True, check=True
    )
    [made] = copy.glob("*.whl")
    return made


def dependencies() -> list[importlib.metadata.Distribution]:
    """The pinned distributions of the runtime and of the emulator that this platform has."""
    text = "".join((ROOT / f"requirements/{n}.txt").read_text() for n in ("runtime", "orgsim"))
    found = []
    for name in sorted(set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", text, re.M))):
        try:
            found.append(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    uv = shutil.which("uv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, check=False
    )
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if made.returncode and uv:  # `make setup` needs one of the two
        subprocess.run([uv, "venv", "--quiet", "--clear", str(folder)], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run(
        [*install, "--no-deps", "--no-index", str(wheel)],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        check=True,
    )
    [packages] = folder.glob("lib/python3*/site-packages")
    for dependency in dependencies():
        for top in {file.parts[0] for file in dependency.files or ()} - {"..", "__pycache__"}:
            there, here = Path(str(dependency.locate_file(top))), packages / top
            if not here.exists():
                here.symlink_to(there)
    return folder / "bin"


class Installed:
    """The installed commands, with a home of their own and none of the checkout in sight."""

    def __init__(self, programs: Path, folder: Path, sim_port: int) -> None:
        self.programs, self.folder = programs, folder
        self.sim = f"http://127.0.0.1:{sim_port}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.started: list[subprocess.Popen[bytes]] = []
        kept = {k: os.environ[k] for k in ("PATH", "TMPDIR", "LANG") if k in os.environ}
        self.env = {
            **kept,
            "HOME": str(folder),
            "ORGWARDEN_HOME": str(folder / "home"),
            "ORGWARDEN_PUBLIC_URL": self.address,
            "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": f"127.0.0.1:{sim_port}",
            "ORGWARDEN_ADMIN_USER": "admin",
            "ORGWARDEN_ADMIN_PASSWORD": PASSWORD,
        }

    def run(self, program: str, *words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [str(self.programs / program), *words],
            cwd=self.folder,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, program: str, *words: str) -> None:
        with (self.folder / f"{program}.log").open("wb") as log:
            self.started.append(
                subprocess.Popen(
                    [str(self.programs / program), *words],
                    cwd=self.folder,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    def get(self, session: requests.Session, url: str) -> requests.Response:
        """The first answer of what was just started."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return session.get(url, timeout=30)
            except requests.ConnectionError:
                said = "".join(p.read_text() for p in self.folder.glob("*.log"))
                assert all(p.poll() is None for p in self.started), said
                assert time.monotonic() < until, said
                time.sleep(0.05)

    def stop(self) -> None:
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def installed(environment: Path, tmp_path: Path) -> Iterator[Installed]:
    there = Installed(environment, tmp_path, free_port())
    yield there
    there.stop()


def test_everything_below_src_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert sorted(path.as_posix() for path in sources() if path.as_posix() not in held) == []


def test_the_installed_wheel_connects_collects_and_shows_an_org(installed: Installed) -> None:
    assert installed.run("orgwarden", "version").split()[-1] == "0.1.0"
    where = "import orgwarden, orgsim; print(orgwarden.__file__, orgsim.__file__)"
    for file in installed.run("python", "-c", where).split():
        assert Path(file).is_relative_to(installed.programs.parent)
    installed.run("orgwarden", "init")
    port = installed.sim.rpartition(":")[2]
    installed.start("orgsim", "serve", "--port", port, "--users", "20", "--days", "2")
    installed.start("orgwarden", "web", "--port", str(installed.port))
    with requests.Session() as session:
        session.trust_env = False
        installed.get(session, f"{installed.sim}/services/data/")
        app = json.loads(installed.run("orgsim", "app", "--port", port))
        installed.run(
            "orgwarden", "org", "connect", "prod", "--url", installed.sim,
            "--client-id", app["consumer_key"], "--client-secret-stdin", "--tier", "sign_ins",
            stdin=app["consumer_secret"],
        )  # fmt: skip
        installed.run("orgwarden", "collect", "prod", "--source", "login_history")
        [tenant] = json.loads(installed.run("orgwarden", "status", "--json"))["orgs"]
        assert next(s for s in tenant["sources"] if s["id"] == "login_history")["rows"] > 0

        page = installed.get(session, f"{installed.address}/sign-in/")
        assert page.status_code == 200
        parts = re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text)
        assert {Path(part).suffix for part in parts} >= {".css", ".js", ".svg"}
        for part in parts:
            answer = session.get(urljoin(installed.address, part), timeout=30)
            assert answer.status_code == 200, part
            assert answer.content
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        said = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        origin = {"Referer": page.url, "Origin": installed.address}
        answer = session.post(page.url, said, headers=origin, timeout=30)
        assert answer.status_code == 200
        shown = session.get(f"{installed.address}/integrations/?open=salesforce", timeout=30)
        assert shown.status_code == 200
        assert ">prod<" in re.sub(r">\s+|\s+<", lambda m: m[0].strip(), shown.text)
