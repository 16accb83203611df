"""`scripts/setup.sh`: a missing prerequisite is named by the command that mends it, first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts/setup.sh"
TOOLS = ("sh", "id", "cat", "cksum", "basename", "dirname")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder to be all of PATH: a shell's tools, and no Python or uv."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def first_line(bare: Path, **more: str) -> str:
    done = subprocess.run(
        [str(bare / "sh"), str(SCRIPT)],
        env={"PATH": str(bare), **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout
    return done.stdout.splitlines()[0]


def apt(packages: str) -> str:
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {packages}"


def test_without_python_the_package_is_named(bare: Path) -> None:
    assert first_line(bare) == apt("python3 python3-venv")


def test_an_old_python_is_not_enough(bare: Path) -> None:
    program(bare / "python3", "exit 1")
    assert first_line(bare) == apt("python3.11 python3.11-venv")


def test_without_venv_the_package_is_named(bare: Path) -> None:
    refusing = f'case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    program(bare / "python3", refusing)
    assert first_line(bare) == apt("python3-venv")


def test_with_uv_and_no_python_uv_brings_one(bare: Path) -> None:
    program(bare / "uv", "exit 0")
    assert first_line(bare) == "uv python install 3.12"


def test_a_python_that_was_named_and_is_not_there_is_said(bare: Path) -> None:
    assert first_line(bare, PYTHON="/nowhere/python") == "make setup PYTHON=python3"
