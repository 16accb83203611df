"""One installation with one collected org, for the commands that only look."""

from __future__ import annotations

import pytest

from tests.support.command import Installation
from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer


@pytest.fixture(scope="session")
def still_org(shared_orgsim: StartOrgsim) -> OrgsimServer:
    """An emulated org that stands still."""
    return shared_orgsim(users=6, days=2, speed=0, seed=3)


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory, still_org: OrgsimServer) -> Installation:
    """An installation whose tenant `prod` was collected once."""
    made = Installation(tmp_path_factory.mktemp("cli") / "home", still_org)
    made.init()
    made.connect("prod", still_org)
    made.run("collect", "prod", exits=0)
    return made


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory, still_org: OrgsimServer) -> Installation:
    """An installation whose home does not exist yet."""
    return Installation(tmp_path_factory.mktemp("cli") / "home", still_org)
