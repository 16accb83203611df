"""What is left behind by a test is searched: a planted secret of an org is found, nothing else."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.support.fixtures import StartOrgsim
from tests.support.left import Left


def test_a_secret_of_an_org_is_found_in_each_place_of_what_is_left(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(users=8, days=2, speed=0, event_monitoring="none")
    earlier = sim.token()
    home, pictures = tmp_path / "home", tmp_path / "pictures"
    home.mkdir()
    pictures.mkdir()
    left = Left(home, texts=lambda: b"printed", also=[pictures], typed={"password": ["hush " * 4]})
    left.talks_to(sim)
    token = sim.token()
    (home / "log").write_text(f"{earlier}\n")  # given out before: none of this test's business
    assert left.leaks() == []
    (pictures / "page.html.gz").write_bytes(gzip.compress(token.encode()))
    sim.stop()  # what it gave out is known though it ended
    assert any("access token" in leak and "page.html.gz" in leak for leak in left.leaks())
    (pictures / "page.html.gz").unlink()
    (home / "log").write_text("it said hush hush hush hush and no more")
    assert any("password" in leak for leak in left.leaks())
