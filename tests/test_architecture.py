"""ARCHITECTURE.md, enforced: layers, the pure core, two programs apart, sizes and names."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
MODULE_LINES = 400
FLOW_LINES = 150
NOT_A_NAME = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
    "handler",
    "processor",
    "service",
    "data",
    "info",
}


def modules(under: str = "") -> list[Path]:
    """Every module of both programs, or of one package, without the migrations Django writes."""
    found = sorted((SRC / under).rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts on the packages below `root/src`."""
    return subprocess.run(
        [str(LINT_IMPORTS), "--no-cache", "--config", str(root / "pyproject.toml")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code whose imports may be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("static", "templates", "__pycache__", "*.egg-info")
    shutil.copytree(SRC, tmp_path / "src", ignore=ignored)
    return tmp_path


def test_the_layers_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("orgwarden/core/wrong.py", "import orgwarden.lake"),
        ("orgwarden/lake/wrong.py", "import orgwarden.flows"),
        ("orgwarden/lake/wrong.py", "import orgwarden.records"),
        ("orgwarden/catalog/wrong.py", "import orgwarden.lake"),
        ("orgwarden/salesforce/wrong.py", "def late():\n    import orgwarden.records\n"),
        ("orgwarden/flows/wrong.py", "import orgwarden.worker"),
        ("orgwarden/worker/wrong.py", "import orgwarden.web"),
        ("orgwarden/web/wrong.py", "import orgwarden.cli"),
        ("orgwarden/web/wrong.py", "import orgwarden.site"),
        ("orgwarden/core/wrong.py", "import orgsim"),
        ("orgsim/wrong.py", "import orgwarden.core"),
    ],
)
def test_a_wrong_import_is_refused(tree: Path, module: str, line: str) -> None:
    (tree / "src" / module).write_text(line + "\n")
    done = lint(tree)
    assert done.returncode == 1
    wrong = module.removesuffix(".py").replace("/", ".")
    assert wrong in done.stdout
    assert "BROKEN" in done.stdout


def test_a_package_that_is_not_listed_is_refused(tree: Path) -> None:
    (tree / "src/orgwarden/sidedoor").mkdir()
    (tree / "src/orgwarden/sidedoor/__init__.py").write_text("")
    done = lint(tree)
    assert done.returncode == 1
    assert "sidedoor" in done.stdout


def test_every_layer_is_a_package_that_exists() -> None:
    listed = {"cli", "site", "web", "worker", "flows", "catalog", "salesforce", "lake", "records"}
    listed |= {"notify", "core"}
    found = {path.parent.name for path in SRC.glob("orgwarden/*/__init__.py")}
    assert found == listed


def test_the_core_imports_the_standard_library_only() -> None:
    outside = [
        f"{path.relative_to(SRC)}:{line} imports {name}"
        for path in modules("orgwarden/core")
        for line, name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith("orgwarden.core")
    ]
    assert outside == []


def test_the_two_programs_never_import_each_other() -> None:
    crossings = [
        f"{path.relative_to(SRC)}:{line} imports {name}"
        for program, other in (("orgwarden", "orgsim"), ("orgsim", "orgwarden"))
        for path in modules(program)
        for line, name in imported(path)
        if name.partition(".")[0] == other
    ]
    assert crossings == []


def test_only_the_salesforce_package_speaks_to_salesforce() -> None:
    strangers = [
        f"{path.relative_to(SRC)}:{line} imports {name}"
        for path in modules("orgwarden")
        for line, name in imported(path)
        if name.partition(".")[0] in {"requests", "urllib3", "httpx", "aiohttp"}
        and path.relative_to(SRC / "orgwarden").parts[0] not in {"salesforce", "notify"}
    ]
    assert strangers == []


@pytest.mark.parametrize(("under", "limit"), [("", MODULE_LINES), ("orgwarden/flows", FLOW_LINES)])
def test_modules_stay_short(under: str, limit: int) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(under)}
    long = [f"{path.relative_to(SRC)}: {n}" for path, n in lengths.items() if n > limit]
    assert long == []


def test_modules_are_named_for_what_they_are_about() -> None:
    named = [str(path.relative_to(SRC)) for path in modules() if path.stem in NOT_A_NAME]
    named += [str(p.parent.relative_to(SRC)) for p in modules() if p.parent.name in NOT_A_NAME]
    assert named == []


def test_every_module_says_what_it_is() -> None:
    silent = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(str(path.relative_to(SRC)))
    assert silent == []
