"""Where a watched process says that it spends its time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import sampling


def test_a_thread_that_works_is_told_by_its_name_and_its_place(tmp_path: Path) -> None:
    program, file = tmp_path / "program.py", tmp_path / "seen.json"
    inside = tmp_path / "orgwarden/digest.py"
    inside.parent.mkdir()
    inside.write_text(
        "import hashlib, time\n"
        "def work():\n"
        "    while time.thread_time() < 0.3:\n"
        "        hashlib.sha256(bytes(1 << 20))\n"
    )
    program.write_text(
        "import sys, threading\n"
        f"sys.path.insert(0, {str(inside.parent)!r})\n"
        "import digest\n"
        "one = threading.Thread(target=digest.work, name='digest_1')\n"
        "one.start(); one.join()\n"
    )
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = sampling.watched([str(program)], file)
    subprocess.run(words, env={**os.environ, **path}, check=True)
    seen = sampling.seen(file)
    assert 0.2 < seen["threads"]["digest"] <= seen["processor"]
    [ours, _, spent] = seen["places"][0]
    assert ours == "digest.work"
    assert spent > 0.2
