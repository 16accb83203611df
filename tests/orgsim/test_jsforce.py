"""jsforce, unchanged, against the emulator over https."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from orgsim import tls
from tests.orgsim import standin

HOME = Path(__file__).parent.parent / "js"
WALK = Path(__file__).with_name("jsforce_walk.cjs")


@pytest.fixture(scope="module")
def saw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What one walk of jsforce through the org saw."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.fail("node and npm are needed to test with jsforce: apt-get install nodejs npm")
    if not (HOME / "node_modules" / "jsforce").is_dir():
        install = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(install, cwd=HOME, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"npm could not install jsforce: {done.stderr[-500:]}")
    org = standin.make_org(speed=0, tls=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORGSIM_HOME", str(tmp_path_factory.mktemp("authority")))
        with standin.serving(org, tls=True) as server:
            authority = str(tls.home() / "ca.pem")
            with requests.Session() as session:
                session.trust_env, session.verify = False, authority
                answer = session.get(
                    f"{server.base_url}/_sim/token?user=anna@example.org", timeout=10
                )
            done = subprocess.run(
                [node, str(WALK)],
                env=os.environ
                | {
                    "JS_HOME": str(HOME),
                    "ORG_URL": server.base_url,
                    "ORG_TOKEN": answer.json()["access_token"],
                    "APP_KEY": "3MVG9Robot",
                    "APP_SECRET": "secret-of-Robot",
                    "NODE_EXTRA_CA_CERTS": authority,
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            yield json.loads(done.stdout.splitlines()[-1])


def test_query_and_its_pages(saw: dict[str, Any]) -> None:
    assert saw["manager"] == "Anna Example"
    assert saw["found"] == "Anna Example"
    assert saw["rows"] == saw["fetched"] == standin.LOGINS


def test_child_subqueries(saw: dict[str, Any]) -> None:
    assert saw["children"] == 1


def test_bulk_2_query(saw: dict[str, Any]) -> None:
    assert saw["bulk"] == standin.LOGINS
    assert saw["quoted"] == standin.LOGINS // 10


def test_tooling_limits_and_describe(saw: dict[str, Any]) -> None:
    assert saw["tooling"] == "SecurityHealthCheck"
    assert saw["limit"] == saw["usage"] == 100_000
    assert saw["fields"] > 15
    assert saw["objects"] > 20


def test_identity_client_credentials_and_errors(saw: dict[str, Any]) -> None:
    assert saw["identity"] == "anna@example.org"
    assert saw["run_as"] == "robot@example.org"
    assert saw["error"] == "INVALID_FIELD"
