"""What the long tests showed is kept, also from tests that did not run this time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.assurance import KEY, Collector


def report(name: str, **figures: float) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"tests/test_{name}.py::test_{name}",
        location=("", None, ""),
        keywords={},
        outcome="passed",
        longrepr=None,
        when="call",
        duration=1.25,
        user_properties=[(KEY, {"name": name, "figures": figures})],  # type: ignore[list-item]
    )


def test_figures_of_a_run_are_merged_into_the_kept_ones(tmp_path: Path) -> None:
    for name, runs in (("kills", 200), ("fuzz", 9), ("kills", 2000)):
        collector = Collector(tmp_path)
        collector.pytest_runtest_logreport(report(name, runs=runs))
        collector.pytest_sessionfinish()
    page = (tmp_path / "RESULTS.md").read_text()
    assert "| kills | passed | runs 2000 | 1.2 |" in page
    assert "| fuzz | passed | runs 9 | 1.2 |" in page
    assert page.count("| kills |") == 1


def test_a_run_without_figures_writes_nothing(tmp_path: Path) -> None:
    Collector(tmp_path).pytest_sessionfinish()
    assert list(tmp_path.iterdir()) == []


def test_the_fixture_carries_figures_on_the_report(
    record_assurance: Callable[..., None], request: pytest.FixtureRequest, scale: int
) -> None:
    record_assurance("this", runs=scale)
    assert request.node.user_properties == [(KEY, {"name": "this", "figures": {"runs": scale}})]
    request.node.user_properties.clear()  # it showed nothing that is worth keeping
