"""A standalone Spark cluster on loopback: one master, two workers, each a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE_S = 120.0
ENOUGH = {
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.showConsoleProgress": "false",
}


class Cluster:
    """Its programs write into `folder`, where a failure can be read."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self.folder = folder
        self._program = str(Path(pyspark.__file__).parent / "bin/spark-class")
        self._started: list[subprocess.Popen[bytes]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.master = f"spark://127.0.0.1:{port}"
        self._start("master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        self._until("master", "New state: ALIVE")
        for name in ("worker-1", "worker-2"):
            self._start(
                name, "--cores", "1", "--memory", "1g", "--host", "127.0.0.1",
                "--webui-port", "0", "--work-dir", str(folder / name), self.master,
            )  # fmt: skip
        for name in ("worker-1", "worker-2"):
            self._until(name, "Successfully registered with master")

    def stop(self) -> None:
        for process in reversed(self._started):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._started:
            process.wait(30)

    def _start(self, name: str, *arguments: str) -> None:
        kind = "master.Master" if name == "master" else "worker.Worker"
        with (self.folder / f"{name}.log").open("wb") as log:
            self._started.append(
                subprocess.Popen(
                    [self._program, f"org.apache.spark.deploy.{kind}", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
                         "SPARK_DAEMON_MEMORY": "256m"},
                    start_new_session=True,
                )
            )  # fmt: skip

    def _until(self, name: str, sentence: str) -> None:
        """Wait for a line of a program's log; its end, or too long a wait, fails with the log."""
        log = self.folder / f"{name}.log"
        ends = time.monotonic() + PATIENCE_S
        while sentence not in log.read_text(errors="replace"):
            ended = any(process.poll() is not None for process in self._started)
            if ended or time.monotonic() > ends:
                self.stop()
                raise AssertionError(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.1)


@pytest.fixture(scope="module")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master with two workers, for the tests of one module."""
    assert shutil.which("java"), "Spark needs Java; scripts.parts installs it"
    cluster = Cluster(tmp_path_factory.mktemp("spark"))
    try:
        yield cluster
    finally:
        cluster.stop()
