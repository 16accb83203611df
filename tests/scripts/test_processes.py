"""Programs that scripts start are ended by their id, with what they started themselves."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from scripts.processes import Programs, Stopped, end, is_ours, port_is_free

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Starts a child, says its id, and ignores being asked to end.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_all_that_was_started_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = Programs(tmp_path)
    programs.start("one", SLEEP, dict(os.environ))
    programs.start("two", SLEEP, dict(os.environ))
    pids = [process.pid for process in programs.running.values()]
    assert all(map(alive, pids))
    programs.end_all()
    assert not any(map(alive, pids))
    assert capsys.readouterr().err == ""


def test_a_stubborn_program_ends_with_its_children(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    programs.start("stubborn", [sys.executable, "-c", STUBBORN], dict(os.environ))
    log = programs.log("stubborn")
    programs.wait_for("it", lambda: log.read_text().endswith("\n"), 20)
    process, child = programs.running["stubborn"], int(log.read_text())
    end(process.pid, patience=0.5)
    process.wait()
    time.sleep(0.1)
    assert not alive(process.pid)
    assert not alive(child)


def test_one_that_had_to_be_killed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs = Programs(tmp_path)
    programs.start("stubborn", [sys.executable, "-c", STUBBORN], dict(os.environ))
    log = programs.log("stubborn")
    programs.wait_for("it", lambda: log.read_text().endswith("\n"), 20)
    programs.end_all(patience=0.5)
    assert "stubborn did not end" in capsys.readouterr().err
    assert not programs.running


def test_a_program_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    programs.start("brief", [sys.executable, "-c", "print('no luck'); exit(3)"], dict(os.environ))
    with pytest.raises(Stopped, match=r"brief ended with code 3[\s\S]*no luck"):
        programs.wait_for("it", lambda: False, 20)


def test_an_id_used_again_by_the_system_is_not_ours() -> None:
    assert not is_ours(os.getpid(), "/nowhere/bin/orgsim")
    assert is_ours(os.getpid(), "python")


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not port_is_free(port)
    assert port_is_free(port)
